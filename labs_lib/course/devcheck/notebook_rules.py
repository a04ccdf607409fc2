"""Rules about notebooks and pages: one place an exercise, figures with words, links that lead somewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .. import catalogue
from ..root import LAWS, NOTEBOOKS, ROOT

LINK = re.compile(r"!?\[([^\]]*)\]\(\s*<?([^)\s>]+)>?[^)]*\)")
IMAGE = re.compile(r"!\[([^\]]*)\]\(|<img\b(?![^>]*\balt=\"[^\"]+\")")
NOT_PAGES = {".venv", ".git", "workspace", ".labs", "node_modules"}


def one_place() -> Iterator[str]:
    """Every lesson has its notebook, and every exercise a check cell in one notebook and laws in one file."""
    sources = {path: "\n".join(_cells(path, "code")) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    for lesson in catalogue.lessons():
        if lesson.notebook not in sources:
            yield f"lesson {lesson.number} has no notebook {catalogue.relative(lesson.notebook)}"
    laws = {path: path.read_text(encoding="utf-8") for path in sorted(LAWS.glob("test_*.py"))}
    for entry in catalogue.exercises():
        shown = [path for path, text in sources.items() if f'check("{entry.id}")' in text]
        if shown != [catalogue.find_lesson(entry.lesson).notebook]:
            yield f"{entry.id} is checked in {_names(shown)}, not in the notebook of lesson {entry.lesson} alone"
        judged = [path for path, text in laws.items() if f'@law("{entry.id}"' in text]
        if judged != [catalogue.law_file(entry.lesson)]:
            yield f"{entry.id} has laws in {_names(judged)}, not in {catalogue.law_file(entry.lesson).name} alone"


def alt_text() -> Iterator[str]:
    """Every picture has words: an output's text and alt metadata, an image link's brackets."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for number, cell in enumerate(_read(path)["cells"], start=1):
            for output in cell.get("outputs", []):
                if "image/png" not in output.get("data", {}):
                    continue
                words = "".join(output["data"].get("text/plain", ""))
                alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
                if not alt or not words.startswith("Figure: "):
                    yield f"{path.name}, cell {number}: a figure without alt text (show it with show.publish)"
    for page, text in _pages():
        for match in IMAGE.finditer(text):
            if not match[1]:
                yield f"{catalogue.relative(page)}: an image without alt text: {match[0]}"


def links() -> Iterator[str]:
    """Every link to a place inside the repository resolves."""
    for page, text in _pages():
        for match in LINK.finditer(text):
            target = unquote(match[2].partition("#")[0])
            if not target or re.match(r"[a-z]+:", target):
                continue
            if not (page.parent / target).resolve().is_relative_to(ROOT) or not (page.parent / target).exists():
                yield f"{catalogue.relative(page)}: the link to {match[2]} leads nowhere"


def executed() -> Iterator[str]:
    """Every code cell was run, in order, from a fresh kernel, and wrote nothing to stderr."""
    from ..nb.guards import stored_problems

    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for problem in stored_problems(path):
            yield f"{path.name}: {problem}"


def _pages() -> Iterator[tuple[Path, str]]:
    """Markdown files, and the markdown of each notebook."""
    for path in sorted(ROOT.rglob("*.md")):
        if not NOT_PAGES & set(path.relative_to(ROOT).parts):
            yield path, path.read_text(encoding="utf-8")
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        yield path, "\n\n".join(_cells(path, "markdown"))


def _cells(path: Path, kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in _read(path)["cells"] if cell["cell_type"] == kind]


def _read(path: Path) -> dict[str, Any]:
    book: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return book


def _names(paths: list[Path]) -> str:
    return ", ".join(path.name for path in paths) or "no file"
