"""The end of a fork: nothing of it runs any more, and the next one finds nothing of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

from . import limits

PATIENCE = 10  # seconds for killed processes to be gone


def walled() -> bool:
    """Whether the sandbox has processes and files of its own."""
    return os.environ.get("LABS_WALLED") == "1"


def too_many_files() -> bool:
    return any(status.f_files - status.f_ffree > limits.TMP_FILES for status in map(os.statvfs, folders()))


def end(child: int | None) -> dict[str, Any]:
    """Kill all that came from a fork. Says how the fork itself ended, and whether nothing is left of it."""
    how: dict[str, Any] = {"exit": None, "signal": None, "cpu_seconds": 0.0, "memory_mb": 0.0, "clean": True}
    if child is None:
        return how
    deadline, alone = time.monotonic() + PATIENCE, False
    while time.monotonic() < deadline:
        kill_all(child)
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            alone = True
            break
        if pid == child:
            how["exit"] = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
            how["signal"] = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
            how["cpu_seconds"] = usage.ru_utime + usage.ru_stime
            how["memory_mb"] = usage.ru_maxrss / 1024
    how["clean"] = all([emptied(Path(folder)) for folder in folders()]) and alone
    return how


def folders() -> list[str]:
    """Where a fork can write."""
    return [os.environ["TMPDIR"], *(["/dev/shm"] if walled() else [])]


def kill_all(child: int) -> None:
    """In a process namespace of our own, everything but ourselves; elsewhere the fork's group and all descendants."""
    if walled():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(-1, signal.SIGKILL)
        return
    for pid in [child, *descendants(os.getpid())]:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)


def descendants(root: int) -> list[int]:
    """Processes below this one. An orphan is adopted by this process, so that no daemon gets away."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found and pid not in found}:
        found |= more
    return sorted(found - {root})


def emptied(folder: Path) -> bool:
    """The next fork finds nothing of this one. False where something cannot be removed."""
    for path in folder.iterdir():
        with contextlib.suppress(OSError, RecursionError):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    if walled():  # the folder itself may be the fork's own, and be written on
        os.chmod(folder, 0o1777)
        os.utime(folder)
        for name in os.listxattr(folder):
            if name.startswith("user."):
                os.removexattr(folder, name)
    return not any(folder.iterdir())
