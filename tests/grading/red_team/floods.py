"""Attacks on the machine: time, memory, files, output, threads."""

from __future__ import annotations

from . import Hostile

CASES = (
    Hostile("sleeping", "timeout", "the grader's clock", "import time", body="time.sleep(30)", patient=True),
    Hostile("sleeping at import", "timeout", "the grader's clock", "import time; time.sleep(30)", patient=True),
    Hostile(
        "a busy loop that ignores signals",
        "timeout",
        "the grader's clock, and a signal that cannot be ignored",
        """
        import signal, time
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        """,
        body="""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            pass
        """,
        patient=True,
    ),
    Hostile(
        "exit handlers and threads that go on",
        "timeout",
        "nobody waits for them: the process is killed",
        """
        import atexit, threading, time
        atexit.register(time.sleep, 30)
        threading.Thread(target=time.sleep, args=(30,)).start()
        """,
        body="import sys; time.sleep(30); sys.exit(0)",
        patient=True,
    ),
    Hostile("6 GB of memory", "error", "a MemoryError beyond the limit", "", body='return len(6 * 2**30 * b"x"), 0'),
    Hostile(
        "6 GB of tensors",
        "error",
        "torch cannot have them either",
        "",
        body="return len([torch.ones(2**28) for _ in range(6)]), 0",
    ),
    Hostile(
        "memory that no limit counts",
        "failed",
        "memory files and shared memory are refused",
        """
        import os
        def attack():
            held = []
            try:
                for number in range(60):
                    held.append(os.memfd_create(str(number)))
                    os.write(held[-1], bytes(2**25))
            except OSError:
                pass
            return bool(held)
        """,
    ),
    Hostile(
        "2 GB of disk",
        "failed",
        "64 MB in all, 32 MB a file",
        """
        import os
        def attack():
            written = 0
            for number in range(64):
                try:
                    with open(f"{os.environ['TMPDIR']}/{number}", "wb") as file:
                        for _ in range(32):
                            written += file.write(bytes(2**20))
                except OSError:
                    break
            return written > 2**27
        """,
    ),
    Hostile(
        "100,000 files",
        "crashed",
        "more than 10,000 are too many",
        """
        import os, time
        def attack():
            for number in range(100_000):
                open(f"{os.environ['TMPDIR']}/{number}", "w").close()
            time.sleep(5)
            return True
        """,
    ),
    Hostile(
        "files that are never closed",
        "failed",
        "128 at a time",
        """
        import os
        def attack():
            try:
                return len([os.open("/dev/null", os.O_RDONLY) for _ in range(300)])
            except OSError:
                pass
        """,
    ),
    Hostile(
        "a flood of output",
        "failed",
        "what is written goes nowhere, and of what is printed 400 letters are kept",
        """
        import os, sys
        def attack():
            print(2**25 * "a")
            for _ in range(64):
                os.write(1, bytes(2**20))
                os.write(2, bytes(2**20))
                sys.stderr.write(2**20 * "a")
        """,
    ),
    Hostile(
        "a bomb of threads",
        "failed",
        "the limit of its user counts threads",
        """
        import threading, time
        threading.stack_size(2**16)
        def attack():
            started = 0
            try:
                for started in range(400):
                    threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
            except RuntimeError:
                return started > 100
            return True
        """,
    ),
)
