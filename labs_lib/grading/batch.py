"""A class: submissions go through a pool of judges, each with a worker of its own, and every one gets its results."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..course.catalogue import Exercise, find
from . import intake, plan, results, seeds
from .limits import Limits

WAITING = 2  # submissions a judge has waiting: the whole class is never in memory


@dataclass(frozen=True)
class Settings:
    """What holds for every submission of a run."""

    out: Path
    key: bytes = field(repr=False)
    backend: str
    exercises: tuple[str, ...]  # ids, in the order of grading
    limits: Limits
    echo: bool = True

    @property
    def chosen(self) -> list[Exercise]:
        return [find(exercise_id) for exercise_id in self.exercises]

    def file(self, submission: intake.Submission) -> Path:
        return self.out / submission.folder_name / results.FILE


def start(submission: intake.Submission, settings: Settings) -> results.Results:
    """The results of a submission before it is graded: what an earlier run had finished, or the refusal."""
    begun = results.Results(submission.name, settings.backend, seeds.seed_id(settings.key), submission.source_id)
    if submission.refused:
        begun.exercises = [results.Graded.refused(entry, submission.refused) for entry in settings.chosen]
    else:
        begun.resume(settings.file(submission), settings.chosen)
    return begun


def grade_one(submission: intake.Submission, settings: Settings) -> dict[str, Any]:
    """Grade one submission in this process, and write its results after every exercise. Returns them as JSON."""
    from . import judging

    begun = start(submission, settings)
    done = {graded.id for graded in begun.exercises}
    rest = [entry for entry in settings.chosen if entry.id not in done]
    if rest:
        judge = _judge(settings)
        seed_of = lambda exercise_id: seeds.seed_of(settings.key, submission.name, exercise_id)  # noqa: E731
        judging.prepare()
        for graded in judge.judge(submission.texts, rest, seed_of, echo=settings.echo):
            begun.exercises.append(graded)
            begun.versions = _versions(judge.versions)
            results.write(settings.file(submission), begun.data(settings.chosen))
    data = begun.data(settings.chosen)
    results.write(settings.file(submission), data)
    return data


def grade_all(
    submissions: Iterator[intake.Submission],
    settings: Settings,
    *,
    jobs: int,
    done: Callable[[Mapping[str, Any]], None],
) -> None:
    """Grade a class with ``jobs`` processes. ``done`` is called with each result as it comes.

    A judge that dies (the machine ran out of memory, somebody killed it) is replaced. What it was grading is graded
    again, alone; what takes a judge with it twice keeps the exercises that were finished, and the rest has crashed.
    """
    suspects: list[intake.Submission] = []
    exhausted = False
    while not exhausted:
        with _pool(jobs) as pool:
            exhausted = _through(pool, submissions, settings, jobs * WAITING, done, suspects)
    for submission in suspects:
        with _pool(1) as pool:
            try:
                done(pool.submit(grade_one, submission, settings).result())
            except BrokenProcessPool:
                done(_given_up(submission, settings))


def _through(
    pool: ProcessPoolExecutor,
    submissions: Iterator[intake.Submission],
    settings: Settings,
    at_most: int,
    done: Callable[[Mapping[str, Any]], None],
    suspects: list[intake.Submission],
) -> bool:
    """Feed the pool until the class is through (True) or the pool is broken (False)."""
    running: dict[Future[dict[str, Any]], intake.Submission] = {}
    broken = exhausted = False
    while True:
        while not exhausted and not broken and len(running) < at_most:
            submission = next(submissions, None)
            if submission is None:
                exhausted = True
                break
            try:
                running[pool.submit(grade_one, submission, settings)] = submission
            except BrokenProcessPool:
                suspects.append(submission)
                broken = True
        if not running:
            return exhausted
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            submission = running.pop(future)
            try:
                done(future.result())
            except BrokenProcessPool:
                suspects.append(submission)
                broken = True


def _given_up(submission: intake.Submission, settings: Settings) -> dict[str, Any]:
    begun = start(submission, settings)
    done = {graded.id for graded in begun.exercises}
    for entry in settings.chosen:
        if entry.id not in done:
            reason = "It took the grader's process with it, twice."
            begun.exercises.append(
                results.Graded(**{**vars(results.Graded.refused(entry, reason)), "state": "crashed"})
            )
    data = begun.data(settings.chosen)
    results.write(settings.file(submission), data)
    return data


def _pool(jobs: int) -> ProcessPoolExecutor:
    """Fresh processes: a fork would inherit the threads of whoever grades, from a notebook for example."""
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_quietly)


def _quietly() -> None:
    """In a judge's process: one thread, no network, and a cap on memory, so that a huge answer is its own trouble."""
    os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", HF_HUB_OFFLINE="1")
    import torch

    torch.set_num_threads(1)
    from .limits import cap_memory

    cap_memory(4096)


_judges: dict[tuple[str, Limits], Any] = {}


def _judge(settings: Settings) -> Any:
    """This process's judge, kept between submissions: its worker has torch loaded already."""
    from .judging import Judge

    key = (settings.backend, settings.limits)
    if key not in _judges:
        _judges[key] = Judge(settings.backend, settings.limits)
    return _judges[key]


def _versions(worker: Mapping[str, str]) -> dict[str, str]:
    from .. import __version__

    return {"course": __version__, **worker}


def order_of(names: list[str]) -> tuple[str, ...]:
    """The ids of some exercises or lessons, in the order of grading."""
    return tuple(entry.id for entry in plan.chosen(names))
