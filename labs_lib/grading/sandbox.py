"""Starting a worker, as well shut in as the machine allows. Three ways, the best that works is taken:

bwrap     bubblewrap: an empty file system with Python and the given code, read-only; own ``/tmp``, processes, network
          (none) and, where it is started by root, a user of its own for every exercise.
unshare   the same view, built with ``unshare``, ``mount`` and ``chroot`` in a user namespace.
rlimits   limits on time, memory and files, and nothing else. **No security boundary**: what the user who grades can
          read and write, the submission can too.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..course.root import LIBRARY
from . import protocol

NAMES = ("bwrap", "unshare", "rlimits")
COURSE = "/course"  # where the given code stands in the sandbox
SHOWN = ("__init__.py", "course", "grading")  # of labs_lib; the learner's modules come as text, the rest not at all
TMP_MB = 64
START_SECONDS = 120
WARNING = "backend rlimits is no security boundary: grade only code that you would run yourself"


class Unavailable(RuntimeError):
    """This machine cannot start a worker in this way."""


@dataclass(frozen=True)
class Started:
    """A worker that is ready."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    backend: str
    versions: dict[str, str]


def choose(name: str = "auto") -> str:
    """The name of the best backend that works here, or of the one that is asked for.

    Raises:
        Unavailable: none works, or not this one; with what it said.
        ValueError: no such backend.
    """
    if name not in ("auto", *NAMES):
        raise ValueError(f"backend must be auto or one of {', '.join(NAMES)}, got {name!r}")
    reasons = []
    for candidate in NAMES if name == "auto" else [name]:
        try:
            _try_out(candidate)
            return candidate
        except Unavailable as error:
            reasons.append(f"{candidate}: {error}")
    raise Unavailable("; ".join(reasons))


@contextmanager
def worker(backend: str) -> Iterator[Started]:
    """A worker, for as long as the block lasts; afterwards nothing of it is left."""
    with ExitStack() as stack:
        ours, theirs = socket.socketpair()
        stack.callback(ours.close)
        command, environment = _command(backend, stack, theirs.fileno())
        process = subprocess.Popen(
            command,
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
        )
        stack.callback(_stop, process)
        theirs.close()
        try:
            hello = protocol.receive(ours, _soon())
        except (protocol.Closed, protocol.Late, protocol.ProtocolError) as error:
            process.kill()
            said = process.communicate()[1].decode(errors="replace").strip()[-400:]
            raise Unavailable(said or str(error)) from None
        yield Started(process, ours, backend, hello["versions"])


