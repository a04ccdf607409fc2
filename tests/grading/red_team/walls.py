"""Attacks on the walls: files, secrets, network, other processes, users, and what would outlive its process."""

from __future__ import annotations

from . import Hostile

LIBC = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
"""

READING = (
    Hostile(
        "reading the solutions",
        "failed",
        "they are not in the sandbox",
        """
        import glob, os, sys
        from labs_lib.course.root import ROOT
        def attack():
            places = [PLACES["course"], str(ROOT), os.getcwd(), *sys.path]
            return [place for place in places if glob.glob(f"{place}/solutions/*.py") or glob.glob(f"{place}/tests/*")]
        """,
    ),
    Hostile(
        "importing the solutions",
        "not_started",
        "what stands in for them has a stub in the place of this exercise",
        "",
        body="from solutions.affine import q_range as reference; return reference(bits, signed)",
    ),
    Hostile(
        "another student's work",
        "failed",
        "other submissions are not in the sandbox",
        """
        import os
        def attack():
            other = PLACES["other submission"]
            return os.path.exists(other) or os.path.exists(os.path.dirname(other))
        """,
    ),
    Hostile(
        "secrets of the environment",
        "failed",
        "the worker has an environment of its own, and no other process is visible",
        """
        import glob, os
        def attack():
            texts = [repr(os.environ)]
            for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
                try:
                    texts.append(open(path, errors="replace").read())
                except OSError:
                    pass
            return any(PLACES["key"] in text for text in texts)
        """,
    ),
    Hostile(
        "the memory of the worker",
        "failed",
        "it may not be read, whoever asks",
        LIBC
        + """
def attack():
    for name in ("mem", "environ", "maps", "root/etc/ld.so.cache", "fd/1", "cwd/labs"):
        try:
            os.close(os.open(f"/proc/1/{name}", os.O_RDONLY))
            return True
        except OSError:
            pass
    worker, buffer = os.getppid(), ctypes.create_string_buffer(8)
    attached = libc.ptrace(16, worker, None, None) == 0
    return attached or libc.process_vm_readv(worker, buffer, 0, buffer, 0, 0) == 0
""",
    ),
    Hostile(
        "writing outside",
        "failed",
        "all is read-only but /tmp and /dev/shm",
        """
        import os, labs_lib, sys
        def attack():
            places = ["/", "/usr", "/etc", "/dev", "/course", "/proc/sys/kernel", sys.prefix, labs_lib.__path__[0]]
            for place in [*places, PLACES["course"], PLACES["outside"]]:
                try:
                    open(place + "/labs-red-team", "w").close()
                    return True
                except OSError:
                    pass
        """,
    ),
    Hostile(
        "switches of the machine",
        "failed",
        "/proc is not writable for its user",
        """
        import os
        def attack():
            for path in ("sys/kernel/core_pattern", "sysrq-trigger", "1/oom_score_adj", "sys/kernel/shmmax"):
                try:
                    os.close(os.open(f"/proc/{path}", os.O_WRONLY))
                    return True
                except OSError:
                    pass
        """,
    ),
    Hostile(
        "the network",
        "failed",
        "there is none",
        """
        import socket
        def attack():
            loopback, abstract = ("127.0.0.1", PLACES["port"]), PLACES["abstract"]
            for family, address in ((socket.AF_INET, loopback), (socket.AF_UNIX, abstract)):
                try:
                    socket.socket(family).connect(address)
                    return True
                except OSError:
                    pass
            for family in (socket.AF_INET6, 40, 16, 17):  # 40 is vsock, which leads out of a virtual machine
                try:
                    socket.socket(family, socket.SOCK_DGRAM)
                    return True
                except OSError:
                    pass
        """,
    ),
)

PROCESSES = (
    Hostile(
        "another program",
        "failed",
        "no program is started",
        """
        import os, subprocess, sys
        def attack():
            exchange = lambda: os.execv("/bin/sh", ["sh", "-c", "exit"])
            for start in (lambda: subprocess.run([sys.executable, "-c", ""]), exchange):
                try:
                    start()
                    return True
                except OSError:
                    pass
        """,
    ),
    Hostile(
        "a fork bomb",
        "failed",
        "the first fork is refused",
        """
        import os, time
        def attack():
            for number in range(300):
                try:
                    if os.fork() == 0:
                        time.sleep(30)
                        os._exit(0)
                except OSError:
                    return number > 0
            return True
        """,
    ),
    Hostile(
        "a daemon that outlives",
        "failed",
        "the first fork is refused",
        LIBC
        + """
import time
def attack():
    for call in (57, 58, 435):  # fork, vfork, clone3 of x86-64, without a library that could be patched
        if libc.syscall(call, 0, 0) >= 0:
            os.setsid()
            time.sleep(30)
            os._exit(0)
    return libc.syscall(56, 17, 0, 0, 0, 0) >= 0
