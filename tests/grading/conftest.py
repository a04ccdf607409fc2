"""Shared by the tests of grading: submissions, and one judge whose worker is started once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping

import pytest

from labs_lib.course import catalogue, modes, stubs
from labs_lib.course.root import SOLUTIONS
from labs_lib.grading import judging, plan, sandbox
from labs_lib.grading.limits import Limits
from labs_lib.grading.results import Graded

PATIENT = Limits(wall_seconds=60, cpu_seconds=60, memory_mb=1000)  # other tests run beside this one
SHORT = Limits(wall_seconds=2, cpu_seconds=2)
SEED = 20_251_125


def judged() -> list[catalogue.Exercise]:
    """The exercises that have laws, in the order of grading."""
    return [entry for entry in plan.order() if catalogue.law_file(entry.lesson).is_file()]


def solved() -> dict[str, str]:
    """A submission that is right throughout."""
    return {file: (SOLUTIONS / file).read_text(encoding="utf-8") for file in stubs.files()}


class Grader:
    """Judges submissions one after the other, on one worker as long as it lasts."""

    def __init__(self, backend: str) -> None:
        self.judge = judging.Judge(backend, PATIENT)

    def __call__(
        self, texts: Mapping[str, str], *ids: str, limits: Limits = PATIENT, seed: int = SEED, echo: bool = True
    ) -> list[Graded]:
        self.judge.limits = limits
        chosen = [entry for entry in judged() if not ids or entry.id in ids]
        with modes.using(modes.Mode()):  # the tests may run with LABS_MODE=solutions
            return list(self.judge.judge(texts, chosen, lambda _: seed, echo=echo))


@contextlib.contextmanager
def grader_of(backend: str) -> Iterator[Grader]:
    """A grader with this backend; the test is skipped where it does not work."""
    try:
        sandbox.choose(backend)
    except sandbox.Unavailable as error:
        pytest.skip(f"this machine has no {error}")
    grader = Grader(backend)
    judging.prepare()
    try:
        yield grader
    finally:
        grader.judge.close()


@pytest.fixture(scope="session")
def best() -> Iterator[Grader]:
    """With the best sandbox of this machine."""
    with grader_of(sandbox.choose()) as grader:
        yield grader


@pytest.fixture(scope="session")
def grader() -> Iterator[Callable[[str], Grader]]:
    """A grader for each backend that is asked for."""
    with contextlib.ExitStack() as stack:
        made: dict[str, Grader] = {}

        def get(backend: str) -> Grader:
            if backend not in made:
                made[backend] = stack.enter_context(grader_of(backend))
            return made[backend]

        yield get
