"""What runs in the sandbox: it loads torch once, and forks once an exercise. It holds no laws, no answers, no key.

    python -m labs_lib.grading.worker 5        # 5 is the file descriptor of the control socket

The grader sends ``start`` with one end of a new socket. The fork closes everything else, binds itself to its limits,
and only then reads, on that socket, the texts of a submission; it runs them and answers calls until it is killed. This
process itself never reads a text: a fork is a copy of its memory, and must find nothing of earlier submissions there.
So whatever the code of a submission does, it has no way to the process that other submissions will be forked from, and
no way from one exercise to the next.

The references that an exercise builds on come with the texts: those of *earlier* exercises, which are graded by then.
The reference of the exercise under judgement, and of later ones, is never sent.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import gc
import importlib
import itertools
import os
import platform
import secrets
import select
import signal
import socket
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import torch

from ..course import catalogue, load, modes
from ..course.laws import driver
from . import ending, limits, protocol, syscalls

LOOK = 0.25  # seconds between two looks at the temporary folder


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limits.control(limits.PR_SET_CHILD_SUBREAPER, 1)  # what a submission leaves behind becomes a child of this process
    limits.control(limits.PR_SET_DUMPABLE, 0)  # no debugger, no /proc/PID/mem, even for the same user
    limits.die_with_parent()
    torch.set_num_threads(1)
    _preload()
    versions = {"python": platform.python_version(), "torch": str(torch.__version__)}
    protocol.send(control, ready=os.getpid(), versions=versions)
    number = secrets.randbelow(len(limits.UIDS))  # workers beside each other use other users
    child = None
    with contextlib.suppress(protocol.Closed):
        while True:
            _wait(control, child)
            message = protocol.receive(control)
            if message["kind"] == "prepare":
                _prepare(message["exercise"])
                protocol.send(control, prepared=message["exercise"])
            elif message["kind"] == "start":
                _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
                number += 1
                child = _fork(control, descriptors[0], limits.Limits(**message["limits"]), number)
                os.close(descriptors[0])
            else:
                protocol.send(control, **ending.end(child))
                child = None
    ending.end(child)


def apart() -> bool:
    """Whether each exercise may get a user of its own, if this process is root."""
    return ending.walled() or os.environ.get("LABS_APART") == "1"


def _preload() -> None:
    """Import what every fork needs. A fork that has changed its user may not be able to."""
    from ..course import checked  # noqa: F401

    for entry in catalogue.exercises():
        driver.named_driver(entry.id)
    syscalls.prepared()


@functools.cache
def _prepare(exercise_id: str) -> None:
    """Import what the forks of one exercise would import one by one, at seconds each."""
    if driver.named_driver(exercise_id) is not None:
        importlib.import_module("torch._dynamo")  # torch asks for it when it fills a tensor on the meta device
    if catalogue.find(exercise_id).file == "hub.py":
        with contextlib.suppress(ImportError):
            from transformers import AutoModelForCausalLM  # noqa: F401

            from ..course.drivers import small_models

            for name in small_models.CONFIGS:
                small_models.kind_of(name)
    gc.freeze()  # a fork's collector would copy every page it looks at


def _wait(control: socket.socket, child: int | None) -> None:
    """Until the grader says something. No limit counts the files of a fork, so they are looked at meanwhile."""
    while not select.select([control], [], [], LOOK if child and ending.walled() else None)[0]:
        if ending.too_many_files():
            ending.kill_all(child or 0)


def _fork(control: socket.socket, descriptor: int, bounds: limits.Limits, number: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        control.close()
        grader = _bind(descriptor, bounds, number)
        _serve(grader, protocol.receive(grader))
    except BaseException:
        os._exit(70)
    os._exit(0)


def _bind(descriptor: int, bounds: limits.Limits, number: int) -> socket.socket:
    """Give up everything but one socket. A wall that cannot be put up ends the process."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))
    if apart():
        limits.become_nobody(number)
    limits.die_with_parent()  # a change of user had undone it
    limits.apply(bounds, count_threads=apart())
    os.chdir(os.environ["TMPDIR"])
    if not syscalls.restrict() and ending.walled():
        raise OSError("this kernel cannot filter system calls")
    return socket.socket(fileno=descriptor)


def _serve(grader: socket.socket, message: Mapping[str, Any]) -> None:
    """Run the texts, then answer calls. Captured names: a submission may patch the modules that they come from."""
    exercise_id, receive, call, using = message["exercise"], protocol.receive, driver.call, modes.using
    only = modes.Mode("only", only=exercise_id)
    problem = _load(message).get(catalogue.find(exercise_id).file)
    protocol.send(grader, problem=None if problem is None else described(problem))
    for number in itertools.count(1):
        args, kwargs = receive(grader, layouts=True)["value"]
        with using(only):
            reply = call(exercise_id, args, kwargs)
        grader.sendall(_encoded(number, reply))


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
    return dataclasses.asdict(raised)


def _encoded(number: int, reply: driver.Reply) -> bytes:
    """A reply as the message that is sent. A value that cannot be sent is named in its place: no law takes that."""
    encoded = functools.partial(
        protocol.encode,
        number=number,
        changed=reply.changed,
        tracked=reply.tracked,
        printed=reply.printed,
        raised=None if reply.raised is None else described(reply.raised),
    )
    try:
        return encoded(reply.value)
    except (TypeError, ValueError, RuntimeError) as error:
        return encoded(f"<{str(error)[:200]}>")


if __name__ == "__main__":
    main()
