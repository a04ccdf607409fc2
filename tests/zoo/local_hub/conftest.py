"""A hub of its own for each test, this process's clients pointed at it, and ways to ask it without them."""

from __future__ import annotations

import hashlib
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labs_lib.course.root import ROOT
from labs_lib.zoo.local_hub import Hub, environment, local_hub, using
from labs_lib.zoo.local_hub.refusals import Limits

SMALL = Limits(regular=2_000, file=2_000_000, commit=20_000, request=10_000, files=20)
DEADLINE = 30  # seconds


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:  # the client's own way to send a large file
            item.add_marker(pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub with small limits: files above 2000 bytes go by the LFS protocol."""
    with local_hub(tmp_path / "hub", limits=SMALL) as running, using(running):
        yield running


def until(condition: Callable[[], object]) -> None:
    """Wait for something that happens soon."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)  # lets the other side work; the deadline, not this, decides


def ask(hub: Hub, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """One request, as written: no client tidies the path up. An object is sent as JSON, with the hub's token."""
    raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection = http.client.HTTPConnection(hub.endpoint.removeprefix("http://"), timeout=DEADLINE)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, raw, {"Authorization": f"Bearer {hub.token}", **names})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def commit_lines(*changes: tuple[str, dict[str, object]]) -> bytes:
    """The body of a commit."""
    items = [("header", {"summary": "test", "description": ""}), *changes]
    return b"".join(json.dumps({"key": key, "value": value}).encode() + b"\n" for key, value in items)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def lfs_address(hub: Hub, repo: str, data: bytes) -> str:
    """Where to PUT a large file, without the host."""
    wanted = {"operation": "upload", "objects": [{"oid": sha256(data), "size": len(data)}]}
    status, _, answer = ask(hub, "POST", f"/{repo}.git/info/lfs/objects/batch", wanted)
    assert status == 200, answer
    address: str = json.loads(answer)["objects"][0]["actions"]["upload"]["href"]
    return address.removeprefix(hub.endpoint)


def run(hub: Hub, code: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a fresh process whose environment points at a hub."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**environment(hub), **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


class Served:
    """``labs hub serve`` in a process of its own."""

    def __init__(self, root: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "labs_lib", "hub", "serve", "--port", "0", "--root", str(root), *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.lines = [self.process.stdout.readline() for _ in range(4)]
        self.settings = dict(line.strip().split("=", 1) for line in self.lines[1:])
        self.hub = Hub(self.settings["HF_ENDPOINT"], self.settings["HF_TOKEN"], root.parent / "clients")

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
