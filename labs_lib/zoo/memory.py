"""The memory of this process, read again and again while something runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import psutil

EVERY = 0.001  # seconds between two readings


class Reading(NamedTuple):
    """Bytes in memory, more than when the watch began."""

    anonymous: int  # what the process has written: it goes when the process gives it back
    mapped: int  # pages of files: the system may drop them, and reads them again when they are needed


class Watch:
    """Reads the memory while a stage lasts, from a second thread, and once at each end of it.

    Anonymous is what is resident and belongs to no file. Only Linux tells the two apart; elsewhere pages of files count
    as anonymous, and ``mapped`` is 0.

    Example:
        >>> watch = Watch()
        >>> with watch.stage("build"):
        ...     filled = bytearray(b"1") * 20_000_000
        >>> watch.stages["build"][-1].anonymous > 15_000_000
        True
    """

    def __init__(self) -> None:
        self.stages: dict[str, list[Reading]] = {}
        self._process = psutil.Process()
        self._start = Reading(0, 0)
        self._start = self.read()

    def read(self) -> Reading:
        """The memory now."""
        info = self._process.memory_info()
        shared = getattr(info, "shared", 0)
        return Reading(info.rss - shared - self._start.anonymous, shared - self._start.mapped)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Read for as long as the block lasts."""
        readings = self.stages.setdefault(name, [])
        over = threading.Event()

        def keep_reading() -> None:
            while not over.wait(EVERY):
                readings.append(self.read())

        readings.append(self.read())
        reader = threading.Thread(target=keep_reading, name="memory", daemon=True)
        reader.start()
        try:
            yield
        finally:
            over.set()
            reader.join()
            readings.append(self.read())
