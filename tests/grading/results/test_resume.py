"""`labs grade` killed in the middle of a submission: the second run goes on from there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import Executor, Future

import psutil
import pytest
from watchfiles import watch

from labs_lib.grading import results, run

from . import a_class

SLEEPS = "import time; time.sleep(3600)"
PATIENCE = 120  # seconds for a first result, on a machine that has other things to do


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_was(tmp_path, backend, capsys, monkeypatch):
    place, out, key = tmp_path / "class", tmp_path / "out", tmp_path / "key"
    a_class.hand_in(place, "ada", a_class.module("03.1", "04.1", quantize=SLEEPS))
    a_class.hand_in(place, "bo", a_class.module("03.1"))
    key.write_bytes(a_class.KEY)
    out.mkdir()
    first = out / "ada" / results.FILE
    _kill_after_the_first_result(place, out, key, first)

    data = results.read(first)
    assert [one["id"] for one in data["exercises"]] == ["03.1"], "it was not killed in the middle"
    data["exercises"][0] |= {"message": "kept from the first run", "seconds": 123.456}
    results.write(first, data)

    monkeypatch.setattr(run.batch, "pool", lambda jobs: Here())
    request = run.Request(place, out, a_class.EXERCISES, backend, key=key, limits=a_class.LIMITS, formats=("csv",))
    assert run.run(request) == 0
    ada, bo = (json.loads((out / name / results.FILE).read_text()) for name in ("ada", "bo"))
    assert [one["state"] for one in ada["exercises"]] == ["passed", "timeout", "passed"]
    assert ada["exercises"][0] == data["exercises"][0], "03.1 was run again"
    assert [one["state"] for one in bo["exercises"]] == ["passed", "not_started", "not_started"]
    assert (out / "grades.csv").read_text().splitlines()[1:] == ["ada,25,40,5,0,20", "bo,5,40,5,0,0"]
    assert not [path for path in out.rglob("*") if path.name.startswith(".results")], "a half-written file was left"
    assert "0 with all points, 2 with some points" in capsys.readouterr().out


def _kill_after_the_first_result(place, out, key, first):
    """Start `labs grade`, and kill it while the second exercise sleeps."""
    options = ["--backend", "auto", "--jobs", "1", "--seconds", str(a_class.LIMITS.wall_seconds), "--key", str(key)]
    only = [word for name in a_class.EXERCISES for word in ("--only", name)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LABS_", "PYTEST_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "labs_lib", "grade", str(place), "--out", str(out), *options, *only],
        env=clean,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in watch(out, rust_timeout=PATIENCE * 1000, yield_on_timeout=True, step=20, debounce=50):
            if first.exists() or process.poll() is not None:
                break
        assert first.exists(), "nothing was graded"
    finally:
        below = psutil.Process(process.pid).children(recursive=True)
        process.kill()  # the one process, as the kernel does when memory is short: what it started has to notice
        process.wait()
    assert below, "there was no judge and no worker"
    _, alive = psutil.wait_procs(below, timeout=30)
    assert not alive, "something outlived it"


class Here(Executor):
    """A pool of this process, which may have a worker already."""

    def submit(self, function, *arguments):
        future = Future()
        future.set_result(function(*arguments))
        return future
