"""The addresses that clients write to: make a repository, send large files, commit.

A client asks first how to send each file. Small ones travel inside the commit. Large ones go on their own by
the LFS protocol, which names a file by its SHA-256: the client asks for an address, PUTs the bytes there, and
the commit names the hash.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .contents import Content
from .exchange import arriving, check_token, json_body, json_object, lines, repo_of, revision_of, store_of
from .names import SHA256, file_path, repo_id
from .reading import MODEL, OWNER, POINTER
from .refusals import Refused, no_revision, too_large
from .snapshots import Change, File, Store

LONGEST_MESSAGE = 2**16  # characters
LONGEST_NAME = 2**16  # bytes of a line of a commit beside the file's content
NUMBER = re.compile(r"[0-9]{1,15}")


async def create(request: Request) -> Response:
    """Make an empty repository."""
    asked = await json_body(request)
    if asked.get("type", "model") != "model":
        raise Refused(400, f"this hub holds models only, not a {asked['type']!r}")
    if asked.get("private") or asked.get("visibility", "public") != "public":
        raise Refused(400, "this hub hides nothing from the programs of this machine: leave private=True out")
    try:
        repo = repo_id(str(asked.get("organization") or OWNER), str(asked.get("name")))
    except Refused as error:
        raise Refused(400, f"{error.message}, and the name is not allowed") from None
    url = f"{request.base_url}{repo}"
    try:
        await run_in_threadpool(store_of(request).create, repo)
    except Refused as error:
        if error.status == 409:
            return JSONResponse({"error": error.message, "url": url}, status_code=409)
        raise
    return JSONResponse({"name": repo, "id": repo, "url": url})


async def validate_yaml(request: Request) -> Response:
    """Clients ask before they send a model card. This hub never reads it."""
    await json_body(request)
    return JSONResponse({"errors": [], "warnings": []})


async def preupload(request: Request) -> Response:
    """How to send each file, and which file is there now: an unchanged one is not sent again."""
    store, asked = store_of(request), await json_body(request)
    present = store.snapshot(repo_of(request), _main(request)).files
    answers = []
    for wanted in _objects(asked, "files"):
        path, size = file_path(wanted.get("path")), _size(wanted)
        if size > store.limits.file:
            raise too_large(path, store.limits.file)
        mode = "lfs" if size > store.limits.regular else "regular"
        answer: dict[str, Any] = {"path": path, "uploadMode": mode, "shouldIgnore": False}
        if path in present and present[path].large == (mode == "lfs"):
            answer["oid"] = present[path].etag
        answers.append(answer)
    return JSONResponse({"files": answers})


async def lfs_batch(request: Request) -> Response:
    """An address to send each large file to, or none where its bytes are here."""
    store, asked = store_of(request), await json_body(request)
    store.snapshot(repo_of(request))
    answers: list[dict[str, Any]] = []
    for wanted in _objects(asked, "objects"):
        content = _content(wanted)
        answer: dict[str, Any] = {"oid": content.sha256, "size": content.size}
        if content.size > store.limits.file:
            answer["error"] = {"code": 413, "message": too_large("the file", store.limits.file).message}
        elif not await run_in_threadpool(store.contents.has, content):
            ticket = f"size={content.size}&ticket={_ticket(request, content)}"
            answer["actions"] = {"upload": {"href": f"{request.base_url}lfs/{content.sha256}?{ticket}"}}
        answers.append(answer)
    return JSONResponse({"transfer": "basic", "objects": answers})


async def lfs_upload(request: Request) -> Response:
    """A large file's bytes. Clients send no token to this address: the ticket in it stands for one."""
    size = request.query_params.get("size", "")
    promised = _content({"oid": request.path_params["sha256"], "size": int(size) if NUMBER.fullmatch(size) else None})
    store = store_of(request)
    shown = request.query_params.get("ticket", "")
    if not hmac.compare_digest(shown.encode(), _ticket(request, promised).encode()):
        raise Refused(403, "this address was not made by this hub, or it was started anew since")
    with store.contents.receive(promised.size) as content:
        async for piece in arriving(request, store.limits.file):
            content.write(piece)
        await run_in_threadpool(content.keep, promised)
    return Response()


