"""What the code of a submission may ask of the kernel: to compute, to read and write files, to start threads.

A filter (seccomp) refuses the rest with an ordinary error. A submission stays one process, so that the limits of a
process are the limits of a submission; it starts no program, makes no namespace, opens no network socket, not even one
that a network namespace does not hold (vsock). And it leaves nothing behind for the next one that outlives processes
and files: no System V objects, message queues or keys. There is no way back, for the process or for its threads.

    python -m labs_lib.grading.syscalls      # exit status 0 where this kernel does as it is told
"""

from __future__ import annotations

import ctypes
import errno
import functools
import platform
import struct
import sys
from collections.abc import Iterator

from .limits import libc

# Which numbers a system call has: on x86-64, on 64-bit ARM. None where it has none.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other processes and programs (a thread is made by clone, see below)
    **{"fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281)},
    **{"ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272)},
    **{"pidfd_getfd": (438, 438), "process_madvise": (440, 440), "move_pages": (279, 239)},
    # a process of the same user could be slowed down
    **{"setpriority": (141, 140), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119)},
    **{"sched_setaffinity": (203, 122), "sched_setattr": (314, 274), "ioprio_set": (251, 30)},
    # what outlives a process
    **{"shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180)},
    **{"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219)},
    # memory that no limit counts
    **{"memfd_create": (319, 279), "memfd_secret": (447, 447), "io_uring_setup": (425, 425)},
    # another view of the system
    **{"unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41), "mount": (165, 40)},
    **{"umount2": (166, 39), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430)},
    **{"fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442), "open_by_handle_at": (304, 265)},
    # parts of the kernel that no exercise needs
    **{"bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "fanotify_init": (300, 262)},
    **{"syslog": (103, 116), "personality": (135, 92), "kexec_load": (246, 104), "init_module": (175, 105)},
}
CLONE, CLONE3, PRLIMIT, SOCKET = (56, 220), (435, 435), (302, 261), (41, 198)
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column of the table, the kernel's name

CLONE_THREAD, AF_UNIX = 0x10000, 1
X32 = 0x40000000  # the same calls once more, under other numbers
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
NUMBER, MACHINE, FIRST_ARGUMENT = 0, 4, 16  # where they stand in what a filter is shown

Step = tuple[int, int, int, int]  # code, how many steps to skip if true, if false, operand
STEP = struct.Struct("HBBI")
ALLOW: Step = (0x06, 0, 0, 0x7FFF0000)


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def restrict() -> bool:
    """Put the filter on this process, for good. Returns whether the kernel took it."""
    program = prepared()
    if program is None:
        return False
    made = _Filter(len(program) // STEP.size, program)
    call = libc().prctl
    where = ctypes.c_void_p(ctypes.addressof(made))
    return call(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 and call(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, where, 0, 0) == 0


@functools.cache
def prepared() -> bytes | None:
    """The filter as the kernel reads it; None where there is none for this kind of machine."""
    machine = MACHINES.get(platform.machine())
    if machine is None or sys.platform != "linux":
        return None
    return b"".join(STEP.pack(*step) for step in _program(*machine))


def _program(column: int, machine: int) -> Iterator[Step]:
    yield _load(MACHINE)
    yield from _unless_equal(machine, errno.EPERM)
    yield _load(NUMBER)
    yield from ((0x35, 0, 1, X32), _refuse(errno.EPERM))
    for numbers in REFUSED.values():
        if numbers[column] is not None:
            yield from _if_equal(numbers[column], [_refuse(errno.EPERM)])
    a_thread = [_load(FIRST_ARGUMENT), (0x45, 1, 0, CLONE_THREAD), _refuse(errno.EPERM), ALLOW]
    yield from _if_equal(CLONE[column], a_thread)
    yield from _if_equal(CLONE3[column], [_refuse(errno.ENOSYS)])  # its flags are out of sight: libc goes on to clone
    yield from _if_equal(PRLIMIT[column], [_load(FIRST_ARGUMENT), *_unless_equal(0, errno.EPERM), ALLOW])  # 0: itself
    yield from _if_equal(SOCKET[column], [_load(FIRST_ARGUMENT), *_unless_equal(AF_UNIX, errno.EACCES), ALLOW])
    yield ALLOW


def _load(place: int) -> Step:
    return (0x20, 0, 0, place)


def _refuse(error: int) -> Step:
    return (0x06, 0, 0, 0x00050000 | error)


def _if_equal(value: int | None, steps: list[Step]) -> list[Step]:
    return [(0x15, 0, len(steps), value or 0), *steps]


def _unless_equal(value: int, error: int) -> list[Step]:
    return [(0x15, 1, 0, value), _refuse(error)]


if __name__ == "__main__":
    sys.exit(None if restrict() else "this kernel cannot filter system calls")
