"""The bytes of files, kept under their own hash: what is there is whole, and never changes.

A content is written beside its place, flushed to the disk, and renamed into it. Whoever is killed before the
rename leaves a temporary file that nobody reads.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .names import inside
from .refusals import Refused

ABANDONED = 3600  # seconds without a write, after which a temporary file belongs to nobody


@dataclass(frozen=True)
class Content:
    """A file's bytes, by their SHA-256 in hexadecimal and their number."""

    sha256: str
    size: int


class Contents:
    """The folder ``blobs``, which holds the contents, and ``incoming``, where they are written first."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.incoming = inside(root, "incoming")
        self.checked: set[tuple[str, int]] = set()  # contents found undamaged, and when they were written
        for folder in (inside(root, "blobs"), self.incoming):
            folder.mkdir(parents=True, exist_ok=True)
        self._sweep()

    def path(self, content: Content) -> Path:
        """Where a content is, whether or not it is there yet."""
        return inside(self.root, "blobs", content.sha256)

    def has(self, content: Content) -> bool:
        """Whether a content is here, undamaged. A file is read through once, and again when it was touched."""
        path = self.path(content)
        if not path.is_file() or path.stat().st_size != content.size:
            return False
        if self._state(content) not in self.checked:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != content.sha256:
                    return False
            self.checked.add(self._state(content))
        return True

    def add(self, data: bytes) -> Content:
        """Keep bytes that are in memory."""
        with self.receive(len(data)) as arriving:
            arriving.write(data)
            return arriving.keep()

    @contextmanager
    def receive(self, size: int) -> Iterator[Arriving]:
        """A content of so many bytes that comes in pieces. What is not kept by the end of the block is thrown away."""
        number, name = tempfile.mkstemp(dir=self.incoming)
        arriving = Arriving(self, number, Path(name), size)
        try:
            yield arriving
        finally:
            arriving.file.close()
            with suppress(FileNotFoundError):
                os.unlink(name)

    def place(self, path: Path, content: Content) -> None:
        """Rename a file that holds a content into the content's place, unless it is there."""
        if not self.has(content):
            os.replace(path, self.path(content))
            self.checked.add(self._state(content))

    def _state(self, content: Content) -> tuple[str, int]:
        return content.sha256, self.path(content).stat().st_mtime_ns

    def _sweep(self) -> None:
        """Remove what killed servers left. A young file may belong to another server on the same folder."""
        for path in self.incoming.iterdir():
            with suppress(FileNotFoundError):
                if time.time() - path.lstat().st_mtime > ABANDONED:
                    path.unlink()


class Arriving:
    """A content of which not all pieces are here yet."""

    def __init__(self, contents: Contents, number: int, path: Path, limit: int) -> None:
        self.contents, self.path, self.limit = contents, path, limit
        self.file = os.fdopen(number, "wb")
        self.hash = hashlib.sha256()
        self.size = 0

    def write(self, piece: bytes) -> None:
        """Append a piece.

        Raises:
            Refused: more came than was announced.
        """
        self.size += len(piece)
        if self.size > self.limit:
            raise Refused(400, f"{self.limit} bytes were announced, and more came")
        self.hash.update(piece)
        self.file.write(piece)

    def keep(self, promised: Content | None = None) -> Content:
        """Put the content in its place.

        Args:
            promised: what the sender said would come.

        Raises:
            Refused: something else came.
        """
        content = Content(self.hash.hexdigest(), self.size)
        if promised is not None and content != promised:
            raise Refused(
                400,
                f"the upload was damaged: {promised.size} bytes of sha256 {promised.sha256} were promised, "
                f"{content.size} bytes of sha256 {content.sha256} came",
            )
        settle(self.file)
        self.contents.place(self.path, content)
        return content


def settle(file: IO[Any]) -> None:
    """Flush a file to the disk and close it, so that a rename after it never precedes its bytes."""
    file.flush()
    os.fsync(file.fileno())
    file.close()


def write_whole(path: Path, text: str, incoming: Path) -> None:
    """Give a small file its new text in one step: readers see the old one or the new one."""
    number, name = tempfile.mkstemp(dir=incoming)
    file = os.fdopen(number, "w", encoding="utf-8", newline="\n")
    file.write(text)
    settle(file)
    os.replace(name, path)
