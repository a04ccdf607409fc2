"""The one engine: pytest runs the laws of ``tests/laws/`` against whatever stands in for an exercise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from . import catalogue, collected, modes
from .laws import plugin
from .laws.expect import LawBroken
from .laws.render import text_of
from .laws.subject import Ask, Call, Interrupted, LearnerError


@dataclass(frozen=True)
class Outcome:
    """One law on one case."""

    exercise_id: str
    statement: str
    case: str
    state: str  # passed, failed (the law is broken), error (the function raised), not_started
    error: Exception | None = None
    call: Call | None = None  # the last call of the exercise under judgement


@dataclass(eq=False)
class Run:
    """One run of some laws: in which mode, with which seed; and what came out."""

    replaced: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    seed: int = 0
    asking: Callable[[], Ask] | None = None
    outcomes: list[Outcome] = field(default_factory=list)

    def mode(self, exercise_id: str) -> modes.Mode:
        mode = plugin.mode_for(exercise_id)
        return modes.Mode(mode.name, mode.only, self.replaced)

    def note(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        """Keep how an item came out."""
        self.outcomes.append(self._outcome(item, call, report))

    def _outcome(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> Outcome:
        exercise_id, statement = plugin.law_of(item) or ("", "")
        case = item.name.partition("[")[2].rstrip("]")
        subject = item.stash.get(plugin.SUBJECTS, {}).get(exercise_id)
        last = subject.calls[-1] if subject is not None and subject.calls else None
        error = item.stash.get(plugin.BROKEN, None)
        if report.passed:
            return Outcome(exercise_id, statement, case, "passed", call=last)
        if report.skipped:
            return Outcome(exercise_id, statement, case, "not_started", error)
        if isinstance(error, LawBroken):
            return Outcome(exercise_id, statement, case, "failed", error, last)
        if isinstance(error, LearnerError):
            return Outcome(exercise_id, statement, case, "error", error, last)
        if last is not None and self._judges_a_learner():
            return Outcome(exercise_id, statement, case, "failed", _unusable(last, call), last)
        raise RuntimeError(f"the law {statement!r} of {exercise_id} is itself broken:\n{report.longreprtext}")

    def _judges_a_learner(self) -> bool:
        return self.asking is not None or (not self.replaced and modes.current().name != "solutions")


def _unusable(last: Call, call: pytest.CallInfo[None]) -> LawBroken:
    """The law met an answer that it could not compute with."""
    reason = f"The law cannot use this answer: {call.excinfo.exconly() if call.excinfo else ''}"
    return LawBroken(text_of(last.reply.value), "an answer of the kind that the docstring promises", note=reason)


def judge(
    wanted: Iterable[str],
    *,
    replaced: Mapping[str, Callable[..., Any]] | None = None,
    seed: int = 0,
    statement: str | None = None,
    asking: Callable[[], Ask] | None = None,
) -> list[Outcome]:
    """Run the laws of some exercises.

    Args:
        wanted: exercise ids.
        replaced: bodies that stand in for exercises (mutants, equivalents), by id.
        seed: of the case generators.
        statement: run only the law with this statement.
        asking: makes what a law asks with, for exercises that run elsewhere; ``driver.call`` when not given.
    """
    run = Run(replaced or {}, seed, asking)
    chosen = frozenset(wanted)
    try:
        for file in sorted({catalogue.law_file(catalogue.find(exercise_id).lesson) for exercise_id in chosen}):
            collected.run(file, lambda law: law[0] in chosen and statement in (None, law[1]), run)
    except collected.Stopped:
        if not any(isinstance(outcome.error, Interrupted) for outcome in run.outcomes):
            raise KeyboardInterrupt from None  # it was not the learner's code that ran
    return run.outcomes
