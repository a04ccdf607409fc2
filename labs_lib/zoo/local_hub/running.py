"""Starting and stopping the hub: beside a notebook in a thread, or alone in a terminal."""

from __future__ import annotations

import http.client
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...course.root import STATE
from .clients import settings
from .refusals import Limits

if TYPE_CHECKING:
    import uvicorn

ROOT = STATE / "hub"
LOOPBACK = "127.0.0.1"  # never anything else: whoever reaches the port can read everything
PORT = 8735
PATIENCE = 10  # seconds, for a start or a stop


@dataclass(frozen=True)
class Hub:
    """A hub that answers. ``home`` is a folder for the caches of its clients."""

    endpoint: str
    token: str | None
    home: Path


@contextmanager
def local_hub(
    root: Path | str | None = None, *, token: str | None = None, port: int = 0, limits: Limits | None = None
) -> Iterator[Hub]:
    """Run a hub in a thread for as long as the block lasts.

    Args:
        root: the folder where repositories stay, also after the block; ``.labs/hub`` when not given.
        token: who writes must show it; a new random one when not given.
        port: on 127.0.0.1; 0 for any free one. It is free again after the block.
        limits: how large things may be.

    Raises:
        OSError: the port is in use, or the folder cannot be written.
    """
    root, token = Path(root or ROOT), token or secrets.token_urlsafe(16)
    with _listening(port) as listener:
        server = _server(root, token, limits)
        thread = threading.Thread(target=server.run, args=([listener],), name="local hub", daemon=True)
        thread.start()
        hub = Hub(_endpoint(listener), token, root.parent / f"{root.name}-clients")
        try:
            _wait(hub)
            yield hub
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


def serve(root: Path | str | None = None, *, token: str | None = None, port: int = PORT) -> None:
    """Run a hub in this thread until Ctrl-C, and say how to reach it."""
    root = Path(root or ROOT)
    with _listening(port) as listener:
        server = _server(root, token, None)
        endpoint = _endpoint(listener)
        print(f"{root} is served at {endpoint} (Ctrl-C stops it). Set this where the clients run:")
        for name, value in settings(endpoint, token).items():
            print(f"  {name}={value}")
        print(end="", flush=True)
        try:
            server.run([listener])
        except KeyboardInterrupt:
            print("stopped")


def _server(root: Path, token: str | None, limits: Limits | None) -> uvicorn.Server:
    import uvicorn

    from .app import make_app
    from .snapshots import Store

    return uvicorn.Server(
        uvicorn.Config(
            make_app(Store(root, limits), token),
            http="h11",
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,  # a library does not set up logging
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=3,
        )
    )


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """A socket that takes connections from this machine. Who connects before the server runs waits in line."""
    with socket.socket() as listener:
        if os.name == "posix":  # elsewhere this option would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except (OSError, OverflowError) as error:
            raise OSError(f"port {port} is not free ({error}): choose another, or 0 for any free one") from None
        listener.listen()
        yield listener


def _endpoint(listener: socket.socket) -> str:
    return f"http://{LOOPBACK}:{listener.getsockname()[1]}"


def _wait(hub: Hub) -> None:
    """Ask once; the answer comes when the server runs. Not through a proxy, whatever the settings say."""
    connection = http.client.HTTPConnection(hub.endpoint.removeprefix("http://"), timeout=PATIENCE)
    try:
        connection.request("GET", "/api/models/labs/none")
        connection.getresponse().read()
    finally:
        connection.close()