def _try_out(backend: str) -> None:
    """Run `true` as a worker would be run: quicker than a worker, and it fails for the same reasons."""
    if backend == "rlimits":
        if os.name != "posix":
            raise Unavailable("processes cannot be forked here")
        return
    tools = {"bwrap": ["bwrap"], "unshare": ["unshare", "mount", "chroot", "setpriv"]}[backend]
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        raise Unavailable(f"{', '.join(missing)} is not installed")
    with ExitStack() as stack:
        command, environment = _command(backend, stack, None)
        done = subprocess.run(command, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    if done.returncode:
        raise Unavailable(done.stderr.decode(errors="replace").strip()[-300:] or f"exit status {done.returncode}")


def _command(backend: str, stack: ExitStack, descriptor: int | None) -> tuple[list[str], dict[str, str]]:
    """The command line that starts a worker on a descriptor, or that only tries whether it would start."""
    run = [sys.executable, "-s", "-B", "-m", "labs_lib.grading.worker", str(descriptor)]
    if descriptor is None:
        run = [sys.executable, "-s", "-B", "-c", "pass"]
    environment = {
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
        "LANG": "C.UTF-8",
        "HOME": "/tmp",
        "TMPDIR": "/tmp",
        "PYTHONPATH": COURSE,
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "LABS_OWN_PROCESSES": "1",
        "LABS_OWN_FILES": "1",
        "LABS_OWN_USERS": "1",
    }
    if backend == "bwrap":
        return [*_bwrap(), "--", *run], environment
    if backend == "unshare":
        return _unshare(run), environment
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="labs-worker-"))
    for name in SHOWN:
        source, target = LIBRARY / name, Path(folder, "course", "labs_lib", name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    Path(folder, "tmp").mkdir()
    own = {"PYTHONPATH": f"{folder}/course", "TMPDIR": f"{folder}/tmp", "HOME": f"{folder}/tmp"}
    none = {name: "0" for name in ("LABS_OWN_PROCESSES", "LABS_OWN_FILES", "LABS_OWN_USERS")}
    return run, environment | own | none


def _bwrap() -> list[str]:
    command = ["bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if os.geteuid() == 0:  # root can give each exercise a user of its own, which a user namespace could not
        kept = ("SETUID", "SETGID", "KILL", "DAC_OVERRIDE", "FOWNER", "IPC_OWNER")
        command += ["--cap-drop", "ALL", *(word for name in kept for word in ("--cap-add", f"CAP_{name}"))]
    else:
        command += ["--unshare-user", "--disable-userns"]
    for source, target in _views():
        for parent in reversed(Path(target).parents[:-1]):  # open to every user, who may own nothing
            command += ["--perms", "0755", "--dir", str(parent)]
        command += ["--ro-bind", source, target]
    for link, target in _links():
        command += ["--symlink", target, link]
    command += ["--perms", "1777", "--size", str(TMP_MB * 2**20), "--tmpfs", "/tmp", "--proc", "/proc", "--dev", "/dev"]
    command += ["--remount-ro", "/", "--hostname", "sandbox", "--die-with-parent", "--as-pid-1", "--chdir", "/tmp"]
    return command


def _unshare(run: list[str]) -> list[str]:
    """The same view by hand. `setpriv` takes away the powers that the user namespace gave to build it."""
    lines = ["set -e", "root=$(mktemp -d)", f"mount -t tmpfs -o size={TMP_MB}m,mode=755 tmpfs $root"]
    for source, target in _views():
        place = f'"$root"{shlex.quote(target)}'
        make = f"mkdir -p {place}" if Path(source).is_dir() else f"mkdir -p $(dirname {place}) && touch {place}"
        lines += [make, f"mount --rbind {shlex.quote(source)} {place}", f"mount -o remount,bind,ro {place}"]
    for link, target in _links():
        lines.append(f'ln -s {shlex.quote(target)} "$root"{shlex.quote(link)}')
    lines += [
        "mkdir -p $root/tmp $root/proc $root/dev/shm",
        f"mount -t tmpfs -o size={TMP_MB}m,mode=1777 tmpfs $root/tmp",
        "mount -t proc proc $root/proc",
        "for name in null zero urandom random; do touch $root/dev/$name; mount --bind /dev/$name $root/dev/$name; done",
        f"mount -t tmpfs -o size={TMP_MB}m,mode=1777 tmpfs $root/dev/shm",
        "mount -o remount,bind,ro $root",
        f"exec chroot $root /usr/bin/setpriv --bounding-set=-all --inh-caps=-all --no-new-privs {shlex.join(run)}",
    ]
    names = ["--user", "--map-root-user", "--net", "--pid", "--mount", "--ipc", "--uts"]
    return ["unshare", *names, "--fork", "--kill-child", "sh", "-c", "\n".join(lines)]


def _views() -> list[tuple[str, str]]:
    """What the sandbox sees of this machine: the system's libraries, Python, and the given code."""
    system = ["/usr", "/etc/ld.so.cache"]
    places = [path for path in (*system, sys.base_prefix, sys.prefix) if os.path.exists(path)]
    places = [path for path in places if not path.startswith("/usr/") or path == "/usr"]
    course = [(str(LIBRARY / name), f"{COURSE}/labs_lib/{name}") for name in SHOWN]
    return [*((path, path) for path in dict.fromkeys(places)), *course]


def _links() -> list[tuple[str, str]]:
    """``/lib`` and its like, which point into ``/usr`` on today's systems."""
    names = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
    return [(name, os.readlink(name)) for name in names if os.path.islink(name)]


def _soon() -> float:
    import time

    return time.monotonic() + START_SECONDS


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    if process.stderr is not None:
        process.stderr.close()
