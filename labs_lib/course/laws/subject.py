"""The learner's function as a law sees it: call it, get data, and have every call on record."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .. import modes
from ..catalogue import Exercise
from . import driver
from .driver import Raised, Reply

REMEMBERED = 6
Ask = Callable[[str, tuple[Any, ...], dict[str, Any]], Reply]  # what ``driver.call`` is


class NotStarted(Exception):
    """The exercise still raises NotImplementedError: nothing to judge yet."""


class LearnerError(Exception):
    """The learner's function raised where it should have answered."""

    def __init__(self, reply: Reply) -> None:
        assert reply.raised is not None
        self.raised = reply.raised
        super().__init__(f"{reply.raised.kind}: {reply.raised.text}")


class Interrupted(LearnerError):
    """Ctrl-C while the learner's function ran: it did not come to an end."""


@dataclass(frozen=True)
class Call:
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    reply: Reply


class Subject:
    """One exercise, called through its driver in the mode of the law: here, or wherever ``ask`` has it run."""

    def __init__(self, entry: Exercise, mode: modes.Mode, ask: Ask | None = None) -> None:
        self.entry = entry
        self.mode = mode
        self.ask = ask or driver.call
        self.calls: list[Call] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The answer. LearnerError where the function raised."""
        reply = self.reply(*args, **kwargs)
        if reply.raised is not None:
            raise LearnerError(reply)
        return reply.value

    def reply(self, *args: Any, **kwargs: Any) -> Reply:
        """The answer with its facts, an exception included."""
        with modes.using(self.mode):
            reply = self.ask(self.entry.id, args, kwargs)
        if reply.raised is not None and reply.raised.kind == "NotImplementedError" and not _is_torchs(reply.raised):
            raise NotStarted(reply.raised.text)
        if reply.raised is not None and reply.raised.kind == "KeyboardInterrupt":
            raise Interrupted(reply)
        self.calls = [*self.calls[1 - REMEMBERED :], Call(_kept(args), {k: _kept(v) for k, v in kwargs.items()}, reply)]
        return reply


def _is_torchs(raised: Raised) -> bool:
    """Whether torch raised it, as it does for a dtype that an operator lacks: a mistake, not an unwritten body."""
    return bool(raised.text) and not raised.source.lstrip().startswith("raise") and "Exercise" not in raised.text


def same_reply(one: Reply, other: Reply) -> bool:
    """Whether two calls ended alike: same value to the bit, or the same kind of exception; same side effects."""
    if (one.raised is None) != (other.raised is None) or one.changed != other.changed or one.tracked != other.tracked:
        return False
    if one.raised is not None and other.raised is not None:
        return one.raised.kind == other.raised.kind
    return same_value(one.value, other.value)


def same_value(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return (
            one.dtype == other.dtype
            and one.shape == other.shape
            and bool(torch.allclose(one.double(), other.double(), rtol=1e-6, atol=0, equal_nan=True))
        )
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same_value, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6) or (one != one and other != other)
    return type(one) is type(other) and one == other


def _kept(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    return tuple(_kept(item) for item in value) if isinstance(value, tuple) else value