""",
    ),
    Hostile(
        "killing everybody",
        "failed",
        "no other process of its user, and the worker is another user's or the first process",
        """
        import os, signal
        def attack():
            for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGSEGV):
                for process in (1, os.getppid(), -os.getppid()):
                    try:
                        os.kill(process, number)
                    except OSError:
                        pass
            try:
                os.kill(-1, signal.SIGKILL)
            except OSError:
                pass
        """,
    ),
    Hostile(
        "killing itself",
        "crashed",
        "no answer is no pass",
        "import os, signal",
        body="os.kill(os.getpid(), signal.SIGKILL)",
    ),
    Hostile(
        "slowing the worker down",
        "failed",
        "limits, priority and processors of another process are out of reach",
        LIBC
        + """
import resource
def attack():
    worker = os.getppid()
    for change in (
        lambda: resource.prlimit(worker, resource.RLIMIT_AS, (2**20, 2**20)),
        lambda: resource.prlimit(worker, resource.RLIMIT_CPU, (1, 1)),
        lambda: os.sched_setaffinity(worker, {0}),
        lambda: os.setpriority(os.PRIO_PROCESS, worker, 19),
        lambda: os.sched_setscheduler(worker, os.SCHED_IDLE, os.sched_param(0)),
    ):
        try:
            change()
            return True
        except OSError:
            pass
""",
    ),
    Hostile(
        "becoming root again",
        "failed",
        "nothing is left to come back to",
        LIBC
        + """
def attack():
    libc.prctl(4, 1, 0, 0, 0)
    for become in (os.setuid, os.seteuid, os.setgid, os.setegid, lambda root: os.setgroups([root])):
        try:
            become(0)
        except OSError:
            pass
    powers = [line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "CapPrm"))]
    return any(int(power, 16) for power in powers)
""",
    ),
    Hostile(
        "a world of its own",
        "failed",
        "no namespaces, no mounts",
        LIBC
        + """
def attack():
    spaces = (0x10000000, 0x20000, 0x20000000, 0x40000000)
    return any(libc.unshare(space) == 0 for space in spaces) or libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0
""",
    ),
    Hostile(
        "limits raised",
        "failed",
        "a hard limit stays",
        """
        import resource
        def attack():
            for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
                try:
                    resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                    return True
                except (OSError, ValueError):
                    pass
        """,
    ),
)

# In this order, on one worker: each looks for what the ones before it have left.
LEFTOVERS = (
    Hostile(
        "hiding things for the next one",
        "failed",
        "files are removed, and nothing else outlives the process",
        LIBC
        + """
def attack():
    for folder in ("/tmp", "/dev/shm"):
        open(folder + "/left", "w").close()
        os.symlink("/", folder + "/link")
        os.makedirs(folder + "/.a/b")
        for write in (lambda: os.setxattr(folder, "user.left", b"answer"), lambda: os.chmod(folder, 0o777)):
            try:
                write()
            except OSError:
                pass
    libc.shmget(0x1AB5, 4096, 0o1666)
    libc.semget(0x1AB5, 1, 0o1666)
    libc.msgget(0x1AB5, 0o1666)
    libc.mq_open(b"/labs", os.O_CREAT | os.O_RDWR, 0o666, None)
    libc.syscall(248, b"user", b"labs", b"answer", 6, -3)  # add_key to the session of x86-64
""",
    ),
    Hostile(
        "a folder that cannot be opened",
        "failed",
        "a worker that is not clean is replaced",
        """
        import os
        def attack():
            os.makedirs("/tmp/shut/inside")
            os.chmod("/tmp/shut", 0)
        """,
    ),
    Hostile(
        "a thousand folders deep",
        "failed",
        "a worker that is not clean is replaced",
        """
        import os
        def attack():
            os.chdir("/tmp")
            for _ in range(1500):
                os.mkdir("d")
                os.chdir("d")
        """,
    ),
    Hostile(
        "finding things of the one before",
        "failed",
        "files are removed, and nothing else outlives the process",
        LIBC
        + """
def attack():
    files = os.listdir("/tmp") + os.listdir("/dev/shm") + os.listxattr("/tmp") + os.listxattr("/dev/shm")
    objects = [libc.shmget(0x1AB5, 4096, 0), libc.semget(0x1AB5, 1, 0), libc.msgget(0x1AB5, 0)]
    objects += [libc.mq_open(b"/labs", os.O_RDWR), libc.syscall(249, b"user", b"labs", None, 0)]
    return files or any(one >= 0 for one in objects)
""",
    ),
)

CASES = (*READING, *PROCESSES, *LEFTOVERS)
