"""The one engine: pytest runs the laws of ``tests/laws/`` against whatever stands in for an exercise."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from . import catalogue, modes
from .laws import plugin
from .laws.expect import LawBroken
from .laws.render import text_of
from .laws.subject import Ask, Call, Interrupted, LearnerError
from .root import ROOT

QUIET = (
    "terminal faulthandler junitxml cacheprovider stepwise doctest logging warnings unraisableexception threadexception"
)
OPTIONS = ["-o", "addopts=", "-o", "testpaths=", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]


@dataclass(frozen=True)
class Outcome:
    """One law on one case."""

    exercise_id: str
    statement: str
    case: str
    state: str  # passed, failed (the law is broken), error (the function raised), not_started
    error: Exception | None = None
    call: Call | None = None  # the last call of the exercise under judgement


@dataclass(eq=False)  # pytest keeps plugins in sets
class Run:
    """The pytest plugin of one run: what to judge, in which mode, with which seed; and what came out."""

    wanted: frozenset[str]
    replaced: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    seed: int = 0
    statement: str | None = None
    ask: Ask | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)  # why the laws themselves could not run

    def mode(self, exercise_id: str) -> modes.Mode:
        mode = plugin.mode_for(exercise_id)
        return modes.Mode(mode.name, mode.only, self.replaced)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._is_wanted(plugin.law_of(item))]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble.append(report.longreprtext)

    def pytest_internalerror(self, excrepr: object) -> None:
        self.trouble.append(str(excrepr))

    def _is_wanted(self, law: tuple[str, str] | None) -> bool:
        return law is not None and law[0] in self.wanted and self.statement in (None, law[1])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        if call.when == "call" or not report.passed:
            self.outcomes.append(self._outcome(item, call, report))
        return report

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
        return self.ask is not None or (not self.replaced and modes.current().name != "solutions")


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
    ask: Ask | None = None,
) -> list[Outcome]:
    """Run the laws of some exercises.

    Args:
        wanted: exercise ids.
        replaced: bodies that stand in for exercises (mutants, equivalents), by id.
        seed: of the case generators.
        statement: run only the law with this statement.
        ask: has the judged exercises run elsewhere; ``driver.call`` when not given.
    """
    run = Run(frozenset(wanted), replaced or {}, seed, statement, ask)
    files = {catalogue.law_file(catalogue.find(exercise_id).lesson) for exercise_id in run.wanted}
    arguments = [str(file) for file in sorted(files)]
    for name in QUIET.split():
        arguments += ["-p", f"no:{name}"]
    with _clean_environment():
        status = pytest.main(
            [*arguments, *OPTIONS, "--disable-plugin-autoload", "--capture=no", "-p", plugin.__name__],
            plugins=[_Named(run)],
        )
    if status == pytest.ExitCode.INTERRUPTED:
        if not any(isinstance(outcome.error, Interrupted) for outcome in run.outcomes):
            raise KeyboardInterrupt  # it was not the learner's code that ran
        return run.outcomes
    if run.trouble or status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(
            f"the laws of {', '.join(sorted(run.wanted))} could not run (status {int(status)})\n"
            + "\n".join(run.trouble)
        )
    return run.outcomes


class _Named:
    """Registers the run under the name that the shared plugin looks for."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(self.run, plugin.RUN_NAME)


@contextmanager
def _clean_environment() -> Iterator[None]:
    """pytest's own variables must not leak into a run inside a run, nor out of it."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PYTEST_")}
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("PYTEST_")]:
            del os.environ[name]
        os.environ.update(kept)
