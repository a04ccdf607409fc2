"""What runs in the sandbox: it loads torch once, and forks once an exercise. It holds no laws, no answers, no key.

    python -m labs_lib.grading.worker 5        # 5 is the file descriptor of the control socket

The grader sends ``start`` with the texts of a submission, and one end of a new socket. The fork closes the control
socket, binds itself to its limits, runs the texts, and answers calls on the new socket until it is killed. So whatever
the code of a submission does, it has no way to the process that other submissions will be forked from.

The references that an exercise builds on come with ``start``: those of *earlier* exercises, which are graded by then.
The reference of the exercise under judgement, and of later ones, is never sent.
"""

from __future__ import annotations

import contextlib
import gc
import os
import platform
import shutil
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from ..course import catalogue, load, modes
from ..course.laws import driver
from . import limits, protocol

GIVEN = ("labs_lib", "labs_lib.course")
PATIENCE = 10  # seconds for killed processes to be gone


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    limits.control(limits.PR_SET_CHILD_SUBREAPER, 1)  # what a submission leaves behind becomes a child of this process
    limits.control(limits.PR_SET_DUMPABLE, 0)  # no debugger, no /proc/PID/mem, even for the same user
    limits.die_with_parent()
    torch.set_num_threads(1)
    _preload()
    protocol.send(
        control,
        {"ready": os.getpid(), "versions": {"python": platform.python_version(), "torch": str(torch.__version__)}},
    )
    gc.freeze()  # a fork's collector would copy every page it looks at
    child = None
    number = 0
    while True:
        try:
            message = protocol.receive(control, layouts=True)
        except protocol.Closed:
            break
        if message["kind"] == "start":
            _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            number += 1
            child = _fork(message, descriptors[0], control, number)
            os.close(descriptors[0])
        else:
            protocol.send(control, _end(child))
            child = None
    _end(child)


def _preload() -> None:
    """Import what forks would import one by one: every driver, and what the lessons on models need."""
    from ..course import checked  # noqa: F401

    for entry in catalogue.exercises():
        driver.named_driver(entry.id)
    with contextlib.suppress(ImportError):
        import transformers  # noqa: F401


def _fork(message: Mapping[str, Any], descriptor: int, control: socket.socket, number: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        control.close()
        _bind(limits.Limits(**message["limits"]), number)
        _serve(socket.socket(fileno=os.dup(descriptor)), message)
    except BaseException:
        os._exit(70)
    os._exit(0)


def _bind(bounds: limits.Limits, number: int) -> None:
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    own_users = os.environ.get("LABS_OWN_USERS") == "1"
    if own_users:
        limits.become_nobody(number)
    limits.control(limits.PR_SET_NO_NEW_PRIVS, 1)
    limits.apply(bounds, count_processes=own_users)
    limits.die_with_parent()
    os.chdir(os.environ.get("TMPDIR", "/"))


def _serve(grader: socket.socket, message: Mapping[str, Any]) -> None:
    """Run the texts, then answer calls. Captured names: a submission may patch the modules that they come from."""
    exercise_id, send, receive, call = message["exercise"], protocol.send, protocol.receive, driver.call
    mode = modes.Mode("only", only=exercise_id)
    problem = _load(message).get(catalogue.find(exercise_id).file)
    send(grader, {"problem": None if problem is None else described(problem)})
    while True:
        asked = receive(grader, layouts=True)
        with modes.using(mode):
            reply = call(exercise_id, asked["args"], asked["kwargs"])
        send(grader, {"number": asked["number"], "reply": as_data(reply)})


def _load(message: Mapping[str, Any]) -> dict[str, driver.Raised]:
    """Run the submission's modules, then the references. Returns the files that cannot run, with what stopped them.

    The untouched stub takes the place of such a file, so that exercises of other files do not fail with it.
    """
    texts, problems = dict(message["texts"]), {}
    while found := load.run_all(texts):
        first = next((file for file in texts if file in found and file not in problems), None)
        if first is None:
            break
        problems[first], texts[first] = found[first], message["stubs"][first]
    _run_references(message["references"])
    return problems


def _run_references(texts: Mapping[str, str]) -> None:
    """Run the references of graded exercises as modules of ``solutions``, which does not exist here as a folder."""
    package = sys.modules["solutions"] = ModuleType("solutions")
    package.__path__ = []
    for file, text in texts.items():
        name = f"solutions.{file.removesuffix('.py').replace('/', '.')}"
        module = sys.modules[name] = ModuleType(name)
        exec(compile(text, f"<{name}>", "exec", dont_inherit=True), module.__dict__)


def described(raised: driver.Raised) -> dict[str, Any]:
    """An exception as data that can be sent."""
    return {
        "kinds": raised.kinds,
        "text": raised.text,
        "file": raised.file,
        "line": raised.line,
        "source": raised.source,
    }


def as_data(reply: driver.Reply) -> dict[str, Any]:
    """A reply as data that can be sent. What cannot be sent is named."""
    raised = None if reply.raised is None else described(reply.raised)
    try:
        protocol.pack(reply.value)
        value = reply.value
    except TypeError as error:
        value = f"<{error}>"
    return {
        "value": value,
        "raised": raised,
        "changed": reply.changed,
        "tracked": reply.tracked,
        "printed": reply.printed,
    }


def _end(child: int | None) -> dict[str, Any]:
    """Kill all that came from a fork, and say how the fork itself ended."""
    how: dict[str, Any] = {"exit": None, "signal": None, "cpu_seconds": 0.0, "memory_mb": 0.0}
    if child is None:
        return how
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        _kill_all(child)
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        if pid == child:
            how["exit"] = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
            how["signal"] = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
            how["cpu_seconds"] = usage.ru_utime + usage.ru_stime
            how["memory_mb"] = usage.ru_maxrss / 1024
    _empty(Path(os.environ.get("TMPDIR", "/nowhere")))
    return how


def _kill_all(child: int) -> None:
    """In a process namespace of our own, everything but ourselves; elsewhere the fork's group and all descendants."""
    if os.environ.get("LABS_OWN_PROCESSES") == "1":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(-1, signal.SIGKILL)
        return
    for pid in [child, *_descendants(os.getpid())]:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)


def _descendants(root: int) -> list[int]:
    """Processes below this one. An orphan is adopted by this process, so that no daemon gets away."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found and pid not in found}:
        found |= more
    return sorted(found - {root})


def _empty(folder: Path) -> None:
    """The next fork finds nothing of this one."""
    if not folder.is_dir() or os.environ.get("LABS_OWN_FILES") != "1":
        return
    for path in (*folder.iterdir(), *Path("/dev/shm").glob("*")):
        with contextlib.suppress(OSError):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


if __name__ == "__main__":
    main()
