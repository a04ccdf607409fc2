"""The grader's end of the wall: an exercise of a submission, called like any other, with a deadline."""

from __future__ import annotations

import socket
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..course.laws.driver import Raised, Reply
from ..course.laws.subject import Ask, LearnerError
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
    answers: dict[bytes, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    ended: dict[str, Any] = field(default_factory=dict)

    def law(self) -> Ask:
        """What one law asks with: it is what ``driver.call`` is, in the sandbox. It raises Gone when no answer comes.

        What an earlier law has asked already is not asked again; what one law asks twice is asked twice. In some
        exercises that is every other question.
        """
        times: Counter[bytes] = Counter()

        def ask(exercise_id: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Reply:
            if exercise_id != self.exercise_id:
                raise ValueError(f"this process runs {self.exercise_id}, not {exercise_id}")
            question = protocol.encode((args, kwargs), layouts=True)
            known, before = self.answers[question], times[question]
            times[question] += 1
            if before == len(known):
                known.append(self._answer(question))
            return known[before]

        return ask

    def _answer(self, question: bytes) -> Reply:
        self.number += 1
        answer = self._exchange(question)
        try:
            if answer["number"] != self.number:
                raise protocol.ProtocolError(f"an answer to question {answer['number']!r:.20}, not {self.number}")
            return reply_of(answer)
        except (protocol.ProtocolError, KeyError, TypeError) as error:
            raise self._lost("crashed", f"it did not answer in the form agreed on ({error})") from None

    def hello(self, **texts: Any) -> None:
        """Send the texts, and wait until they have run."""
        try:
            answer = self._exchange(protocol.encode(layouts=True, exercise=self.exercise_id, **texts))
            self.problem = None if answer["problem"] is None else raised_of(answer["problem"])
        except Gone:
            pass
        except (protocol.ProtocolError, KeyError, TypeError) as error:  # TypeError also: texts too large to be sent
            self._lost("crashed", f"it did not answer in the form agreed on ({error})")

    def _exchange(self, message: bytes) -> dict[str, Any]:
        if self.gone is not None:
            raise self.gone
        try:
            self.sock.settimeout(max(self.deadline - time.monotonic(), 0.01))
            self.sock.sendall(message)
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
    _tell(worker, "prepare", seconds=sandbox.START_SECONDS, exercise=exercise_id)  # before the clock starts
    ours, theirs = socket.socketpair()
    session = Session(exercise_id, ours, time.monotonic() + limits.wall_seconds)
    with ours:
        with theirs:
            _tell(worker, "start", theirs, limits=limits.public())
        try:
            # to the fork: the worker itself never reads a text
            session.hello(texts=dict(texts), stubs=dict(stubs), references=dict(references))
            yield session
        finally:
            session.ended = _tell(worker, "stop")


def _tell(
    worker: sandbox.Started, kind: str, sock: socket.socket | None = None, seconds: float = END_SECONDS, **more: Any
) -> Any:
    """Give the worker an order, with a socket for the fork it makes or else for its answer."""
    try:
        worker.control.settimeout(seconds)
        protocol.send(worker.control, kind=kind, **more)
        if sock is not None:
            socket.send_fds(worker.control, [b"F"], [sock.fileno()])
            return None
        return protocol.receive(worker.control, time.monotonic() + seconds)
    except (OSError, protocol.ProtocolError) as error:
        raise Lost(f"the worker is gone: {error}") from None


def reply_of(data: dict[str, Any]) -> Reply:
    """A reply, from data that nobody vouches for."""
    changed, tracked, printed = data["changed"], data["tracked"], data["printed"]
    if type(changed) is not list or not all(type(name) is str for name in changed):
        raise protocol.ProtocolError("changed is no list of names")
    if type(tracked) is not bool or type(printed) is not str:
        raise protocol.ProtocolError("tracked is no truth value, or printed no text")
    raised = None if data["raised"] is None else raised_of(data["raised"])
    return Reply(data["value"], raised, tuple(changed), tracked, printed[:400])


def raised_of(data: Any) -> Raised:
    """An exception as data, from data that nobody vouches for."""
    kinds = data["kinds"]
    if type(kinds) is not list or not kinds or not all(type(kind) is str for kind in kinds):
        raise protocol.ProtocolError("kinds is no list of names")
    texts = [data[key] for key in ("text", "file", "source")]
    if not all(type(text) is str for text in texts) or type(data["line"]) is not int:
        raise protocol.ProtocolError("an exception without text or line")
    text, file, source = (text[:400] for text in texts)
    return Raised(tuple(kind[:80] for kind in kinds[:20]), text, file, max(0, min(data["line"], 10**6)), source)
