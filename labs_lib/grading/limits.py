"""What a process that runs a submission may use."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from dataclasses import asdict, dataclass
from typing import Any

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 1, 4, 38, 36
UIDS = range(61000, 65000)  # of nobody: each exercise runs as another one, where the worker may choose


@dataclass(frozen=True)
class Limits:
    """For one exercise of one submission."""

    wall_seconds: float = 20.0  # all its calls together, from the fork on; measured outside
    cpu_seconds: int = 20
    memory_mb: int = 2048  # address space above what the worker has at the fork
    file_mb: int = 32  # the largest file
    open_files: int = 128
    processes: int = 64  # threads count too

    def public(self) -> dict[str, Any]:
        """As it stands in results.json."""
        return asdict(self)


def apply(limits: Limits, *, count_processes: bool) -> None:
    """Bind this process and all that come from it. There is no way back up.

    Args:
        count_processes: whether the user id is the submission's own. The kernel counts processes by user, and it does
            not count root's.
    """
    memory = _address_space() + limits.memory_mb * 2**20
    bounds = {
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: limits.file_mb * 2**20,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
    }
    if count_processes:
        bounds[resource.RLIMIT_NPROC] = limits.processes
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
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def die_with_parent() -> None:
    control(PR_SET_PDEATHSIG, signal.SIGKILL)


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
