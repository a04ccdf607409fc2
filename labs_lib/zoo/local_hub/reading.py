"""The addresses that clients read: what there is, and the files themselves."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from .exchange import check_token, repo_of, revision_of, store_of
from .refusals import Refused, no_file, no_repository
from .snapshots import File, Snapshot, below

OWNER = "labs"  # the account that everybody is here; names without an owner get it
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"  # what git holds of a large file


def whoami(request: Request) -> Response:
    check_token(request)
    access = {"type": "access_token", "accessToken": {"displayName": "local hub", "role": "write"}}
    return JSONResponse({"type": "user", "name": OWNER, "fullname": OWNER, "orgs": [], "auth": access})


def models(request: Request) -> Response:
    store, asked = store_of(request), request.query_params
    found = [repo for repo in store.repositories() if asked.get("author") in (None, repo.split("/")[0])]
    return JSONResponse([_info(store.snapshot(repo), repo) for repo in found if asked.get("search", "") in repo])


def model(request: Request) -> Response:
    store, repo = store_of(request), repo_of(request)
    return JSONResponse(_info(store.snapshot(repo, revision_of(request)), repo))


def tree(request: Request) -> Response:
    """The files and folders of a folder; with ``recursive``, of all folders in it too."""
    snapshot = store_of(request).snapshot(repo_of(request), revision_of(request))
    folder = request.path_params.get("path", "").strip("/")
    inside = {path: file for path, file in snapshot.files.items() if below(path, folder)}
    if folder and not inside:
        raise no_file(folder, snapshot.id)
    start = len(folder) + 1 if folder else 0
    folders = {path[:end] for path in inside for end in range(start, len(path)) if path[end] == "/"}
    entries: list[dict[str, Any]] = [
        {"type": "directory", "path": path, "oid": snapshot.id, "size": 0} for path in folders
    ]
    entries += [_file(path, file) for path, file in inside.items()]
    if request.query_params.get("recursive", "").lower() not in ("true", "1"):
        entries = [entry for entry in entries if "/" not in entry["path"][start:]]
    return JSONResponse(sorted(entries, key=lambda entry: entry["path"]))


def commits(request: Request) -> Response:
    """The history of a revision, newest first."""
    found = store_of(request).history(repo_of(request), revision_of(request))
    authors = [{"user": OWNER}]
    return JSONResponse(
        [{"id": s.id, "title": s.title, "message": s.message, "date": s.date, "authors": authors} for s in found]
    )


def refs(request: Request) -> Response:
    newest = store_of(request).snapshot(repo_of(request))
    main = {"name": "main", "ref": "refs/heads/main", "targetCommit": newest.id}
    return JSONResponse({"branches": [main], "tags": [], "converts": []})


def resolve(request: Request) -> Response:
    """A file's bytes, or with HEAD only what is known of it. Parts of it too: Starlette answers Range."""
    store = store_of(request)
    snapshot = store.snapshot(repo_of(request), revision_of(request))
    path = request.path_params["path"]
    file = snapshot.files.get(path)
    if file is None:
        raise no_file(path, snapshot.id)
    if not store.contents.has(file.content):
        raise Refused(409, f"the content of {path} is damaged or gone on this hub's disk: {file.sha256}")
    headers = {"X-Repo-Commit": snapshot.id, "ETag": f'"{file.etag}"', "X-Content-Type-Options": "nosniff"}
    if file.large:
        headers |= {"X-Linked-ETag": f'"{file.sha256}"', "X-Linked-Size": str(file.size)}
    return FileResponse(store.contents.path(file.content), headers=headers, media_type="application/octet-stream")


def without_owner(request: Request) -> Response:
    """Every repository here has an owner."""
    raise no_repository(request.path_params["name"])


def _info(snapshot: Snapshot, repo: str) -> dict[str, Any]:
    siblings = [{"rfilename": path, **_file(path, file)} for path, file in snapshot.files.items()]
    fixed = {"private": False, "gated": False, "disabled": False, "downloads": 0, "likes": 0, "tags": []}
    siblings = [{**entry, "blobId": entry["oid"]} for entry in siblings]
    names = {"id": repo, "modelId": repo, "author": repo.split("/")[0]}
    return {**names, **fixed, "sha": snapshot.id, "lastModified": snapshot.date, "siblings": siblings}


def _file(path: str, file: File) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "file", "path": path, "oid": file.oid, "size": file.size}
    if file.large:
        pointer = len(POINTER.format(file.sha256, file.size))
        entry["lfs"] = {"oid": file.sha256, "sha256": file.sha256, "size": file.size, "pointerSize": pointer}
    return entry


MODEL = "/api/models/{owner}/{name}"
ROUTES = [
    Route("/api/whoami-v2", whoami),
    Route("/api/models", models),
    Route(MODEL, model),
    Route(MODEL + "/revision/{revision:path}", model),
    Route(MODEL + "/tree/{revision}", tree),
    Route(MODEL + "/tree/{revision}/{path:path}", tree),
    Route(MODEL + "/commits/{revision:path}", commits),
    Route(MODEL + "/refs", refs),
    Route("/{owner}/{name}/resolve/{revision}/{path:path}", resolve),
    Route("/api/models/{name}", without_owner),
    Route("/api/models/{name}/revision/{revision:path}", without_owner),
    Route("/{name}/resolve/{revision}/{path:path}", without_owner),
]
