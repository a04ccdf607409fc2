"""From what a learner handed in to the texts of their modules, and not one file more.

A submission is a folder, a zip or tar file, or a git repository that a CSV file names. Nothing of it is unpacked onto
the disk, imported or executed: the modules that learners write are read as text, and all else is left where it is.
"""

from __future__ import annotations

import csv
import hashlib
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...course import stubs
from .limits import Refused
from .reading import archive, folder, repository

LONGEST_NAME = 120  # of a folder, in characters
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True)
class Submission:
    """One learner's modules as text, or the reason why they were not taken."""

    name: str
    texts: Mapping[str, str] = field(default_factory=dict)  # by file, such as "affine.py"; those that were handed in
    refused: str = ""

    @property
    def source_id(self) -> str:
        """A hash of what is graded."""
        digest = hashlib.sha256(self.refused.encode())
        for file, text in sorted(self.texts.items()):
            digest.update(f"{file}\0{len(text)}\0".encode() + text.encode(errors="surrogateescape"))
        return digest.hexdigest()[:16]

    @property
    def folder_name(self) -> str:
        """The name as a folder of ``results/``: what no file system minds."""
        name = re.sub(r"^\.", "%2E", urllib.parse.quote(self.name, safe=" @+,=()[]~", errors="surrogateescape"))
        if len(name) > LONGEST_NAME:
            name = f"{name[:LONGEST_NAME]}...{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        return name or "%00"


def submissions(place: Path) -> Iterator[Submission]:
    """All submissions of a folder (its folders and archives) or of a CSV file, by name; read one at a time."""
    for name, path in places(place):
        yield take(name, path)


def places(place: Path) -> list[tuple[str, Path]]:
    """The names of the submissions, and where each one lies. FileNotFoundError, ValueError: no such place, no name."""
    if place.suffix.lower() == ".csv":
        return _listed(place)
    if not place.is_dir():
        raise FileNotFoundError(f"SUBMISSIONS must be a folder or a CSV file, got {str(place)!r}")
    found = [(_stem(path), path) for path in sorted(place.iterdir()) if not path.name.startswith(".")]
    found = [(name, path) for name, path in found if path.is_dir() or path.is_symlink() or name != path.name]
    _distinct([name for name, _ in found])
    return found


def take(name: str, path: Path) -> Submission:
    """Read one submission. Whatever is wrong with it becomes its ``refused``; the class goes on."""
    try:
        if path.is_symlink():
            raise Refused("it is a link")
        if path.is_dir():
            bare = (path / "HEAD").is_file() and (path / "objects").is_dir()
            files = repository(path) if bare else folder(path)
        elif path.is_file():
            files = archive(path)
        else:
            raise Refused(f"there is no {path.name}")
        texts = {file: data.decode("utf-8-sig", "surrogateescape") for file, data in files.items()}
        if not texts:
            raise Refused(f"it holds none of the modules {', '.join(stubs.files())}")
        return Submission(name, {file: texts[file].replace("\r\n", "\n").replace("\r", "\n") for file in texts})
    except Refused as refused:
        return Submission(name, refused=str(refused))
    except Exception as error:  # zlib, zipfile, struct and others have errors of their own
        return Submission(name, refused=f"it cannot be read: {type(error).__name__}: {error}"[:300])


def _listed(path: Path) -> list[tuple[str, Path]]:
    """A CSV file with the columns ``submission`` and ``url``; the URLs are paths or ``file://`` addresses."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    if rows and not {"submission", "url"} <= rows[0].keys():
        raise ValueError(f"{path} must have the columns submission and url, got {', '.join(rows[0])}")
    found = []
    for row in rows:
        address = row["url"] or ""
        if "://" in address and not address.startswith("file://"):
            raise ValueError(f"url must be a local path, got {address!r}: clone it first")
        found.append((row["submission"] or "", path.parent / address.removeprefix("file://")))
    _distinct([name for name, _ in found])
    return found


def _distinct(names: list[str]) -> None:
    folders = [Submission(name).folder_name.casefold() for name in names]
    twice = [name for name, folder in zip(names, folders, strict=True) if not name or folders.count(folder) > 1]
    if twice:
        raise ValueError(f"submissions must have names that differ, got {twice[0]!r} more than once")


def _stem(path: Path) -> str:
    endings = [ending for ending in ARCHIVES if path.name.lower().endswith(ending)] if not path.is_dir() else []
    return path.name[: -max(map(len, endings))] if endings else path.name
