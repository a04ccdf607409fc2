"""A server that is killed at any moment leaves the old revision whole or the new one, and starts again."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labs_lib.course.root import ROOT
from labs_lib.zoo.local_hub import Hub
from labs_lib.zoo.local_hub.contents import ABANDONED
from labs_lib.zoo.local_hub.snapshots import Change, File, Store

from .conftest import DEADLINE, Served, ask, commit_lines, lfs_address, sha256, until

REPO = "labs/tiny"
OLD, NEW = b"old" * 1_000, bytes(range(256)) * 4_000
COMMIT = f"/api/models/{REPO}/commit/main"
CRASH = """
import os, sys, tempfile
from pathlib import Path
from labs_lib.zoo.local_hub.snapshots import Change, File, Store

store, steps = Store(Path(sys.argv[1])), int(sys.argv[2])

def dying(function):
    def step(*arguments, **options):
        global steps
        steps -= 1
        if steps == 0:
            os._exit(9)
        return function(*arguments, **options)
    return step

for module, name in ((os, "replace"), (os, "fsync"), (tempfile, "mkstemp"), (os, "fdopen")):
    setattr(module, name, dying(getattr(module, name)))
content = store.contents.add(b"new")
store.commit("labs/tiny", [Change("w", File(content.sha256, content.size, "0" * 40, False)), Change("old")], "second")
"""


def change(path: str, data: bytes) -> tuple[str, dict[str, object]]:
    return "file", {"path": path, "content": base64.b64encode(data).decode(), "encoding": "base64"}


def prepare(hub: Hub) -> str:
    """A repository with one file; returns its commit."""
    assert ask(hub, "POST", "/api/repos/create", {"organization": "labs", "name": "tiny"})[0] == 200
    status, _, answer = ask(hub, "POST", COMMIT, commit_lines(change("old", OLD)))
    assert status == 200
    commit: str = json.loads(answer)["commitOid"]
    return commit


def half_of(hub: Hub, method: str, path: str, body: bytes) -> socket.socket:
    """Begin a request and send half of its body."""
    host, port = hub.endpoint.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=DEADLINE)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", f"Content-Length: {len(body)}"]
    lines += [f"Authorization: Bearer {hub.token}", "", ""]
    connection.sendall("\r\n".join(lines).encode() + body[: len(body) // 2])
    return connection


def unfinished(root: Path) -> int:
    """Bytes that are in incoming."""
    return sum(path.stat().st_size for path in (root / "incoming").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["large", "commit"])
def test_a_server_killed_in_an_upload_keeps_the_old_revision(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "hub"
    with Served(root) as served:
        before = prepare(served.hub)
        if kind == "large":
            connection = half_of(served.hub, "PUT", lfs_address(served.hub, REPO, NEW), NEW)
        else:  # the first file of the commit has arrived, the second one is cut
            connection = half_of(served.hub, "POST", COMMIT, commit_lines(change("a", NEW[:9]), change("old", NEW)))
        blob = root / "blobs" / sha256(NEW[:9])
        until(lambda: unfinished(root) > 0 if kind == "large" else blob.exists())
        served.process.kill()
        served.process.wait()
        connection.close()
    with Served(root) as again:
        status, headers, body = ask(again.hub, "GET", f"/{REPO}/resolve/main/old")
        assert (status, body, headers["x-repo-commit"]) == (200, OLD, before)
        assert [
            file["rfilename"] for file in json.loads(ask(again.hub, "GET", f"/api/models/{REPO}")[2])["siblings"]
        ] == ["old"]
        address = lfs_address(again.hub, REPO, NEW)
        assert ask(again.hub, "PUT", address, NEW)[0] == 200  # and the same upload succeeds now
        wanted = {"path": "new", "oid": sha256(NEW), "size": len(NEW)}
        assert ask(again.hub, "POST", COMMIT, commit_lines(("lfsFile", wanted)))[0] == 200
        assert ask(again.hub, "GET", f"/{REPO}/resolve/main/new")[2] == NEW
        assert ask(again.hub, "GET", f"/{REPO}/resolve/{before}/old")[2] == OLD


def test_a_client_that_goes_away_leaves_nothing(hub: Hub, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = tmp_path / "hub"
    before = prepare_small(hub)
    connection = half_of(hub, "PUT", lfs_address(hub, REPO, NEW), NEW)
    until(lambda: unfinished(root) > 0)
    connection.close()
    until(lambda: not list((root / "incoming").iterdir()))
    half_of(hub, "POST", COMMIT, commit_lines(change("a", b"a"), change("b", b"b" * 1_000))).close()
    assert json.loads(ask(hub, "GET", f"/api/models/{REPO}")[2])["sha"] == before
    assert not caplog.records  # a notebook would show them


def prepare_small(hub: Hub) -> str:
    assert ask(hub, "POST", "/api/repos/create", {"organization": "labs", "name": "tiny"})[0] == 200
    sha: str = json.loads(ask(hub, "GET", f"/api/models/{REPO}")[2])["sha"]
    return sha


@pytest.mark.slow
def test_a_commit_killed_at_any_step_has_happened_or_not(tmp_path: Path) -> None:
    seen = set()
    for step in range(1, 30):
        root = tmp_path / str(step)
        store = Store(root)
        store.create(REPO)
        content = store.contents.add(OLD)
        first = store.commit(REPO, [Change("old", File(content.sha256, content.size, "0" * 40, False))], "first")
        done = subprocess.run([sys.executable, "-c", CRASH, str(root), str(step)], cwd=ROOT, timeout=DEADLINE)
        after = Store(root)
        now = after.snapshot(REPO)
        assert all(after.contents.path(f.content).read_bytes() in (OLD, b"new") for f in now.files.values())
        assert after.snapshot(REPO, first).files.keys() == {"old"}
        if done.returncode == 0:
            assert now.files.keys() == {"w"}
            break
        assert done.returncode == 9
        seen.add(tuple(now.files))
        assert now.id == first
    else:
        pytest.fail("the commit never came to its end")
    assert step > 8 and seen == {("old",)}


def test_leftovers_are_swept_when_they_are_old(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old, young = store.contents.incoming / "old", store.contents.incoming / "young"
    for path in (old, young):
        path.write_bytes(b"half")
    long_ago = time.time() - ABANDONED - 60
    os.utime(old, (long_ago, long_ago))
    Store(tmp_path)
    assert not old.exists() and young.exists()
