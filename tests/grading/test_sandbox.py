"""What a submission's process holds and sees, and what becomes of a worker that is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from labs_lib.course.catalogue import find
from labs_lib.course.root import ROOT
from labs_lib.grading import judging, plan, remote, sandbox

from .conftest import PATIENT, solved
from .red_team import Hostile

BARE = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}


def look(grader, code):
    """What ``look()`` of a submission answers, from inside."""
    case = Hostile("a look", "failed", "", code, body="return look()")
    with remote.exercise(
        grader.judge._ready(),
        "03.1",
        texts={**plan.untouched(), **case.texts({})},
        stubs=plan.untouched(),
        references=plan.references(find("03.1")),
        limits=PATIENT,
    ) as session:
        reply = session.law()("03.1", (8,), {})
    assert reply.raised is None, reply.raised
    return reply.value


def walled(grader):
    if grader.judge.backend == "rlimits":
        pytest.skip("this machine has no walls: neither bubblewrap nor user namespaces")
    return grader


@pytest.mark.slow
def test_a_law_asks_what_no_law_has_asked(best):
    """The function counts its calls. What one law asks twice is asked twice, what two laws ask is asked once."""
    case = Hostile("counts", "failed", "", "calls = [0]", body="calls[0] += 1; return calls[0], 0")
    with remote.exercise(
        best.judge._ready(),
        "03.1",
        texts={**plan.untouched(), **case.texts({})},
        stubs=plan.untouched(),
        references={},
        limits=PATIENT,
    ) as session:
        one, other = session.law(), session.law()
        assert [one("03.1", (bits,), {}).value[0] for bits in (8, 8, 4)] == [1, 2, 3]
        assert [other("03.1", (bits,), {}).value[0] for bits in (8, 8, 4, 8, 4)] == [1, 2, 3, 4, 5]
        assert other("03.1", (8.0,), {}).raised.kind == "ValueError"  # 8.0 is another question than 8


def test_an_unknown_backend_is_refused():
    with pytest.raises(ValueError, match="backend must be auto or one of bwrap, unshare, rlimits, got 'docker'"):
        sandbox.choose("docker")


def test_a_missing_tool_is_named(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda tool: None)
    with pytest.raises(sandbox.Unavailable, match="bwrap is not installed"):
        sandbox.choose("bwrap")
    assert sandbox.choose() == "rlimits"
    assert "no security boundary" in sandbox.WARNING


def test_this_kernel_can_filter_system_calls():
    command = [sys.executable, "-S", "-m", "labs_lib.grading.syscalls"]
    assert subprocess.run(command, env=BARE, capture_output=True).returncode == 0


@pytest.mark.slow
def test_what_a_process_is(best):
    text = look(
        walled(best),
        """
        def look():
            return open("/proc/self/status").read()
        """,
    )
    status = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == int(status["CapAmb"], 16) == 0
    assert status["Groups"].strip() == "" or os.geteuid() != 0
    if os.geteuid() == 0:
        users = {*status["Uid"].split(), *status["Gid"].split()}
        assert len(users) == 1 and int(users.pop()) >= 61_000


@pytest.mark.slow
def test_what_a_process_holds(best):
    """The three standard files lead nowhere, and the only other one is its own socket."""
    descriptors, environment, modules, path = look(
        best,
        """
        import os, stat, sys
        def look():
            found, null = [], os.stat("/dev/null").st_rdev
            for number in range(1000):
                try:
                    status = os.fstat(number)
                    found.append((number, stat.S_ISSOCK(status.st_mode), status.st_rdev == null))
                except OSError:
                    pass
            return found, sorted(os.environ), sorted(sys.modules), sys.path
        """,
    )
    assert [one[1:] for one in descriptors] == [(False, True)] * 3 + [(True, False)]
    own = {"PATH", "LANG", "HOME", "TMPDIR", "PWD", "PYTHONPATH", "PYTHONHASHSEED", "LC_CTYPE"}
    own |= {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "HF_HUB_OFFLINE", "LABS_WALLED", "LABS_APART"}
    assert set(environment) <= own | {name for name in environment if name.startswith("TORCH")}
    ours = {name for name in modules if name.startswith(("tests", "labs_lib.grading", "labs_lib.course.engine"))}
    assert not {"", "/", "/tmp"} & set(path)  # modules that a submission could leave for the worker
    assert ours == {f"labs_lib.grading{name}" for name in ("", ".ending", ".limits", ".protocol", ".syscalls")}


@pytest.mark.slow
def test_what_a_process_sees(best):
    processes, places = look(
        walled(best),
        """
        import os
        def look():
            places = []
            for folder in ("/course/labs_lib", "/tmp", "/dev/shm", "/home", "/root", "/etc", "/sys", "/run", "/var"):
                if os.path.isdir(folder):
                    places.append((folder, sorted(os.listdir(folder))))
            return [name for name in os.listdir("/proc") if name.isdigit()], places
        """,
    )
    assert len(processes) == 2
    seen = dict(places)
    assert seen["/course/labs_lib"] == ("__init__.py", "course", "grading")
    assert seen["/tmp"] == seen["/dev/shm"] == ()
    assert seen["/etc"] == ("ld.so.cache",)
    assert not {"/sys", "/run", "/var"} & set(seen)


@pytest.mark.slow
def test_searching_memory_finds_what_is_there(best):
    """The red team's search finds nothing because nothing is there: what is there it finds."""
    from .red_team.answers import CASES

    case = next(case for case in CASES if case.name == "searching memory")
    code = f"{textwrap.dedent(case.code)}\nhere = 'one half, the other half'\nlook = lambda: bool(attack())"
    places = {"earlier": ("one half", "flah rehto eht ,")}
    assert look(best, code.replace("PLACES", repr(places))) is True


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced(grader, best):
    """By the kernel when memory is short, for example. What it was doing is done again."""
    worker = best.judge._ready()
    worker.process.send_signal(signal.SIGKILL)
    worker.process.wait()
    (graded,) = best(solved(), "03.1")
    assert graded.state == "passed"
    assert best.judge._ready().process.pid != worker.process.pid


@pytest.mark.slow
def test_what_the_laws_do_not_survive_is_no_pass(best, monkeypatch):
    """The grader says what happened and goes on with the class."""

    def judge(*args, **kwargs):
        raise RuntimeError("the law is itself broken")

    monkeypatch.setattr(judging.engine, "judge", judge)
    (graded,) = best(solved(), "03.1")
    assert (graded.state, graded.points) == ("not_gradable", 0)
    assert "itself broken" in graded.message


@pytest.mark.slow
def test_a_file_that_cannot_run_costs_its_own_exercises_only(best):
    texts = solved()
    texts["granularity.py"] += "\nraise RuntimeError('broken')\n"
    states = {one.id: one.state for one in best(texts, "05.3", "06.1", "09.2")}
    assert states == {"05.3": "passed", "06.1": "error", "09.2": "passed"}


@pytest.mark.slow
def test_one_mistake_costs_one_exercise(best):
    """What an exercise builds on is the reference, as soon as that is graded."""
    texts = solved()
    wrong = texts["affine.py"].replace(
        '@exercise("05.1")', '@exercise("05.1")\n@(lambda function: lambda *a, **k: function(*a, **k) * 2)'
    )
    assert wrong != texts["affine.py"]
    texts["affine.py"] = wrong
    states = {one.id: one.state for one in best(texts, "05.1", "05.2", "07.1")}
    assert states == {"05.1": "failed", "05.2": "passed", "07.1": "passed"}
