"""Finding lines of ``solutions/`` in an edition that must not hold any: in code, prose, notebooks and their outputs."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..course import catalogue
from ..course.devcheck.solution_lines import telling_lines

MARKED_UP = (".ipynb", ".md", ".html")  # where `<` may stand as `&lt;`


def leaks(folder: Path) -> Iterator[str]:
    """Where a line of a solution stands in a folder, one line a place.

    Spaces and line breaks do not count, and neither does what stands before and behind: a line in the middle of a
    sentence, behind a comment sign, in a hint or in a printed source is found too.
    """
    telling = {_bare(line): (entry.id, line) for entry in catalogue.exercises() for line in telling_lines(entry)}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        for text in _texts(path):
            yield from (f"{path.relative_to(folder).as_posix()}:{found}" for found in _in_text(text, telling))


def _in_text(text: str, telling: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    bare = _bare(text)
    for piece, (exercise_id, line) in telling.items():
        if piece in bare:
            number = _line_of(text, bare.index(piece))
            yield f"{number} holds a line of the solution of {exercise_id}: {line}"


def _bare(text: str) -> str:
    """Without spaces and line breaks, continued lines included."""
    return re.sub(r"\\?\s+", "", text)


def _line_of(text: str, place: int) -> int:
    """The number of the line that holds the letter at ``place`` of ``_bare(text)``."""
    for number, line in enumerate(text.splitlines(), start=1):
        place -= len(_bare(line + "\n"))
        if place < 0:
            return number
    return 1


def _texts(path: Path) -> list[str]:
    """What can be read of a file: of a notebook its cells and outputs one by one, of a picture nothing."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return []
    texts = [*_strings(json.loads(text))] if path.suffix == ".ipynb" else [text]
    return [html.unescape(one) if path.suffix in MARKED_UP and "&" in one else one for one in texts]


def _strings(value: object) -> Iterator[str]:
    """The strings of a notebook, but for pictures."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        yield "".join(value)  # how a notebook stores the lines of a cell
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not str(key).startswith("image/"):
                yield from _strings(item)
