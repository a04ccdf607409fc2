"""The hub as a web application, for programs of this machine and for no web page."""

from __future__ import annotations

import secrets

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from . import reading, writing
from .exchange import refusal
from .refusals import Refused
from .snapshots import Store

LOCAL = ("127.0.0.1", "localhost")


def make_app(store: Store, token: str | None) -> Starlette:
    """The hub over one store. ``token``: who writes must show it; None: everybody on this machine may."""
    app = Starlette(
        routes=[*writing.ROUTES, *reading.ROUTES],
        middleware=[Middleware(LocalOnly)],
        exception_handlers={
            Refused: refusal,
            HTTPException: no_such_address,
            OSError: disk,
            ClientDisconnect: gone,
        },
    )
    app.router.redirect_slashes = False
    app.state.store, app.state.token, app.state.secret = store, token, secrets.token_bytes(32)
    return app


class LocalOnly:
    """Refuse web pages. A browser says where a page is from (Origin), and by which name it found us (Host)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if "origin" in headers or headers.get("host", "").rsplit(":", 1)[0] not in LOCAL:
                answer = refusal(Request(scope), Refused(403, "this hub answers programs of this machine only"))
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)


def no_such_address(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refusal(request, Refused(error.status_code, f"this hub has no {request.method} {request.scope['path']!r}"))


def disk(request: Request, error: Exception) -> Response:
    """A full disk, a folder without permission: 507, which clients do not ask again."""
    return refusal(request, Refused(507, f"this hub cannot use its disk: {error}"))


def gone(_request: Request, _error: Exception) -> Response:
    """The client went away in the middle. Nobody reads this."""
    return Response(status_code=400)
