"""Starting a worker, as well shut in as the machine allows. Three ways, the best that works is taken:

bwrap     bubblewrap: an empty file system with Python and the given code, read-only; own ``/tmp``, processes, network
          (none) and, where it is started by root, a user of its own for every exercise.
unshare   the same view, built with ``unshare``, ``mount`` and ``chroot``.
rlimits   limits on time, memory and files. **No security boundary**: what the user who grades can read and write, the
          submission can too. Root's submissions run as nobody where such a user can run Python; they still read much.

In each of them ``syscalls`` refuses what no exercise needs; the first two do not start without it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..course.root import LIBRARY
from . import limits

NAMES = ("bwrap", "unshare", "rlimits")
COURSE = "/course"  # where the given code stands in the sandbox
SHOWN = ("__init__.py", "course", "grading")  # of labs_lib; the learner's modules come as text, the rest not at all
POWERS = ("SETUID", "SETGID", "KILL", "DAC_OVERRIDE", "FOWNER")  # root's, to change users and to clean up after them
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
    from . import protocol  # torch: who only chooses a backend has no need of it

    with ExitStack() as stack:
        ours, theirs = socket.socketpair()
        stack.callback(ours.close)
        command, environment = _command(backend, stack, theirs.fileno())
        said = stack.enter_context(tempfile.TemporaryFile())  # not a pipe, which would fill up: nobody reads it
        process = subprocess.Popen(
            command,
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            cwd="/",
            start_new_session=True,
        )
        stack.callback(_stop, process)
        theirs.close()
        try:
            hello = protocol.receive(ours, time.monotonic() + START_SECONDS)
        except (protocol.Closed, protocol.Late, protocol.ProtocolError) as error:
            _stop(process)
            said.seek(0)
            raise Unavailable(said.read().decode(errors="replace").strip()[-400:] or str(error)) from None
        yield Started(process, ours, backend, hello["versions"])


def _try_out(backend: str) -> None:
    """Run something small as a worker would be run: quicker than a worker, and it fails for the same reasons."""
    if backend == "rlimits":
        if os.name != "posix":
            raise Unavailable("processes cannot be forked here")
        return
    tools = {"bwrap": ["bwrap"], "unshare": ["unshare", "mount", "chroot", "setpriv"]}[backend]
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        raise Unavailable(f"{', '.join(missing)} is not installed")
    hidden = [path for path, _ in _views() if path.startswith("/tmp/")]
    if hidden:
        raise Unavailable(f"{hidden[0]} lies below /tmp, of which the sandbox has its own: move the course elsewhere")
    with ExitStack() as stack:
        command, environment = _command(backend, stack, None)
        done = subprocess.run(command, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    if done.returncode:
        raise Unavailable(done.stderr.decode(errors="replace").strip()[-300:] or f"exit status {done.returncode}")


def _command(backend: str, stack: ExitStack, descriptor: int | None) -> tuple[list[str], dict[str, str]]:
    """The command line that starts a worker on a descriptor, or that only tries whether it would start."""
    run = [
        sys.executable,
        "-P",
        "-s",
        "-B",
        "-m",
        "labs_lib.grading.worker",
        str(descriptor),
    ]  # -P: /tmp holds no modules
    if descriptor is None:
        run[-2:] = ["labs_lib.grading.syscalls"]
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
    }
    if backend == "bwrap":
        return [*_bwrap(), "--", *run], environment | {"LABS_WALLED": "1"}
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="labs-worker-"))
    if backend == "unshare":
        return _unshare(folder, run), environment | {"LABS_WALLED": "1"}
    for name in SHOWN:
        source, target = LIBRARY / name, Path(folder, "course", "labs_lib", name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    Path(folder).chmod(0o711)
    Path(folder, "tmp").mkdir()
    Path(folder, "tmp").chmod(0o1777)
    own = {"PYTHONPATH": f"{folder}/course", "TMPDIR": f"{folder}/tmp", "HOME": f"{folder}/tmp"}
    return run, environment | own | ({"LABS_APART": "1"} if os.geteuid() == 0 and _all_can_run_python() else {})


def _all_can_run_python() -> bool:
    """Whether a user who owns nothing could run this Python: then root need not run a submission as root."""
    places = [Path(place).resolve() for place in (sys.executable, sys.prefix, sys.base_prefix)]
    open_to_all = all(place.stat().st_mode & 0o005 == 0o005 for place in places)
    return open_to_all and all(parent.stat().st_mode & 0o001 for place in places for parent in place.parents)


def _bwrap() -> list[str]:
    command = ["bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if os.geteuid() == 0:  # root can give each exercise a user of its own, which a user namespace could not
        command += ["--cap-drop", "ALL", *(word for name in POWERS for word in ("--cap-add", f"CAP_{name}"))]
    else:
        command += ["--unshare-user", "--disable-userns"]
    for source, target in _views():
        for parent in reversed(Path(target).parents[:-1]):  # open to every user, who may own nothing
            command += ["--perms", "0755", "--dir", str(parent)]
        command += ["--ro-bind", source, target]
    for link, target in _links():
        command += ["--symlink", target, link]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for folder in ("/tmp", "/dev/shm"):
        command += ["--perms", "1777", "--size", str(limits.TMP_MB * 2**20), "--tmpfs", folder]
    command += ["--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"]  # /proc has switches
    return [*command, "--hostname", "sandbox", "--die-with-parent", "--as-pid-1", "--chdir", "/tmp"]


def _unshare(root: str, run: list[str]) -> list[str]:
    """The same view by hand, in the folder ``root``. ``setpriv`` takes away the powers that it took to build it."""
    tmpfs = f"mount -t tmpfs -o nosuid,nodev,size={limits.TMP_MB}m,nr_inodes={2 * limits.TMP_FILES}"
    lines = ["set -e", f"root={shlex.quote(root)}", f"{tmpfs},mode=755 tmpfs $root"]
    for source, target in _views():
        place = f'"$root"{shlex.quote(target)}'
        make = f"mkdir -p {place}" if Path(source).is_dir() else f"mkdir -p $(dirname {place}) && touch {place}"
        lines += [make, f"mount --rbind {shlex.quote(source)} {place}", f"mount -o remount,bind,ro {place}"]
    for link, target in _links():
        lines.append(f'ln -s {shlex.quote(target)} "$root"{shlex.quote(link)}')
    root_user = os.geteuid() == 0  # a user namespace would leave the real root's rights over files to the submission
    powers = "".join(f",+{name.lower()}" for name in POWERS) if root_user else ""
    drop = f"setpriv --bounding-set=-all{powers} --inh-caps=-all --no-new-privs"
    lines += [
        "mkdir -p $root/tmp $root/proc $root/dev/shm",
        f"{tmpfs},mode=1777 tmpfs $root/tmp",
        f"{tmpfs},mode=1777 tmpfs $root/dev/shm",
        "mount -t proc -o ro,nosuid,nodev,noexec proc $root/proc",  # read-only: its switches turn the whole machine
        "for name in null zero urandom random; do touch $root/dev/$name; mount --bind /dev/$name $root/dev/$name; done",
        "mount -o remount,bind,ro $root",
        f"exec chroot $root /usr/bin/{drop} {shlex.join(run)}",
    ]
    user = [] if root_user else ["--user", "--map-root-user"]
    return [
        "unshare",
        *user,
        "--net",
        "--pid",
        "--mount",
        "--ipc",
        "--uts",
        "--fork",
        "--kill-child",
        "sh",
        "-c",
        "\n".join(lines),
    ]


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


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
