"""How the course runs nbval: its own collector and cells on top of nbval's, for ``notebooks/conftest.py``.

What is taken from nbval: running cells, collecting their outputs, comparing them and showing differences.
What is added: the guards of ``guards``, tolerance for decimals, the order of outputs, a watch on the kernel's
process, and the end of a notebook at its first failure. ``LABS_NBVAL=fallback`` proves untouched stubs.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import nbval
import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile, nocolors

from . import fallback, guards, normalise
from .cells import code_cells, is_check, marks
from .comparator import Tolerant, alternative_texts, order
from .environment import CELL_TIMEOUT
from .kernel import KernelDied, WatchedKernel

NBVAL = "0.11"  # the version whose methods are overridden here
NBVAL_TIMEOUT = 2000  # nbval's default for a cell
RUNS = {"solutions": "solutions", "fallback": "student"}  # LABS_NBVAL: the mode of the kernel


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what would prove less than it seems to."""
    if nbval.__version__.split(".")[:2] != NBVAL.split("."):
        raise pytest.UsageError(
            f"labs_lib/course/nb/plugin.py extends nbval {NBVAL}, this is {nbval.__version__}: "
            "install the version in constraints.txt, or bring plugin.py up to date"
        )
    if config.option.nbval_lax:
        raise pytest.UsageError("--nbval-lax compares almost nothing: use --nbval")
    if config.option.nbval_cell_timeout == NBVAL_TIMEOUT:
        config.option.nbval_cell_timeout = CELL_TIMEOUT
    run_name()


def run_name() -> str:
    """Which run this is, from LABS_NBVAL."""
    name = os.environ.get("LABS_NBVAL") or "solutions"
    if name not in RUNS:
        raise pytest.UsageError(f"LABS_NBVAL must be one of {', '.join(RUNS)}, got {name!r}")
    return name


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Generator[None, list[Any], list[Any]]:
    """Put the course's collector in the place of nbval's."""
    collected = yield
    ours = (Notebook.from_parent(parent, path=file_path) for node in collected if type(node) is IPyNbFile)
    return [*ours, *(node for node in collected if type(node) is not IPyNbFile)]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what comes after a failure: it would only say the same again."""
    if isinstance(item.parent, Notebook) and item.parent.failed is not None:
        reason = f"{item.parent.failed} failed, the rest of {item.path.name} is not run"
        item.add_marker(pytest.mark.skip(reason=reason))


class Notebook(IPyNbFile):
    """One notebook: an item for its stored form, then an item for each cell."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.failed: str | None = None  # the name of the first item that failed
        self.kernel: WatchedKernel | None = None

    def collect(self) -> Iterator[pytest.Item]:
        yield StoredForm.from_parent(self, name="stored form")
        try:
            book = normalise.load(self.path)
        except ValueError:  # the item above says why
            return
        for number, cell in enumerate(code_cells(book), start=1):
            yield Cell.from_parent(self, name=f"cell {number}", number=number, cell=cell)

    def setup(self) -> None:
        """Nothing yet: the kernel starts with the first cell, a broken stored form needs none."""

    def started_kernel(self) -> WatchedKernel:
        if self.kernel is None:
            self.setup_sanitize_files()
            timeout = self.config.option.nbval_kernel_startup_timeout
            self.kernel = WatchedKernel(self.path.parent, RUNS[run_name()], timeout)
        return self.kernel

    def teardown(self) -> None:
        if self.kernel is not None:
            self.kernel.stop()


class StoredForm(pytest.Item):
    """The guards that need no kernel."""

    def runtest(self) -> None:
        problems = guards.stored_problems(self.path)
        if problems:
            self.parent.failed = self.name  # type: ignore[union-attr]
            pytest.fail("\n".join(problems), pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}, stored form"


class Cell(IPyNbCell):
    """One code cell. The number is the one that the notebook shows in brackets."""

    def __init__(self, name: str, parent: Notebook, number: int, cell: NotebookNode) -> None:
        self.marks = marks(cell)
        # ``check``: nbval calls compare_outputs for every cell, because the guards hold for ignored ones too.
        options = defaultdict(bool, check=True, check_exception=self.marks.raises is not None)
        super().__init__(name, parent, number, cell, options)
        self.colors = nocolors

    def runtest(self) -> None:
        try:
            self.parent.started_kernel()
            super().runtest()
        except KernelDied as error:
            self.parent.failed = self.name
            self.raise_cell_error(str(error))
        except BaseException:
            self.parent.failed = self.name
            raise

    def compare_outputs(
        self, test: list[NotebookNode], ref: list[NotebookNode], skip_compare: tuple[str, ...] | None = None
    ) -> bool:
        """Whether what a cell has just produced (``test``) is what is stored (``ref``)."""
        self.comparison_traceback = list(guards.output_problems(self.marks, test))
        if self.comparison_traceback or self.marks.ignored:
            return not self.comparison_traceback
        if run_name() == "fallback":
            test = fallback.without_announcements(test)
            if is_check(self.cell.source):
                test, produced = fallback.split_verdicts(test)
                ref, stored = fallback.split_verdicts(ref)
                problem = fallback.verdict_problem(stored, produced)
                if problem is not None:
                    self.comparison_traceback = [problem]
                    return False
        super().compare_outputs(test, ref, skip_compare)  # appends to comparison_traceback
        for what, found in (("outputs", order), ("alternative texts", alternative_texts)):
            if found(test) != found(ref):
                difference = f"other {what}: stored {found(ref)}, produced {found(test)}"
                self.comparison_traceback.insert(0, difference)
        return not self.comparison_traceback

    def sanitize(self, s: Any) -> Any:
        clean = super().sanitize(s)
        return Tolerant(clean) if isinstance(clean, str) else clean

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}, {self.name}"
