"""A class on a Dask cluster: a scheduler and two workers on loopback, one of which dies in the middle."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from watchfiles import watch

from labs_lib.course.root import ROOT
from labs_lib.grading import cluster, intake, results, run

from . import a_class

PATIENCE = 120  # seconds for a process to be up, on a machine that has other things to do
pytestmark = pytest.mark.slow  # importing Dask alone takes a second
HERE = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]


class Cluster:
    """Processes of Dask, whose output goes to files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "scheduler.json"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("LABS_", "PYTEST_"))}
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments, *HERE, "--scheduler-file", str(self.file)],
                cwd=self.folder,
                env=clean | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": f"{PATIENCE}s"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def address(self) -> str:
        """Of the scheduler, once it is up."""
        import json

        for _ in watch(self.folder, rust_timeout=PATIENCE * 1000, yield_on_timeout=True, step=20, debounce=50):
            if self.file.exists() and self.file.read_text():
                return json.loads(self.file.read_text())["address"]
            assert self.processes["scheduler"].poll() is None, self.logs()
        raise AssertionError("no scheduler")

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def logs(self) -> str:
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))


@pytest.fixture
def dask(tmp_path):
    pytest.importorskip("distributed", reason="distributed is in the dev extra")
    (tmp_path / "dask").mkdir()
    cluster = Cluster(tmp_path / "dask")
    yield cluster
    for name in [*cluster.processes]:
        cluster.kill(name)


def test_a_worker_that_dies_costs_no_result(dask, tmp_path, is_valid, backend):
    dask.start("scheduler", "scheduler", "--port", "0")
    address = dask.address()
    one = ("worker", "--nthreads", "1", "--memory-limit", "0", "--local-directory", str(tmp_path))
    dask.start("doomed", *one, "--no-nanny")
    dask.start("survivor", *one, "--nworkers", "1")  # below a nanny, whose children may have no children by fork
    place, key, found = tmp_path / "class", tmp_path / "key", {}
    a_class.write(place)
    key.write_bytes(a_class.KEY)

    request = run.Request(place, tmp_path / "out", a_class.EXERCISES, key=key, limits=a_class.LIMITS, scheduler=address)
    settings = run.settings_of(request)
    assert settings.backend == backend

    def done(data):
        found[data["submission"]] = data
        if "doomed" in dask.processes and data["points"]:  # the first that came from a worker
            dask.kill("doomed")

    cluster.grade_all(intake.submissions(place), settings, scheduler=address, done=done)
    assert "doomed" not in dask.processes
    assert {name: [one["state"] for one in data["exercises"]] for name, data in found.items()} == a_class.STATES
    for name, data in found.items():
        is_valid(data)
        assert data["points"] == a_class.POINTS[name]
        assert results.read(settings.file(intake.Submission(name))) == data
    assert a_class.KEY.decode() not in dask.logs()
    assert "Compute Failed" not in dask.logs(), dask.logs()

    again = []
    cluster.grade_all(intake.submissions(place), settings, scheduler=address, done=again.append)
    assert {data["submission"]: data for data in again} == found


def test_no_scheduler_is_one_line(tmp_path, monkeypatch, capsys):
    pytest.importorskip("distributed", reason="distributed is in the dev extra")
    monkeypatch.setattr(cluster, "SECONDS", 0.2)
    (tmp_path / "class").mkdir()
    request = run.Request(tmp_path / "class", tmp_path / "out", scheduler="tcp://127.0.0.1:9")
    assert run.run(request) == 2
    assert capsys.readouterr().err.startswith("labs: no scheduler answers at tcp://127.0.0.1:9: ")
    assert not (tmp_path / "out").exists()


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(cluster.Unreachable, match=r"quantization-labs\[cluster\]"):
        cluster.choose("tcp://127.0.0.1:9", "auto")


def test_the_key_is_neither_sent_nor_shown(tmp_path, monkeypatch):
    settings = a_class.settings(tmp_path, "bwrap")
    assert a_class.KEY.decode() not in repr(settings)
    sent = []

    class Client:
        loop = None

        def __enter__(self):
            return self

        def __exit__(self, *how):
            return None

        def nthreads(self):
            return {"a": 1}

        def submit(self, function, *job, **options):
            sent.append(job)
            return Future()

    class Future:
        status = "finished"

        def result(self):
            begun, *_, there = sent[-1]
            begun.exercises = [results.Graded.plain(entry, "failed", "no") for entry in there.chosen]
            return begun

    class Completed(list):
        add = list.append

        def __next__(self):
            return self.pop()

    import distributed

    monkeypatch.setattr(cluster, "_client", lambda scheduler: Client())
    monkeypatch.setattr(distributed, "as_completed", lambda futures, loop: Completed(futures))
    submissions = (intake.Submission(f"s{n}", {"affine.py": "x"}) for n in range(5))
    found = []
    cluster.grade_all(submissions, settings, scheduler="tcp://x", done=found.append)
    assert len(found) == len(sent) == 5
    assert a_class.KEY not in pickle.dumps(sent)
    assert {begun.seed_id for begun, *_ in sent} == {settings.begin(intake.Submission("x")).seed_id}


@pytest.mark.parametrize(
    ("status", "points"), [("killed", 0), ("cancelled", None), ("lost", None)], ids=lambda value: str(value)
)
def test_only_a_submission_that_kills_workers_has_crashed(tmp_path, status, points):
    from distributed.scheduler import KilledWorker

    class Future:
        def __init__(self):
            self.status = "error" if status == "killed" else status

        def exception(self):
            return KilledWorker("job", None, 3)

    settings, future, found = a_class.settings(tmp_path, "bwrap"), Future(), []
    under_way = {future: intake.Submission("ada", {"affine.py": "x"})}
    if points is None:
        with pytest.raises(cluster.Unreachable, match="the same command goes on from here"):
            cluster._take(future, under_way, settings, found.append)
    else:
        cluster._take(future, under_way, settings, found.append)
        assert [one["state"] for one in found[0]["exercises"]] == ["crashed"] * 3
