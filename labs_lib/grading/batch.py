"""A class: submissions go through a pool of judges, each with a worker of its own, and every one gets its results."""

from __future__ import annotations

import atexit
import functools
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from ..course.catalogue import Exercise
from . import intake, plan, results, sandbox, seeds
from .limits import Limits, cap_memory
from .settings import Settings

WAITING = 2  # submissions a judge has waiting: the whole class is never in memory
MEMORY_MB = 4096  # that a judge's process may grow by: a huge answer is its own trouble
TWICE = "It took the grader's process with it, twice."

Done = Callable[[Mapping[str, Any]], None]


def grade_one(submission: intake.Submission, settings: Settings) -> dict[str, Any]:
    """Grade one submission in this process, and write its results after every exercise. Returns them as JSON."""
    begun = settings.resume(submission)
    seed_of = functools.partial(seeds.seed_of, settings.key, submission.name)
    for data in finish(begun, submission.texts, settings, seed_of):
        results.write(settings.file(submission), data)
    return kept(begun, submission, settings)


def finish(
    begun: results.Results, texts: Mapping[str, str], settings: Settings, seed_of: Callable[[str], int]
) -> Iterator[dict[str, Any]]:
    """Grade what is missing, in this process. Yields the results as JSON after every exercise."""
    from . import judging

    rest = begun.missing(settings.chosen)
    if not rest:
        return
    judging.prepare()
    judge = _judge(settings.backend, settings.limits)
    while rest:
        try:
            for graded in judge.judge(texts, [*rest], seed_of, echo=settings.echo):
                begun.exercises.append(graded)
                begun.versions = _versions(judge.versions)
                del rest[0]
                yield begun.data(settings.chosen)
        except sandbox.Unavailable:
            raise  # no submission's fault, and no other would fare better
        except Exception as error:
            said = f": {results.clean(str(error))}" if settings.echo else ""
            print(f"labs: {begun.submission}, {rest[0].id}: {type(error).__name__}{said}", file=sys.stderr)
            judge.close()
            begun.exercises.append(_failed(rest.pop(0), error))
            yield begun.data(settings.chosen)


def kept(begun: results.Results, submission: intake.Submission, settings: Settings) -> dict[str, Any]:
    """Results as JSON; they are on the disk afterwards, which is left alone if they were there already."""
    data, file = begun.data(settings.chosen), settings.file(submission)
    if results.read(file) != data:
        results.write(file, data)
    return data


def given_up(submission: intake.Submission, settings: Settings, reason: str) -> dict[str, Any]:
    """The results of a submission that takes every grader with it: what was finished, and crashes."""
    begun = settings.resume(submission)
    begun.exercises += [results.Graded.plain(entry, "crashed", reason) for entry in begun.missing(settings.chosen)]
    return kept(begun, submission, settings)


def grade_all(submissions: Iterator[intake.Submission], settings: Settings, *, jobs: int, done: Done) -> None:
    """Grade a class with ``jobs`` processes. ``done`` is called with each result as it comes.

    A judge that dies (the machine ran out of memory, somebody killed it) is replaced. What it was grading is graded
    again, alone; what takes a judge with it twice keeps the exercises that were finished, and the rest has crashed.
    """
    suspects: list[intake.Submission] = []
    left = unfinished(submissions, settings, done)
    exhausted = False
    while not exhausted:
        with pool(jobs) as judges:
            exhausted = _through(judges, left, settings, jobs * WAITING, done, suspects)
        while suspects:
            with pool(1) as judges:
                _one_by_one(judges, suspects, settings, done)


def unfinished(submissions: Iterator[intake.Submission], settings: Settings, done: Done) -> Iterator[intake.Submission]:
    """Those that something of is left to grade. The others are done at once."""
    for submission in submissions:
        begun = settings.resume(submission)
        if begun.missing(settings.chosen):
            yield submission
        else:
            done(kept(begun, submission, settings))


def _through(
    judges: Executor,
    submissions: Iterator[intake.Submission],
    settings: Settings,
    at_most: int,
    done: Done,
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
                running[judges.submit(grade_one, submission, settings)] = submission
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


def _one_by_one(judges: Executor, suspects: list[intake.Submission], settings: Settings, done: Done) -> None:
    """Grade suspects alone, until all are graded or one has killed the judge again."""
    try:
        judges.submit(os.getpid).result()
    except BrokenProcessPool:
        raise sandbox.Unavailable("a judge's process ends before it has anything to do") from None
    while suspects:
        submission = suspects.pop()
        try:
            done(judges.submit(grade_one, submission, settings).result())
        except BrokenProcessPool:
            done(given_up(submission, settings, TWICE))
            return


def pool(jobs: int) -> Executor:
    """Judges' processes: forks of a server with torch loaded. Whoever grades may have threads, and is not forked."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([f"{__package__}.preloaded"])
    return ProcessPoolExecutor(jobs, context, _begin_process, (context.Value("i", 0), jobs))


def cores() -> list[int]:
    """The cores that this process may use: in a container fewer than the machine has."""
    known = hasattr(os, "sched_getaffinity")
    return sorted(os.sched_getaffinity(0)) if known else [*range(os.cpu_count() or 1)]


def _begin_process(begun: Any, jobs: int) -> None:
    """One of ``jobs`` judges; ``begun`` counts those that have begun."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it at once, and its sandbox with it
    with begun.get_lock():
        number, begun.value = begun.value, begun.value + 1
    if jobs >= len(cores()):  # with fewer, the kernel finds better places for them
        _keep_to_one_core(number)
    threading.Thread(target=_end_with_the_grader, daemon=True).start()
    one_thread()
    cap_memory(MEMORY_MB)


def _end_with_the_grader() -> None:
    """Whoever grades may be killed; its judge would wait for ever, and the judge's sandbox with it."""
    grader = multiprocessing.parent_process()
    if grader is not None:
        multiprocessing.connection.wait([grader.sentinel])
        os._exit(1)


def _keep_to_one_core(number: int) -> None:
    """A judge and its sandbox take turns, some thousand times a submission: on one core neither waits to be woken."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {cores()[number % len(cores())]})


def one_thread() -> None:
    """In a judge's process: a core each, and no network."""
    os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", HF_HUB_OFFLINE="1")
    import torch

    torch.set_num_threads(1)


_judges: dict[tuple[str, Limits], Any] = {}


def _judge(backend: str, limits: Limits) -> Any:
    """This process's judge, kept between submissions: its worker has torch loaded already."""
    from .judging import Judge

    if (backend, limits) not in _judges:
        atexit.register(close)
        _judges[backend, limits] = Judge(backend, limits)
    return _judges[backend, limits]


def close() -> None:
    """End the workers of this process."""
    while _judges:
        _judges.popitem()[1].close()


def order_of(names: Sequence[str]) -> tuple[str, ...]:
    """The ids of some exercises or lessons, in the order of grading."""
    return tuple(entry.id for entry in plan.chosen(names))


def _failed(entry: Exercise, error: Exception) -> results.Graded:
    reason = f"The grader itself failed here ({type(error).__name__}); no point was lost by what was handed in."
    return results.Graded.plain(entry, "not_gradable", reason)


def _versions(worker: Mapping[str, str]) -> dict[str, str]:
    from .. import __version__

    return {"course": __version__, **worker}
