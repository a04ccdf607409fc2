"""What ``labs grade`` does, and what it prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from . import batch, export, intake, sandbox, seeds
from .limits import Limits

KEY_FILE = ".course-key"


def run(
    place: Path,
    out: Path,
    only: list[str],
    backend: str,
    jobs: int,
    key: Path | None,
    seconds: float,
    memory: int,
    echo: bool,
    formats: list[str],
) -> int:
    """Grade all submissions of a place. Returns an exit status: 0 when every one has its results, whatever they are."""
    try:
        wanted = export.known(formats)
        places = intake.places(place)
        course_key = seeds.key_from(key, out / KEY_FILE)
        chosen = sandbox.choose(backend)
    except (FileNotFoundError, ValueError, sandbox.Unavailable) as error:
        print(f"labs: {error}", file=sys.stderr)
        return 2
    if chosen == "rlimits":
        print(f"labs: {sandbox.WARNING}", file=sys.stderr)
    limits = Limits(wall_seconds=seconds, cpu_seconds=max(1, round(seconds)), memory_mb=memory)
    settings = batch.Settings(out, course_key, chosen, batch.order_of(only), limits, echo)
    print(f"{len(places)} submissions, {len(settings.exercises)} exercises, backend {chosen}, results in {out}")
    bar = tqdm(total=len(places), unit="submission", file=sys.stderr, disable=None)
    count = {"full": 0, "part": 0, "none": 0}

    def done(data: Mapping[str, Any]) -> None:
        full = data["points"] == data["max_points"]
        count["full" if full else "part" if data["points"] else "none"] += 1
        bar.update()

    with bar:
        submissions = (intake.take(name, path) for name, path in places)
        batch.grade_all(submissions, settings, jobs=jobs or os.cpu_count() or 1, done=done)
    for path in export.export(out, wanted):
        print(f"written: {path}")
    print(f"all points: {count['full']}, some: {count['part']}, none: {count['none']}")
    return 0
