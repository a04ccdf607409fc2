"""Proving the course: pytest over the tests and nbval over the notebooks, one run with one exit status."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from .. import catalogue
from ..root import NOTEBOOKS, ROOT

WORKERS = 2


def verify(lessons: list[int] | None = None) -> int:
    """Run the proof in solutions mode; its output goes to the terminal.

    Args:
        lessons: prove these lessons' notebooks and laws. None for the whole course.

    Returns:
        pytest's exit status: 0 when all holds. 2 when a chosen lesson has no notebook.
    """
    paths = everything() if lessons is None else chosen(lessons)
    missing = [path for path in paths if not path.exists()]
    if missing:
        print(f"there is no {', '.join(catalogue.relative(path) for path in missing)}", file=sys.stderr)
        return 2
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LABS_")}
    python_path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment |= {"LABS_MODE": "solutions", "OMP_NUM_THREADS": "1", "PYTHONPATH": python_path}
    return subprocess.call(command(paths), cwd=ROOT, env=environment)


def everything() -> list[Path]:
    """The tests, the examples in the solutions' docstrings, and the notebooks."""
    return [NOTEBOOKS, ROOT / "tests", ROOT / "solutions"]


def chosen(lessons: list[int]) -> list[Path]:
    """The notebooks of lessons, and the laws of those that have exercises."""
    entries = [catalogue.find_lesson(number) for number in lessons]
    laws = [catalogue.law_file(entry.number) for entry in entries if entry.exercises]
    return [entry.notebook for entry in entries] + laws


def command(paths: list[Path]) -> list[str]:
    """The command line, with two workers where pytest-xdist is installed."""
    line = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", "-r", "fEs"]
    if len(paths) > 1 and importlib.util.find_spec("xdist") is not None:
        line += ["-n", str(WORKERS), "--dist", "loadscope"]
    return [*line, *(catalogue.relative(path) for path in paths)]