async def commit(request: Request) -> Response:
    """All changes at once: JSON objects, one a line; the first has the message."""
    store, repo = store_of(request), repo_of(request)
    check_token(request)
    if request.query_params.get("create_pr"):
        raise Refused(400, "this hub has no pull requests: leave create_pr out")
    await run_in_threadpool(store.snapshot, repo, _main(request))
    header: dict[str, Any] = {}
    changes: list[Change] = []
    async for line in lines(arriving(request, store.limits.commit), 2 * store.limits.regular + LONGEST_NAME):
        if not line.strip():
            continue
        item = json_object(line)
        key, value = item.get("key"), item.get("value")
        if not isinstance(value, dict):
            raise Refused(400, f"a line of the commit has no value: {line[:40]!r}")
        if key == "header":
            header = value
        else:
            changes.append(await run_in_threadpool(_change, store, key, value))
        if len(changes) > store.limits.files:
            raise Refused(413, f"a commit to this hub changes at most {store.limits.files} files")
    made = await run_in_threadpool(store.commit, repo, changes, *_words(header))
    url = f"{request.base_url}{repo}/commit/{made}"
    return JSONResponse({"success": True, "commitOid": made, "commitUrl": url, "hookOutput": ""})


async def no_xet(request: Request) -> Response:
    raise Refused(404, "this hub has no Xet storage: set HF_HUB_DISABLE_XET=1 to send large files")


def _change(store: Store, key: object, value: dict[str, Any]) -> Change:
    """One line of a commit; a small file's bytes are kept at once."""
    path = value.get("path")
    if key == "deletedFolder":
        return Change(file_path(str(path).rstrip("/")), folder=True)
    path = file_path(path)
    if key == "deletedFile":
        return Change(path)
    if key == "lfsFile":
        content = _content(value)
        return Change(path, File(content.sha256, content.size, _oid(_pointer(content)), large=True))
    if key != "file" or value.get("encoding") != "base64":
        raise Refused(400, f"this hub does not know the change {key!r} in {str(value.get('encoding'))!r}")
    try:
        data = base64.b64decode(value.get("content", ""), validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise Refused(400, f"the content of {path} is not base64") from None
    if len(data) > store.limits.regular:
        raise too_large(f"{path}, inside a commit,", store.limits.regular)
    content = store.contents.add(data)
    return Change(path, File(content.sha256, content.size, _oid(data), large=False))


def _words(header: dict[str, Any]) -> list[str]:
    """Title, message and expected parent of a commit."""
    words = [str(header.get(key) or "") for key in ("summary", "description", "parentCommit")]
    if max(map(len, words)) > LONGEST_MESSAGE:
        raise Refused(413, f"a commit's message has at most {LONGEST_MESSAGE} characters here")
    return [word.encode("utf-8", "replace").decode() for word in words]  # half a surrogate pair is no text


def _main(request: Request) -> str:
    """The revision to write to, which can only be the branch: snapshots never change."""
    if revision_of(request) != "main":
        raise no_revision(repo_of(request), revision_of(request))
    return "main"


def _oid(data: bytes) -> str:
    """What git calls these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _pointer(content: Content) -> bytes:
    return POINTER.format(content.sha256, content.size).encode()


def _ticket(request: Request, content: Content) -> str:
    """A proof that this hub gave out the address, good until it stops."""
    secret: bytes = request.app.state.secret
    return hmac.new(secret, f"{content.sha256} {content.size}".encode(), "sha256").hexdigest()


def _objects(asked: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = asked.get(key)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Refused(400, f"{key} must be a list of objects")
    return found


def _size(wanted: dict[str, Any]) -> int:
    size = wanted.get("size")
    if not isinstance(size, int) or size < 0:
        raise Refused(400, f"size must be a number of bytes, got {size!r}")
    return size


def _content(wanted: dict[str, Any]) -> Content:
    sha256 = str(wanted.get("oid"))
    if not SHA256.fullmatch(sha256):
        raise Refused(400, f"oid must be a SHA-256 of 64 hexadecimal digits, got {sha256[:80]!r}")
    return Content(sha256, _size(wanted))


ROUTES = [
    Route("/api/repos/create", create, methods=["POST"]),
    Route("/api/validate-yaml", validate_yaml, methods=["POST"]),
    Route(MODEL + "/preupload/{revision:path}", preupload, methods=["POST"]),
    Route(MODEL + "/commit/{revision:path}", commit, methods=["POST"]),
    Route(MODEL + "/xet-write-token/{revision:path}", no_xet),
    Route("/{owner}/{name}.git/info/lfs/objects/batch", lfs_batch, methods=["POST"]),
    Route("/lfs/{sha256}", lfs_upload, methods=["PUT"]),
]
