"""Shared by all tests: offline, one thread, and pristine copies of the course to break."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")

import pytest

from labs_lib.course.root import ROOT

NOT_PART_OF_THE_COURSE = shutil.ignore_patterns(
    ".git", ".venv", ".labs", "workspace", "__pycache__", ".ipynb_checkpoints", ".ruff_cache", ".mypy_cache"
)


LARGE = 1_000_000  # bytes; weights and text are never edited, so that copies of the course can share them


def copy_course(source: Path, target: Path) -> None:
    """Copy the course, large files by link where the file system allows it."""
    shutil.copytree(source, target, ignore=NOT_PART_OF_THE_COURSE, copy_function=_copy_or_link)


def _copy_or_link(source: str, target: str) -> None:
    if os.path.getsize(source) > LARGE and source.endswith((".safetensors", ".xz")):
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copy2(source, target)


class Tree:
    """A copy of the whole course with untouched stubs, and the command line that works on it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace one piece of one file; it must be there."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run Python on this copy: the course is found from the package's own place."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("LABS_", "PYTEST_"))}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env={**clean, "PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1", **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    def labs(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "labs_lib", *arguments, **environment)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """One untouched copy, to read or to copy; no test may change it."""
    root = tmp_path_factory.mktemp("pristine") / "course"
    copy_course(ROOT, root)
    tree = Tree(root)
    made = tree.labs("stubs", "--force")
    assert made.returncode == 0, made.stdout + made.stderr
    return tree


@pytest.fixture
def tree(pristine: Tree, tmp_path: Path) -> Tree:
    """A copy of one's own, to break."""
    copy_course(pristine.root, tmp_path / "course")
    return Tree(tmp_path / "course")
