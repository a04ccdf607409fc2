"""The learner's copies of notebooks: made once, never overwritten; updates of the course never conflict."""

from __future__ import annotations

import hashlib
from pathlib import Path

from nbformat import NotebookNode

from .. import catalogue
from ..catalogue import Lesson
from ..root import WORKSPACE
from . import normalise
from .files import write_atomically


def start(lesson: Lesson | int, *, fresh: bool = False) -> Path:
    """Make a learner's copy of a lesson's notebook, without outputs, and say what was done.

    A copy that is already there stays as it is. With ``fresh`` it moves to ``workspace/backup/`` first.

    Returns:
        The copy.

    Raises:
        UnknownId: there is no such lesson, or it has no notebook.
    """
    entry = catalogue.find_lesson(lesson) if isinstance(lesson, int) else lesson
    if not entry.notebook.is_file():
        raise catalogue.UnknownId(f"lesson {entry.number} has no {catalogue.relative(entry.notebook)}")
    copy = WORKSPACE / entry.notebook.name
    blank = normalise.load(entry.notebook)
    normalise.forget_outputs(blank)
    origin = _digest(blank)
    if copy.exists() and not fresh:
        print("your copy is as you left it")
        if _origin_of(copy) != origin:
            print("the lesson has changed since you made it; to get the new one and keep yours as a backup:")
            print(f"  labs start {entry.number} --fresh")
        return copy
    if copy.exists():
        print(f"your copy is kept as {catalogue.relative(_keep(copy))}")
    blank.metadata.setdefault("labs", {})["origin"] = origin
    write_atomically(copy, normalise.dumps(blank))
    return copy


def _digest(blank: NotebookNode) -> str:
    """What the learner would get. New outputs alone change nothing for them."""
    return hashlib.sha256(normalise.dumps(blank).encode()).hexdigest()


def _origin_of(copy: Path) -> str | None:
    try:
        return str(normalise.load(copy).metadata["labs"]["origin"])
    except (ValueError, LookupError, AttributeError):  # damaged, or the mark is gone: then it may well be old
        return None


def _keep(copy: Path) -> Path:
    """Put the bytes of a copy where nothing is yet."""
    folder = copy.parent / "backup"
    folder.mkdir(exist_ok=True)
    number = 1
    while True:
        backup = folder / f"{copy.stem}-{number}.ipynb"
        try:
            with backup.open("xb") as file:  # x: never over another backup
                file.write(copy.read_bytes())
        except FileExistsError:
            number += 1
        else:
            return backup
