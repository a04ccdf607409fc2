"""What a process that runs a submission may use."""

from __future__ import annotations

import ctypes
import functools
import os
import resource
import signal
from dataclasses import asdict, dataclass
from typing import Any

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 4, 36
UIDS = range(61000, 65000)  # of nobody: each exercise runs as another one, where the worker may choose
TMP_MB, TMP_FILES = 64, 10_000  # for all files of an exercise together


@dataclass(frozen=True)
class Limits:
    """For one exercise of one submission, which is one process (see ``syscalls``)."""

    wall_seconds: float = 20.0  # all its calls together, from the fork on; measured outside
    cpu_seconds: int = 20
    memory_mb: int = 2048  # address space above what the worker has at the fork
    file_mb: int = 32  # the largest file
    open_files: int = 128
    threads: int = 32

    def public(self) -> dict[str, Any]:
        """As it stands in results.json."""
        return asdict(self)


def apply(limits: Limits, *, count_threads: bool) -> None:
    """Bind this process. There is no way back up.

    Args:
        count_threads: whether the user id is the submission's own. The kernel counts by user, and it does not count
            root's.
    """
    bounds = {
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_AS: _address_space() + limits.memory_mb * 2**20,
        resource.RLIMIT_FSIZE: limits.file_mb * 2**20,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 1,  # 0 would still start a program that collects cores; 1 byte is the kernel's "never"
    }
    if count_threads:
        bounds[resource.RLIMIT_NPROC] = limits.threads
    for kind, bound in bounds.items():
        hard = resource.getrlimit(kind)[1]
        value = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (value, value))


def cap_memory(megabytes: int) -> None:
    """Let this process grow by so much and no further: what goes beyond is a MemoryError."""
    bound = _address_space() + megabytes * 2**20
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (bound if hard == resource.RLIM_INFINITY else min(bound, hard), hard))


def become_nobody(number: int) -> bool:
    """Change to a user id that owns nothing, and forget how to come back. Returns whether this process could."""
    if os.geteuid() != 0:
        return False
    uid = UIDS[number % len(UIDS)]
    try:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    except OSError:  # root of a user namespace that has no other users
        return False
    return True


def control(option: int, value: int) -> None:
    """Linux' prctl; nothing elsewhere."""
    if hasattr(os, "setresuid") and os.path.exists("/proc/self/status"):
        libc().prctl(option, value, 0, 0, 0)


@functools.cache
def libc() -> ctypes.CDLL:
    """The C library. It takes half a millisecond to open, which a fork should not have to do."""
    return ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    control(PR_SET_PDEATHSIG, signal.SIGKILL)


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
