"""``labs release OUT/``: the edition for students of a graded class, without ``solutions/`` or any line of it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..course.root import ROOT
from . import plan
from .leaks import leaks

KEPT = ("labs_lib", "notebooks", "docs", "tests/laws")  # folders; mutants and equivalents hold most lines of a solution
KEPT_FILES = (
    *("README.md", "AGENTS.md", "LICENSE", "LICENSE-PROSE.md", "Makefile", ".gitignore"),
    *("environment.yml", "pyproject.toml", "constraints.txt", "models.txt", "tests/__init__.py"),
)
NOTE = (
    "> This is the edition for a graded class. It ships without `solutions/`: an exercise that is not written has no\n"
    "> stand-in. `labs check` judges yours by the same laws as everywhere; `make test` belongs to the full edition.\n"
)


class Leak(RuntimeError):
    """A line of a solution would have been given away."""


def release(out: Path) -> list[str]:
    """Write the student edition into a new folder. Returns the files.

    Raises:
        FileExistsError: ``out`` exists and is not an empty folder. Leak: nothing was written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(f"OUT must be a new or an empty folder, got {str(out)!r}")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=out.parent) as scratch:
        edition = Path(scratch) / "edition"
        for name in files():
            (edition / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, edition / name)
        for file, text in plan.untouched().items():  # whatever the instructor has written there
            (edition / "labs_lib" / file).write_text(text, encoding="utf-8")
        readme = edition / "README.md"
        title, _, rest = readme.read_text(encoding="utf-8").partition("\n")
        readme.write_text(f"{title}\n\n{NOTE}{rest}", encoding="utf-8")
        found = [*leaks(edition)]
        if found:
            raise Leak("\n".join(found))
        if out.exists():
            out.rmdir()
        edition.rename(out)
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())


def files(folders: Sequence[str] = KEPT, root: Path = ROOT) -> list[str]:
    """What an edition is made of: what git does not ignore of some folders, and of ``KEPT_FILES``.

    Where there is no git, all files but those in hidden folders.
    """
    names = _listed(root) or [path.relative_to(root).as_posix() for path in root.rglob("*")]
    tops = tuple(f"{top}/" for top in folders)
    kept = [name for name in names if name in KEPT_FILES or name.startswith(tops)]
    return sorted(name for name in kept if (root / name).is_file() and not _hidden(name))


def uncommitted(root: Path = ROOT) -> list[str]:
    """The files of an edition that git does not know yet: a draft, or an answer key with a new name."""
    new = {*_listed(root, "--others")}
    return [name for name in files(root=root) if name in new]


def _listed(root: Path, *which: str) -> list[str]:
    """Files below a folder by git; none where there is no git."""
    command = ["git", "ls-files", "-z", "--exclude-standard", *(which or ("--cached", "--others"))]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    except FileNotFoundError:
        return []
    return [name for name in done.stdout.split("\0") if name] if done.returncode == 0 else []


def _hidden(name: str) -> bool:
    parts = Path(name).parts
    return "__pycache__" in parts or any(part.startswith(".") for part in parts[:-1])
