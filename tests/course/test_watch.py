"""`labs watch`: a save yields a verdict, Ctrl-C ends it quietly."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time

import pytest
from watchfiles import Change

PATIENCE = 60  # seconds, for a machine that is busy


@pytest.fixture
def saves(course, monkeypatch):
    """Feeds `labs watch` a list of edits in place of a file system's events; Ctrl-C comes last."""
    watching = course.module("course.watching")

    def run(*edits, path=None):
        def changes(*folders, watch_filter, **options):
            assert folders == (course.file.parent,)
            assert watch_filter(Change.modified, str(course.file))
            assert not watch_filter(Change.modified, str(course.file) + "~")
            assert not watch_filter(Change.modified, str(course.file.parent / "course" / "checks.py"))
            for edit in edits:
                edit()
                yield {(Change.modified, str(course.file)), (Change.added, str(course.file))}
            raise KeyboardInterrupt

        monkeypatch.setattr(watching, "changes_in", changes)
        done = course.labs("watch")
        assert (done.status, done.err) == (0, "")
        return done.out

    return run


def test_a_save_yields_the_verdict_of_what_is_written(course, saves):
    out = saves(
        lambda: None,
        lambda: course.write("03.1", "return 0, 1"),
        lambda: course.solve("03.1", "05.3"),
        lambda: course.edit("import math\n", "import math from\n"),
        course.file.unlink,
    )
    parts = [
        "watching 8 files in labs_lib; save one to check it, stop with Ctrl-C\n",
        "-- labs_lib/affine.py: 0 of 9 written\n",
        "03.1 q_range: not yet (",
        "-- labs_lib/affine.py: 1 of 9 written\n",
        "03.1 q_range: passed (6 of 6 laws hold)\n05.3 sqnr_db: passed (",
        "-- labs_lib/affine.py: 2 of 9 written\n",
        "Python cannot read this: invalid syntax",
        "-- labs_lib/affine.py: 0 of 9 written\nstopped\n",
    ]
    places = [out.index(part) for part in parts[:-1]] + [out.rindex(parts[-1])]
    assert places == sorted(places)


def test_a_failure_among_several_is_shown_in_full(course, saves):
    course.solve("03.1")
    out = saves(lambda: course.write("03.2", "return x"))
    assert "03.1 q_range: passed" in out
    assert out.count("03.2 quantize: not yet (") == 2  # in the list, and in full
    assert "  next      labs hint 03.2\n-- labs_lib/affine.py: 2 of 9 written\n" in out


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another signal there")
def test_watching_real_files(tree, course):
    environment = {**os.environ, "PYTHONPATH": str(tree.root), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "labs_lib", "watch", "--poll"]
    with subprocess.Popen(
        command, cwd=tree.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        lines = queue.Queue()
        reader = threading.Thread(target=lambda: [lines.put(line) for line in process.stdout], daemon=True)
        reader.start()
        try:
            wait_for(lines, "watching 8 files")
            wait_for(lines, "labs watch --poll")
            save_until(lines, lambda: course.write("03.1", "return 0, 1"), "03.1 q_range: not yet")
            save_until(lines, lambda: course.solve("03.1"), "03.1 q_range: passed")
            process.send_signal(signal.SIGINT)
            wait_for(lines, "stopped")
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def wait_for(lines, text, patience=PATIENCE):
    end = time.monotonic() + patience
    seen = []
    while time.monotonic() < end:
        try:
            seen.append(lines.get(timeout=max(0.01, end - time.monotonic())))
        except queue.Empty:
            break
        if text in seen[-1]:
            return
    raise AssertionError(f"{text!r} did not come; instead: {''.join(seen)}")


def save_until(lines, save, text):
    """Save, and wait. The first save may come before the watcher has looked at the folder: then save again."""
    for patience in (5, PATIENCE):
        save()
        try:
            return wait_for(lines, text, patience)
        except AssertionError:
            if patience == PATIENCE:
                raise
