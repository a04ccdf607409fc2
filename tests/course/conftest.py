"""A copy of the course imported into this process, so that torch is imported once for all tests."""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from labs_lib.course import catalogue, load, source
from labs_lib.course.stub_form import given_statements

OURS = ("labs_lib", "solutions", "tests")
EXERCISE = importlib.import_module("labs_lib.course.exercise")  # the package's name for it is the decorator

load.learner_modules()  # all bodies are registered before the first test, so that each test finds the same ones
for entry in catalogue.exercises():
    EXERCISE.has_reference(entry.id)


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


class Course:
    """One copy of the course, to break: its files, its command line, its modules."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.file = root / "labs_lib" / "affine.py"

    def module(self, name: str) -> ModuleType:
        return importlib.import_module(f"labs_lib.{name}")

    def labs(self, *arguments: str) -> Done:
        """Run the command line in this process."""
        out, err = io.StringIO(), io.StringIO()
        argv, sys.argv = sys.argv, ["labs", *arguments]
        status: Any = 0
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                self.module("course.cli").main()
        except SystemExit as stop:
            status = stop.code or 0
        finally:
            sys.argv = argv
        return Done(status, out.getvalue(), err.getvalue())

    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    def edit(self, old: str, new: str) -> None:
        """Replace one piece of the learner's file; it must be there once."""
        text = self.text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in affine.py"
        self.file.write_text(text.replace(old, new), encoding="utf-8")

    def write(self, exercise_id: str, body: str) -> None:
        """Put a body in place of what stands below the given lines of an exercise."""
        block = source.read(self.file).blocks[exercise_id]
        assert block.node is not None
        given = len(given_statements(block.node))
        first = block.node.body[given].lineno
        lines = self.text().split("\n")
        lines[first - 1 : block.last_line] = ["    " + line if line else "" for line in body.split("\n")]
        self.file.write_text("\n".join(lines), encoding="utf-8")

    def solve(self, *exercise_ids: str) -> None:
        """Write the reference's bodies; all of them without an id."""
        stubs = self.module("course.stubs")
        solved = exercise_ids or [entry.id for entry in self.module("course.catalogue").exercises()]
        for file in stubs.files():
            solution = (self.root / "solutions" / file).read_text(encoding="utf-8")
            text = stubs.stub_module(solution, file, solved=solved)
            (self.root / "labs_lib" / file).write_text(text, encoding="utf-8")

    def line_of(self, piece: str) -> int:
        """The number of the one line of the learner's file that holds ``piece``."""
        (number,) = (n for n, line in enumerate(self.text().split("\n"), start=1) if piece in line)
        return number

    def verdict(self, exercise_id: str) -> Any:
        """The verdict of the check engine on one exercise, whatever was remembered."""
        chosen = [self.module("course.catalogue").find(exercise_id)]
        (verdict,) = self.module("course.checks").check(chosen, remember=False)
        return verdict


@pytest.fixture
def course(tree: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    """A copy of one's own whose ``labs_lib`` is the one that ``import labs_lib`` finds."""
    kept = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in OURS}
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delenv("LABS_MODE", raising=False)
    monkeypatch.setattr(sys, "path", [str(tree.root), *sys.path])
    _forget()
    importlib.invalidate_caches()
    yield Course(tree.root)
    _forget()
    sys.modules.update(kept)


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]


@pytest.fixture(autouse=True)
def nothing_gets_in_or_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make test` runs in solutions mode, these tests say which they want; bodies that they register are forgotten."""
    monkeypatch.delenv("LABS_MODE", raising=False)
    for registry in ("_written", "_reference", "_untouched"):
        monkeypatch.setattr(EXERCISE, registry, dict(getattr(EXERCISE, registry)))
    monkeypatch.setattr(EXERCISE, "_announced", set(EXERCISE._announced))
