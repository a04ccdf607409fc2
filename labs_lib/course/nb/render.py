"""Running notebooks anew and storing what they show: what learners see, and what nbval compares with."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from ..root import ROOT
from . import guards, normalise
from .cells import code_cells
from .environment import CELL_TIMEOUT, KERNEL_ARGUMENTS, NO_TERMINAL, kernel_environment
from .files import write_atomically
from .kernel import manager

ANSI = re.compile(r"\x1b\[[0-9;]*m")


class RenderError(Exception):
    """A notebook that cannot be stored: which one, which cell, and what it said."""


def render(paths: Iterable[Path], *, progress: bool = True) -> None:
    """Run each notebook in a fresh kernel, in its folder, in solutions mode, and store its outputs.

    Raises:
        RenderError: a cell raised, wrote to stderr, or showed what nbval could not prove. That notebook and
            the ones after it are as they were.
    """
    for path in paths:
        start = time.monotonic()
        book = run(path)
        write_atomically(path, normalise.dumps(book))
        if progress:
            seconds = time.monotonic() - start
            print(f"{path.name}: {len(code_cells(book))} cells in {seconds:.1f} s", flush=True)


def run(path: Path) -> NotebookNode:
    """A notebook with the outputs of a fresh run. Nothing is written."""
    if not path.is_file():
        raise RenderError(f"{path.name}: there is no such notebook")
    book = normalise.load(path)
    normalise.forget_outputs(book)
    _execute(book, path)
    _shorten_tracebacks(book)
    problems = [*guards.book_problems(book), *_machine_paths(book)]
    if problems:
        raise RenderError("\n".join(f"{path.name}, {problem}" for problem in problems))
    return book


def _execute(book: NotebookNode, path: Path) -> None:
    running: list[NotebookNode] = []
    client = NotebookClient(
        book,
        km=manager(),
        timeout=CELL_TIMEOUT,
        record_timing=False,
        store_widget_state=False,
        skip_cells_with_tag="",  # a cell that is not run cannot be proven
        extra_arguments=KERNEL_ARGUMENTS,
        on_cell_execute=lambda cell, cell_index: running.append(cell),
    )
    try:
        client.execute(cleanup_kc=True, cwd=str(path.parent), env=kernel_environment("solutions"), **NO_TERMINAL)
    except Exception as error:
        if hasattr(client, "_async_cleanup_kernel_future"):  # nbclient's trace of a Ctrl-C, which it swallows
            raise KeyboardInterrupt from None
        if not isinstance(error, (CellExecutionError, CellTimeoutError, DeadKernelError)):
            raise
        said = ANSI.sub("", str(error)).strip()
        raise RenderError(f"{path.name}, cell {len(running)}: {said}") from None


def _shorten_tracebacks(book: NotebookNode) -> None:
    """Take colours and the folders of this machine out of tracebacks, which nbval does not compare."""
    prefix = Path(sys.prefix)
    places = {f"{ROOT}/": "", f"{_from_home(ROOT)}/": "", str(prefix): ".venv", _from_home(prefix): ".venv"}
    errors = [output for cell in code_cells(book) for output in cell.outputs if output.output_type == "error"]
    for output in errors:
        text = ANSI.sub("", "\n".join(output.traceback))
        for place, short in places.items():
            text = text.replace(place, short)
        output.traceback = text.split("\n")


def _from_home(path: Path) -> str:
    """A path as IPython writes it."""
    home = str(Path.home())
    return str(path).replace(home, "~", 1) if str(path).startswith(home) else str(path)


def _machine_paths(book: NotebookNode) -> list[str]:
    """Outputs that name this tree's folder: on another machine they would differ."""
    problems = []
    for number, cell in enumerate(code_cells(book), start=1):
        for output in cell.outputs:
            data = output.get("data", {})
            texts = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
            texts += [str(value) for kind, value in data.items() if not kind.startswith("image/")]
            if any(str(ROOT) in text for text in texts):
                problems.append(f"cell {number}: an output names a folder of this machine: {ROOT}")
    return problems
