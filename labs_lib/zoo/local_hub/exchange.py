"""What every address needs: who asks, for which repository, and a body of bounded size."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncGenerator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from .names import repo_id
from .refusals import Refused, too_large
from .snapshots import Store


def store_of(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def repo_of(request: Request) -> str:
    """The repository in the address, ``owner/name``."""
    return repo_id(request.path_params["owner"], request.path_params["name"])


def revision_of(request: Request) -> str:
    revision: str = request.path_params.get("revision", "main")
    return revision


def check_token(request: Request) -> None:
    """Refuse who does not hold the hub's token; without one, everybody may write."""
    token: str | None = request.app.state.token
    if token is None:
        return
    shown = request.headers.get("authorization", "")
    if not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
        what = "a wrong token was sent" if shown else "no token was sent"
        raise Refused(401, f"this hub wants its token before it writes, and {what}: set HF_TOKEN, or pass token=")


async def arriving(request: Request, limit: int) -> AsyncGenerator[bytes]:
    """The body's pieces, up to a limit. (Uvicorn takes and drops the rest, so that who is refused hears why.)"""
    size, announced = 0, int(request.headers.get("content-length", 0))
    async for piece in request.stream():
        size += len(piece)
        if max(size, announced) > limit:
            raise too_large("the request", limit)
        yield piece


async def lines(pieces: AsyncGenerator[bytes], longest: int) -> AsyncGenerator[bytes]:
    """The lines of a body, one at a time: a commit is never in memory as a whole."""
    rest = bytearray()
    async for piece in pieces:
        *ends, start = piece.split(b"\n")
        for end in ends:
            yield bytes(rest + end)
            rest.clear()
        rest += start
        if len(rest) > longest:
            raise too_large("a file inside a commit", longest)
    yield bytes(rest)


async def json_body(request: Request) -> dict[str, Any]:
    """The body as a JSON object, from somebody who may write."""
    check_token(request)
    pieces = [piece async for piece in arriving(request, store_of(request).limits.request)]
    return json_object(b"".join(pieces))


def json_object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refused(400, f"this is not JSON: {raw[:40]!r}") from None
    if not isinstance(value, dict):
        raise Refused(400, f"a JSON object was expected, got {raw[:40]!r}")
    return value


def refusal(_request: Request, error: Exception) -> JSONResponse:
    """A refusal as clients want it: the message in the body, and in the headers what a HEAD request can see."""
    assert isinstance(error, Refused)
    said = "".join(character if " " <= character <= "~" else "?" for character in error.message)
    # The client takes a 401 for a missing repository unless it reads this sentence.
    headers = {"X-Error-Message": "Invalid credentials in Authorization header" if error.status == 401 else said}
    headers.update({name: value for name, value in error.headers.items() if value})
    return JSONResponse({"error": error.message}, status_code=error.status, headers=headers)
