"""The same class on a Dask cluster: ``labs grade --scheduler tcp://...``. Needs the extra ``cluster``.

A job is one submission: its texts and its seeds go out, its results come back. So workers need no shared folder and
never see the course key; they need the same course, with ``solutions/`` and ``tests/``, and a sandbox of their own. A
job whose worker dies is given to another. What a job had finished when this process is killed is lost with it: results
come a submission at a time.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from . import batch, intake, results, sandbox, seeds
from .settings import Settings, course_id

AHEAD = 2  # jobs a thread of the cluster that are under way: the class itself stays here
SECONDS = 60  # to reach a scheduler, and for its first worker
KILLED = "It took the workers with it that graded it, again and again."

_one_at_a_time = threading.Lock()  # a worker with several threads has one judge


class Unreachable(RuntimeError):
    """There is no cluster that could grade, and why."""


def choose(scheduler: str, backend: str) -> str:
    """The backend that all workers of a cluster have. Unreachable where they differ in that or in their course."""
    with _client(scheduler) as client:
        found: dict[str, tuple[str, str]] = client.run(_about, backend)
    courses = {course for course, _ in found.values()}
    if courses != {course_id()}:
        raise Unreachable(f"not all workers of {scheduler} have this version of the course")
    backends = sorted({name for _, name in found.values()})
    if len(backends) > 1 or backends[0].startswith("none"):
        raise Unreachable(f"the workers of {scheduler} have no backend in common: {'; '.join(backends)}")
    return backends[0]


def grade_all(
    submissions: Iterator[intake.Submission], settings: Settings, *, scheduler: str, done: batch.Done
) -> None:
    """Grade a class on a cluster. Results are written here, as they come."""
    from distributed import as_completed

    with _client(scheduler) as client:
        at_most = max(1, AHEAD * sum(client.nthreads().values()))
        there = dataclasses.replace(settings, key=b"", out=Path())
        under_way: dict[Any, intake.Submission] = {}
        completed = as_completed([], loop=client.loop)
        for submission in batch.unfinished(submissions, settings, done):
            table = {name: seeds.seed_of(settings.key, submission.name, name) for name in settings.exercises}
            job = (settings.resume(submission), dict(submission.texts), table, there)
            future = client.submit(grade_there, *job, pure=False, retries=1)
            under_way[future] = submission
            completed.add(future)
            if len(under_way) >= at_most:
                _take(next(completed), under_way, settings, done)
        while under_way:
            _take(next(completed), under_way, settings, done)


def grade_there(
    begun: results.Results, texts: Mapping[str, str], table: Mapping[str, int], settings: Settings
) -> results.Results:
    """On a worker: grade what is missing of a submission."""
    with _one_at_a_time:
        batch.one_thread()
        for _ in batch.finish(begun, texts, settings, table.__getitem__):
            pass
    return begun


def _take(future: Any, under_way: dict[Any, intake.Submission], settings: Settings, done: batch.Done) -> None:
    """Keep what came back. A submission that killed its workers has crashed; any other trouble is the cluster's."""
    from distributed.scheduler import KilledWorker

    submission = under_way.pop(future)
    error = None if future.status == "finished" else future.exception() if future.status == "error" else future.status
    if error is None:
        done(batch.kept(future.result(), submission, settings))
    elif isinstance(error, KilledWorker):
        done(batch.given_up(submission, settings, KILLED))
    else:
        raise Unreachable(f"the cluster gave up on {submission.name}: {error}; the same command goes on from here")


def _about(backend: str) -> tuple[str, str]:
    """Of a worker: its course, and the backend that works there."""
    try:
        return course_id(), sandbox.choose(backend)
    except sandbox.Unavailable as error:
        return course_id(), f"none ({error})"


def _client(scheduler: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise Unreachable('a cluster needs Dask: pip install "quantization-labs[cluster]"') from None
    try:
        client = Client(scheduler, timeout=SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise Unreachable(f"no scheduler answers at {scheduler}: {error}") from None
    try:
        client.wait_for_workers(1, timeout=SECONDS)
    except TimeoutError:
        client.close()
        raise Unreachable(f"{scheduler} has no worker") from None
    return client
