"""How large a submission may be, and the error that says why one was not taken."""

from __future__ import annotations

import stat
from pathlib import PurePosixPath, PureWindowsPath

FILES_AT_MOST = 1000
BYTES_AT_MOST = 20 * 2**20  # unpacked, all files together
MODULE_AT_MOST = 2**17  # bytes of one module, ten times the longest honest one: hostile text parses slowly
ARCHIVE_AT_MOST = BYTES_AT_MOST + 3 * 2**20  # bytes of a zip or tar file: names and padding come on top
DEPTH_AT_MOST = 32  # folders inside folders


class Refused(Exception):
    """A submission that is not graded, with the reason for its learner."""


class Count:
    """Counts the files of a submission, and refuses it where they are too many, too large, or not plain files."""

    def __init__(self) -> None:
        self.files = self.bytes = 0

    def add(self, name: str, size: int, mode: int = 0) -> None:
        """One file of ``size`` bytes. ``mode`` is that of ``stat``, 0 where the archive does not say."""
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or PureWindowsPath(name).drive or ".." in path.parts:
            raise Refused(f"it holds a path that leads out of it: {name[:80]!r}")
        if size < 0:
            raise Refused(f"it holds a file of {size} bytes: {name[:80]!r}")
        if stat.S_ISLNK(mode):
            raise Refused(f"it holds a link: {name[:80]!r}")
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Refused(f"it holds something that is no file: {name[:80]!r}")
        if len(path.parts) > DEPTH_AT_MOST:
            raise Refused(f"its folders are nested more than {DEPTH_AT_MOST} deep")
        self.files += 1
        self.bytes += size
        if self.files > FILES_AT_MOST:
            raise Refused(f"it holds more than {FILES_AT_MOST:,} files")
        if self.bytes > BYTES_AT_MOST:
            raise Refused(f"it holds more than {BYTES_AT_MOST // 2**20} MB")
