"""Questions about one code cell: how authors mark it, and whether it is a check."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

RAISES = "raises-exception"
IGNORE = "nbval-ignore-output"
COMMENT = re.compile(r"^\s*#+\s*((?:PYTEST_VALIDATE|NBVAL)_\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Marks:
    """What the author says about a cell, from its tags and from ``labs`` in its metadata."""

    raises: str | None  # the name of the exception that must come
    ignored: bool  # whether its output goes uncompared
    problems: tuple[str, ...]


def marks(cell: NotebookNode) -> Marks:
    """Read the marks of a code cell. Tags and metadata that do not belong together are problems."""
    tags = list(cell.metadata.get("tags", []))
    comments = COMMENT.findall(cell.source)
    labs = dict(cell.metadata.get("labs", {}))
    ignored = IGNORE in tags or "NBVAL_IGNORE_OUTPUT" in comments
    return Marks(
        raises=labs.get("raises") if RAISES in tags else None,
        ignored=ignored,
        problems=tuple(_problems(cell, tags, comments, labs, ignored)),
    )


def _problems(
    cell: NotebookNode, tags: list[str], comments: list[str], labs: dict[str, object], ignored: bool
) -> Iterator[str]:
    for marker in [*(tag for tag in tags if tag.startswith("nbval") and tag != IGNORE), *comments]:
        if marker != "NBVAL_IGNORE_OUTPUT":
            yield f"the marker {marker} is not one of the course's ({IGNORE}, {RAISES})"
    for key in sorted(labs.keys() - {"raises", "ignore"}):
        yield f"metadata.labs.{key} means nothing here (raises, ignore)"
    if RAISES in tags and not _is_text(labs.get("raises")):
        yield f'{RAISES} needs the exception by name: metadata {{"labs": {{"raises": "ValueError"}}}}'
    if "raises" in labs and RAISES not in tags:
        yield f"metadata.labs.raises without the tag {RAISES}"
    if ignored and not _is_text(labs.get("ignore")):
        yield f'{IGNORE} needs a reason: metadata {{"labs": {{"ignore": "why"}}}}'
    if "ignore" in labs and not ignored:
        yield f"metadata.labs.ignore without the tag {IGNORE}"
    if ignored and cell.execution_count is not None and not cell.outputs:
        yield f"{IGNORE} is unused: the cell has no output"


def is_check(source: str) -> bool:
    """Whether the last statement of a cell is a call such as ``check("03.2")``."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a magic
        return False
    match body[-1:]:
        case [ast.Expr(value=ast.Call(func=ast.Name(id="check"), args=[_, *_]))]:
            return True
    return False


def code_cells(book: NotebookNode) -> list[NotebookNode]:
    """The code cells that hold code, in order: cell n of these is the one that shows ``[n]``."""
    return [cell for cell in book.cells if cell.cell_type == "code" and cell.source.strip()]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
