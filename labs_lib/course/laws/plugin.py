"""The pytest plugin that every door shares: fixtures for laws, and a short report when one is broken.

A law asks for an exercise by its function's name (``quantize``) and gets a ``Subject``; it asks for ``x`` and gets the
tensor of its case. Under plain pytest the learner's files are judged, or the reference with LABS_MODE=solutions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch import Tensor

from .. import catalogue, load, modes
from ..laws.inputs import generator
from .expect import LawBroken
from .shrink import smallest
from .subject import Interrupted, LearnerError, NotStarted, Subject

SUBJECTS = pytest.StashKey[dict[str, Subject]]()
BROKEN = pytest.StashKey[Exception]()
SHRUNK = pytest.StashKey[set[str]]()
RUN = pytest.StashKey[Any]()  # what the check engine is judging; absent under plain pytest


def law_of(item: pytest.Item) -> tuple[str, str] | None:
    """The exercise id and the statement of a law, None for any other test."""
    mark = item.get_closest_marker("law")
    return None if mark is None else (mark.args[0], mark.args[1])


def begin(config: pytest.Config, run: Any) -> None:
    """From here on the laws of a collected file are run for ``run``."""
    config.stash[RUN] = run
    config.stash[SHRUNK] = set()


def forget(item: pytest.Item) -> None:
    """An item that will be run again starts as it was collected."""
    item.stash = pytest.Stash()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "law(exercise, statement): a property that the exercise must have")


def pytest_collection_finish(session: pytest.Session) -> None:
    if RUN not in session.config.stash and any(law_of(item) for item in session.items):
        load.learner_modules()


def fixture_name(function: str) -> str:
    """``quantize`` for a function, ``w8a16linear_forward`` for the method ``W8A16Linear.forward``."""
    return function if "." not in function else function.replace(".", "_").lower()


def _subject_fixture(entry: catalogue.Exercise) -> Callable[..., Any]:
    def make(request: pytest.FixtureRequest) -> Subject:
        run = request.config.stash.get(RUN, None)
        mark = request.node.get_closest_marker("law")
        mode = run.mode(mark.args[0]) if run else mode_for(mark.args[0])
        judged = entry.id == mark.args[0]  # what else a law calls is never the learner's
        subject = Subject(entry, mode, run.asking() if run and run.asking and judged else None)
        request.node.stash.setdefault(SUBJECTS, {})[entry.id] = subject
        return subject

    return pytest.fixture(name=fixture_name(entry.function))(make)


for _entry in catalogue.exercises():  # one fixture an exercise
    globals()[f"subject_{_entry.id.replace('.', '_')}"] = _subject_fixture(_entry)


@pytest.fixture
def x(request: pytest.FixtureRequest) -> Tensor:
    """The tensor of the law's case, made from the run's seed."""
    run = request.config.stash.get(RUN, None)
    return request.param(generator(run.seed if run else 0, request.param.__name__))


def mode_for(exercise_id: str) -> modes.Mode:
    """Whose code a law judges: one exercise is the learner's and the rest the reference, unless LABS_MODE says more."""
    mode = modes.current()
    return mode if mode.name in ("strict", "solutions") else modes.Mode("only", only=exercise_id)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    """Skip what is not started, and cut the input of a broken law to a small one that still breaks it."""
    law = law_of(item)
    if law is None:
        return (yield)
    try:
        return (yield)
    except NotStarted as error:
        item.stash[BROKEN] = error
        pytest.skip(f"not started: {error}")
    except Interrupted as error:
        item.session.shouldstop = "stopped with Ctrl-C"
        item.stash[BROKEN] = error
        pytest.fail(str(error), pytrace=False)
    except (LawBroken, LearnerError) as error:
        shrunk = item.config.stash.setdefault(SHRUNK, set())  # one failure an exercise: it takes many calls
        item.stash[BROKEN] = error if law[0] in shrunk else smallest(item, error)
        shrunk.add(law[0])
        pytest.fail(str(item.stash[BROKEN]), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if BROKEN in item.stash and report.when == "call" and report.failed:
        exercise_id, statement = law_of(item) or ("", "")
        report.longrepr = f"{exercise_id}: {statement}\n  {item.stash[BROKEN]}"
    return report
