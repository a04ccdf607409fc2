"""One submission, exercise by exercise: from texts to graded exercises, by the laws of ``tests/laws``."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..course import checks, engine, modes, source
from ..course.catalogue import Exercise
from ..course.judgement import verdict_of
from ..course.verdict import Verdict
from . import plan, remote, sandbox
from .limits import Limits
from .results import Graded

GONE = {
    "timeout": "It did not come to an end in time.",
    "crashed": "Its process ended, or answered nonsense, before the laws were through.",
}


class Judge:
    """Judges submissions with one worker, which is started when it is first needed and anew when it is lost."""

    def __init__(self, backend: str, limits: Limits) -> None:
        self.backend, self.limits = backend, limits
        self.versions: dict[str, str] = {}
        self._worker: Any = None
        self._block: Any = None

    def close(self) -> None:
        if self._block is not None:
            self._block.__exit__(None, None, None)
        self._worker = self._block = None

    def judge(
        self, texts: Mapping[str, str], chosen: Iterable[Exercise], seed_of: Callable[[str], int], *, echo: bool = True
    ) -> Iterator[Graded]:
        """Grade exercises in the order given, each in a process of its own.

        Args:
            texts: of the submission's modules by file.
            chosen: in the order of ``plan.order``.
            seed_of: the seed of an exercise's cases, by its id.
            echo: whether messages may hold what the submission answered, printed or raised.
        """
        sources = {file: source.read(plan.path_of(file), text) for file, text in texts.items()}
        for entry in chosen:
            started = time.monotonic()
            verdict = checks.without_running(entry, sources)
            if verdict is None:
                verdict = self._run(entry, sources, seed_of(entry.id))
            yield Graded.of(entry, verdict, time.monotonic() - started, echo=echo)

    def _run(self, entry: Exercise, sources: Mapping[str, source.Source], seed: int) -> Verdict:
        try:
            return self._run_once(entry, sources, seed)
        except remote.Lost:
            self.close()
        try:
            return self._run_once(entry, sources, seed)
        except remote.Lost as error:  # twice: it is this submission
            self.close()
            return checks.plain(entry, "crashed", note=f"It took the worker with it ({error}).")

    def _run_once(self, entry: Exercise, sources: Mapping[str, source.Source], seed: int) -> Verdict:
        """The laws run here, in the mode where everything but the answers asked for is the reference."""
        stubs = {file: plan.untouched()[file] for file in plan.files_for(entry)}
        texts = {file: sources[file].runnable if file in sources else text for file, text in stubs.items()}
        with remote.exercise(
            self._ready(),
            entry.id,
            texts=texts,
            stubs=stubs,
            references=plan.references(entry),
            limits=self.limits,
        ) as session:
            if session.problem is not None:
                return checks.cannot_run(entry, session.problem)
            outcomes = []
            trouble = ""
            if session.gone is None:
                try:
                    with _solutions():
                        outcomes = engine.judge([entry.id], seed=seed, asking=session.law)
                except Exception as error:  # an answer that the laws themselves did not survive
                    trouble = f"{type(error).__name__}: {error}"
        if not session.ended["clean"]:
            self.close()  # the next exercise gets a worker that this one has not touched
        if session.gone is not None:
            state = "timeout" if self._ran_out(session) else session.gone.state
            return checks.plain(entry, state, note=GONE[state])
        if trouble:
            return checks.plain(entry, "not_gradable", note=f"Its laws could not judge it ({trouble}).")
        with _solutions():
            return verdict_of(entry, outcomes, sources[entry.file])

    def _ran_out(self, session: remote.Session) -> bool:
        """Whether the kernel ended it because its time was over."""
        return session.ended.get("signal") is not None and session.ended["cpu_seconds"] >= self.limits.cpu_seconds - 1

    def _ready(self) -> sandbox.Started:
        if self._worker is None:
            self._block = sandbox.worker(self.backend)
            self._worker = self._block.__enter__()
            self.versions = self._worker.versions
        return self._worker  # type: ignore[no-any-return]


@contextmanager
def _solutions() -> Iterator[None]:
    with modes.using(modes.Mode("solutions")):
        yield


@functools.cache
def prepare() -> None:
    """Load what the grader's own side needs, once a process: the given modules, whose signatures are shown."""
    from ..course import load

    load.learner_modules()
