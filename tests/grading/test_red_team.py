"""Nothing but being right earns a point: every hostile submission ends as it must, and no neighbour notices."""

from __future__ import annotations

import os
import socket

import pytest

from labs_lib.course.root import ROOT
from labs_lib.course.verdict import STATES
from labs_lib.grading.results import MESSAGE_AT_MOST

from .conftest import PATIENT, SHORT, solved
from .red_team import Hostile, answers, floods, messages, walls
from .red_team.memoriser import memoriser

ALL = (*answers.CASES, *messages.CASES, *floods.CASES, *walls.CASES)
WITH_NEIGHBOURS = (*floods.CASES, *walls.PROCESSES, *walls.LEFTOVERS[-2:])
SECRET = "the-secret-of-this-course-0123456789"
EARLIER = ("planted in an earlier", " submission of somebody else")

# What limits and system calls alone must stop; the rest needs walls.
WITHOUT_WALLS = (
    *("os._exit(0) in a call", "a tensor that equals everything", "patched builtins", "a pickle", "two answers"),
    *("sleeping", "6 GB of memory", "a flood of output", "a fork bomb", "another program", "limits raised"),
    *("a world of its own", "slowing the worker down", "a null pointer"),
)


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """What hostile code may look for, all of it really there."""
    folder = tmp_path_factory.mktemp("class")
    other = folder / "submissions" / "ada" / "labs_lib"
    other.mkdir(parents=True)
    (other / "affine.py").write_text(solved()["affine.py"], encoding="utf-8")
    outside = folder / "outside"
    outside.mkdir(mode=0o777)
    outside.chmod(0o777)
    abstract = f"\0labs-red-team-{os.getpid()}"
    with (
        pytest.MonkeyPatch.context() as patch,
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as local,
    ):
        patch.setenv("LABS_COURSE_KEY", SECRET)
        local.bind(abstract)
        local.listen()
        yield {
            "course": str(ROOT),
            "other submission": str(other / "affine.py"),
            "outside": str(outside),
            "key": SECRET,
            "port": server.getsockname()[1],
            "abstract": abstract,
            "earlier": (EARLIER[0], EARLIER[1][::-1]),
        }
        assert not list(outside.iterdir())


def honest(grader):
    """Somebody who is right, and whose text the next one would like to find."""
    texts = solved()
    texts["affine.py"] += f"\n# {''.join(EARLIER)}\n"
    (graded,) = grader(texts, "03.1")
    assert (graded.state, graded.points) == ("passed", graded.max_points), graded.message


def attack(grader, case: Hostile, places) -> None:
    (graded,) = grader(case.texts(places), case.exercise, limits=SHORT if case.patient else PATIENT)
    assert (graded.state, graded.points) == (case.ends, 0), f"{case.why}: {graded.message}"
    assert len(graded.message) <= MESSAGE_AT_MOST + 3


def test_there_are_enough_cases():
    names = [case.name for case in ALL]
    assert len(names) == len(set(names)) >= 40
    assert set(WITHOUT_WALLS) <= set(names)
    assert all(case.ends in STATES and case.why for case in ALL)


@pytest.mark.slow
@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_hostile(best, places, case):
    if best.judge.backend == "rlimits" and case.name not in WITHOUT_WALLS:
        pytest.skip("this machine has no walls: neither bubblewrap nor user namespaces")
    if case is ALL[0]:
        honest(best)
    attack(best, case, places)
    if case in WITH_NEIGHBOURS:
        honest(best)


@pytest.mark.slow
def test_an_honest_one_is_untouched_by_them_all(best, places):
    honest(best)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["unshare", "rlimits"])
def test_the_other_backends(grader, places, backend):
    """In one test, one worker: a smaller set of each kind."""
    walled = [case for case in walls.CASES if case.name != "a thousand folders deep"] if backend == "unshare" else []
    cases = [case for case in ALL if case.name in WITHOUT_WALLS]
    for case in dict.fromkeys([*cases, *walled]):
        attack(grader(backend), case, places)
    honest(grader(backend))


@pytest.mark.slow
def test_what_is_right_on_the_public_cases_only(best):
    """It holds the reference's answers to every call of the public seed, and gets zeros for all others."""
    texts = memoriser("03.3")
    (public,) = best(texts, "03.3", seed=0)
    (hidden,) = best(texts, "03.3")
    assert public.state == "passed", public.message
    assert (hidden.state, hidden.points) == ("failed", 0)


@pytest.mark.slow
def test_without_echo_a_message_holds_nothing_of_the_submission(best, places):
    case = next(case for case in ALL if case.name == "400,000 letters")
    (graded,) = best(case.texts(places), case.exercise, echo=False)
    assert "aaa" not in graded.message
