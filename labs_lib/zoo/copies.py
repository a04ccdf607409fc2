"""Converted copies of models, kept under ``.labs/models``: made once, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ..course.root import STATE

MODELS = STATE / "models"
MARK = "made-from.txt"  # in each copy: what it was made from, so that it is made anew when that changes
UNFINISHED = "unfinished-"
FORGOTTEN = 3600  # seconds after which an unfinished copy has nobody who still writes it


def kept(name: str, made_from: str) -> Path | None:
    """The folder of a copy, if there is one that was made from this."""
    mark = MODELS / name / MARK
    return mark.parent if mark.is_file() and mark.read_text(encoding="utf-8") == made_from else None


def make(name: str, made_from: str, write: Callable[[Path], None]) -> Path:
    """Let ``write`` fill a new folder, and put it in place with one rename.

    Whenever it is stopped, there is the old copy or the new one or none, never half of one. Two processes
    may make the same copy at the same time; the second leaves the first one's in place.
    """
    MODELS.mkdir(parents=True, exist_ok=True)
    _sweep()
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=MODELS) as unfinished:
        new, place = Path(unfinished) / name, MODELS / name
        new.mkdir()
        write(new)
        (new / MARK).write_text(made_from, encoding="utf-8")
        if kept(name, made_from) is None:
            if place.exists():
                place.rename(Path(unfinished) / "old")
            try:
                new.rename(place)
            except OSError:  # somebody was quicker, by less than the line above takes
                if kept(name, made_from) is None:
                    raise
    return place


def remove(name: str) -> bool:
    """Delete a copy. Returns whether there was one."""
    place = MODELS / name
    there = place.exists()
    shutil.rmtree(place, ignore_errors=False) if there else None
    return there


def _sweep() -> None:
    """Delete what a killed process left."""
    for folder in MODELS.glob(f"{UNFINISHED}*"):
        if time.time() - folder.stat().st_mtime > FORGOTTEN:
            shutil.rmtree(folder, ignore_errors=True)
