"""What ``labs grade`` does, and what it prints."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from . import batch, cluster, export, intake, results, sandbox, seeds, similarity
from .limits import Limits
from .settings import Settings

KEY_FILE = ".course-key"
SIMILARITY = "similarity.html"
INTERRUPTED = 130


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    place: Path
    out: Path
    only: tuple[str, ...] = ()
    backend: str = "auto"
    jobs: int = 0
    key: Path | None = None
    limits: Limits = Limits()  # noqa: RUF009, it cannot be changed
    echo: bool = True
    formats: tuple[str, ...] = ()
    scheduler: str = ""
    similarity: bool = False


def run(request: Request) -> int:
    """Grade all submissions of a place. Returns an exit status: 0 when every one has its results, whatever they are."""
    try:
        formats = export.known(request.formats)
        places = intake.places(request.place)
        settings = settings_of(request)
        _say(f"{len(places)} submissions, {len(settings.exercises)} exercises, backend {settings.backend}")
        if settings.backend == "rlimits":
            _say(f"labs: {sandbox.WARNING}")
        with _counting(len(places)) as done:
            _grade(_taken(places), settings, request, done)
    except (FileNotFoundError, ValueError, sandbox.Unavailable, cluster.Unreachable) as error:
        _say(f"labs: {error}")
        return 2
    except KeyboardInterrupt:
        _say("labs: stopped; the same command goes on from here")
        return INTERRUPTED
    files = [settings.file(intake.Submission(name)) for name, _ in places]
    for path in export.export(request.out, files, formats):
        print(f"written: {path}")
    if request.similarity:
        results.write_text(request.out / SIMILARITY, [similarity.report(similarity.pairs(_taken(places)))])
        print(f"written: {request.out / SIMILARITY}")
    return 0


def settings_of(request: Request) -> Settings:
    """The settings of a run. The key is read or made; the backend is tried out."""
    exercises = batch.order_of(request.only)
    if request.scheduler:
        backend = cluster.choose(request.scheduler, request.backend)
    else:
        backend = sandbox.choose(request.backend)
    key = seeds.key_from(request.key, request.out / KEY_FILE)
    return Settings(request.out, key, backend, exercises, request.limits, request.echo)


def _grade(submissions: Iterator[intake.Submission], settings: Settings, request: Request, done: batch.Done) -> None:
    if request.scheduler:
        cluster.grade_all(submissions, settings, scheduler=request.scheduler, done=done)
    else:
        batch.grade_all(submissions, settings, jobs=request.jobs or len(batch.cores()), done=done)


def _taken(places: list[tuple[str, Path]]) -> Iterator[intake.Submission]:
    return (intake.take(name, path) for name, path in places)


@contextmanager
def _counting(total: int) -> Iterator[batch.Done]:
    """A bar with rate and remaining time while it runs; afterwards how many have all points, some, none."""
    points: Counter[str] = Counter()
    not_gradable = 0

    def done(data: Mapping[str, Any]) -> None:
        nonlocal not_gradable
        points["all" if data["points"] == data["max_points"] else "some" if data["points"] else "no"] += 1
        not_gradable += any(one["state"] == "not_gradable" for one in data["exercises"])
        bar.update()

    with tqdm(total=total, unit=" submissions", file=sys.stderr, disable=None) as bar:
        yield done
    print(", ".join(f"{points[kind]} with {kind} points" for kind in ("all", "some", "no")))
    if not_gradable:
        print(f"{not_gradable} with something not gradable: their results.json says why")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
