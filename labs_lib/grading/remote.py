"""The grader's end of the wall: an exercise of a submission, called like any other, with a deadline."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..course.laws.driver import Raised, Reply
from ..course.laws.subject import LearnerError
from . import protocol, sandbox
from .limits import Limits

END_SECONDS = 30  # for the worker to clean up after a fork


class Gone(LearnerError):
    """There is no process that could answer any more."""

    def __init__(self, state: str, text: str) -> None:
        self.state = state
        super().__init__(Reply(raised=Raised((state, "Gone"), text)))


@dataclass
class Session:
    """One exercise in its own process."""

    exercise_id: str
    sock: socket.socket
    deadline: float
    problem: Raised | None = None  # why the exercise's file cannot run
    gone: Gone | None = None
    number: int = 0
    ended: dict[str, Any] = field(default_factory=dict)

    def ask(self, exercise_id: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Reply:
        """What ``driver.call`` is, in the sandbox. Raises Gone when no answer comes."""
        if exercise_id != self.exercise_id:
            raise ValueError(f"this process runs {self.exercise_id}, not {exercise_id}")
        self.number += 1
        message = {"number": self.number, "args": args, "kwargs": kwargs}
        answer = self._exchange(message)
        try:
            if answer["number"] != self.number:
                raise protocol.ProtocolError(f"an answer to question {answer['number']!r:.20}, not {self.number}")
            return reply_of(answer["reply"])
        except (protocol.ProtocolError, KeyError, TypeError) as error:
            raise self._lost("crashed", f"it did not answer in the form agreed on ({error})") from None

    def hello(self, message: dict[str, Any]) -> None:
        """Send the texts, and wait until they have run."""
        try:
            answer = self._exchange(message)
            self.problem = None if answer["problem"] is None else raised_of(answer["problem"])
        except Gone:
            pass
        except (protocol.ProtocolError, KeyError, TypeError) as error:  # TypeError also: texts too large to be sent
            self._lost("crashed", f"it did not answer in the form agreed on ({error})")

    def _exchange(self, message: Any) -> Any:
        if self.gone is not None:
            raise self.gone
        try:
            self.sock.settimeout(max(self.deadline - time.monotonic(), 0.01))
            protocol.send(self.sock, message, layouts=True)
            return protocol.receive(self.sock, self.deadline)
        except protocol.Late:
            raise self._lost("timeout", "it did not come to an end in time") from None
        except protocol.ProtocolError as error:
            raise self._lost("crashed", f"it did not answer in the form agreed on ({error})") from None
        except TimeoutError:
            raise self._lost("timeout", "it did not come to an end in time") from None
        except OSError:
            raise self._lost("crashed", "its process ended before it had answered") from None

    def _lost(self, state: str, text: str) -> Gone:
        self.gone = Gone(state, text)
        return self.gone


class Lost(RuntimeError):
    """The worker itself is gone: start another one."""


@contextmanager
def exercise(
    worker: sandbox.Started,
    exercise_id: str,
    *,
    texts: Mapping[str, str],
    stubs: Mapping[str, str],
    references: Mapping[str, str],
    limits: Limits,
) -> Iterator[Session]:
    """Fork a process for one exercise; kill it and all that came from it at the end of the block.

    Args:
        texts: of the submission's modules by file, in the order of the course.
        stubs: of the same modules, untouched: for those that cannot run.
        references: of exercises that are graded already.
    """
    prepare = {"kind": "prepare", "exercise": exercise_id}
    _tell(worker, prepare, seconds=sandbox.START_SECONDS)  # before the clock starts
    ours, theirs = socket.socketpair()
    session = Session(exercise_id, ours, time.monotonic() + limits.wall_seconds)
    message = {
        "exercise": exercise_id,
        "texts": dict(texts),
        "stubs": dict(stubs),
        "references": dict(references),
    }
    with ours:
        with theirs:
            _tell(worker, {"kind": "start", "limits": limits.public()}, theirs)
        try:
            session.hello(message)  # to the fork: the worker itself never reads a text
            yield session
        finally:
            session.ended = _tell(worker, {"kind": "stop"})


def _tell(
    worker: sandbox.Started, message: dict[str, Any], sock: socket.socket | None = None, seconds: float = END_SECONDS
) -> Any:
    """Give the worker an order, with a socket for the fork it makes or else for its answer."""
    try:
        worker.control.settimeout(seconds)
        protocol.send(worker.control, message)
        if sock is not None:
            socket.send_fds(worker.control, [b"F"], [sock.fileno()])
            return None
        return protocol.receive(worker.control, time.monotonic() + seconds)
    except (OSError, protocol.ProtocolError) as error:
        raise Lost(f"the worker is gone: {error}") from None


def reply_of(data: Any) -> Reply:
    """A reply, from data that nobody vouches for."""
    changed = data["changed"]
    if not (isinstance(changed, tuple) and all(type(name) is str for name in changed)):
        raise protocol.ProtocolError("changed is not a tuple of names")
    if type(data["tracked"]) is not bool or type(data["printed"]) is not str:
        raise protocol.ProtocolError("tracked is no truth value, or printed no text")
    raised = None if data["raised"] is None else raised_of(data["raised"])
    return Reply(data["value"], raised, changed, data["tracked"], data["printed"][:400])


def raised_of(data: Any) -> Raised:
    """An exception as data, from data that nobody vouches for."""
    kinds = data["kinds"]
    if not (isinstance(kinds, tuple) and kinds and all(type(kind) is str for kind in kinds)):
        raise protocol.ProtocolError("kinds is not a tuple of names")
    texts = [data[key] for key in ("text", "file", "source")]
    if not all(type(text) is str for text in texts) or type(data["line"]) is not int:
        raise protocol.ProtocolError("an exception without text or line")
    text, file, source = (text[:400] for text in texts)
    return Raised(tuple(kind[:80] for kind in kinds[:20]), text, file, max(0, min(data["line"], 10**6)), source)
