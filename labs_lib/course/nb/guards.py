"""What nbval lets through and the course does not. Each problem is one line that says where and what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from . import normalise
from .cells import Marks, code_cells, marks

PICTURES = ("image/png", "image/jpeg")  # nbval compares neither
MAX_IGNORED = 0.03  # of all code cells of the course


def stored_problems(path: Path) -> list[str]:
    """What is wrong with a notebook as it lies on disk. Empty for a notebook that nbval can prove."""
    text = path.read_text(encoding="utf-8")
    try:
        book = normalise.loads(text)
        problems = [*_never_executed(book), *book_problems(book)]
        if not problems and normalise.normalised(text) != text:
            problems = ["not in the stored form (ids, metadata, layout): `labs render` writes it"]
    except (ValueError, nbformat.ValidationError) as error:  # JSON that does not parse is a ValueError too
        problems = [f"not a notebook: {str(error).splitlines()[0]}"]
    return problems


def book_problems(book: NotebookNode) -> list[str]:
    """What is wrong with the marks and outputs of a notebook's cells."""
    return [
        f"cell {number}: {problem}"
        for number, cell in enumerate(code_cells(book), start=1)
        for found in [marks(cell)]
        for problem in [*found.problems, *output_problems(found, cell.outputs)]
    ]


def _never_executed(book: NotebookNode) -> Iterator[str]:
    counts = [cell.execution_count for cell in code_cells(book)]
    missing = [str(number) for number, count in enumerate(counts, start=1) if count is None]
    if missing:
        yield f"never executed, so nbval would compare nothing: cell {', '.join(missing)}"
    elif counts != list(range(1, len(counts) + 1)):
        yield f"not run in order from a fresh kernel: the cells are numbered {', '.join(map(str, counts))}"


def output_problems(marked: Marks, outputs: Iterable[NotebookNode]) -> Iterator[str]:
    """What is wrong with the outputs of one cell, stored or just produced."""
    raised = [output.ename for output in outputs if output.output_type == "error"]
    if raised and marked.raises is None:
        yield f"raised {raised[0]}, and no tag says so"
    elif marked.raises is not None and not raised:
        yield f"{marked.raises} should come, and no exception came"
    elif raised and raised != [marked.raises]:
        yield f"{marked.raises} should come, and {raised[0]} came"
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            yield f"wrote to stderr: {output.text.strip()}"
        yield from _picture_problems(output)


def _picture_problems(output: NotebookNode) -> Iterator[str]:
    data = output.get("data", {})
    if "image/svg+xml" in data:
        yield "an SVG picture holds random ids: show.publish makes a PNG"
    for kind in PICTURES:
        if kind not in data:
            continue
        if not data.get("text/plain", "").startswith("Figure: "):
            yield 'a figure without text/plain that starts with "Figure: " (show.publish writes it)'
        if not output.metadata.get(kind, {}).get("alt", "").strip():
            yield "a figure without alt metadata (show.publish writes it)"


def ignored_cells(paths: Iterable[Path]) -> tuple[list[str], int]:
    """The cells whose output goes uncompared, and the number of all code cells."""
    ignored: list[str] = []
    total = 0
    for path in paths:
        for number, cell in enumerate(code_cells(normalise.load(path)), start=1):
            total += 1
            if marks(cell).ignored:
                ignored.append(f"{path.name}, cell {number}: {cell.metadata.get('labs', {}).get('ignore')}")
    return ignored, total


def too_many_ignored(paths: Iterable[Path]) -> str | None:
    """Why the cap on ignored cells is broken, None where it holds."""
    ignored, total = ignored_cells(paths)
    if len(ignored) <= MAX_IGNORED * total:
        return None
    share = f"{len(ignored)} of {total} code cells go uncompared, {MAX_IGNORED:.0%} are allowed:"
    return "\n  ".join([share, *ignored])
