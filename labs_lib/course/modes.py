"""Whose code runs when an exercise is called: the mode, and nothing else.

student    the learner's function; where it is still the untouched stub, the reference (visibly).
strict     always the learner's function.
solutions  always the reference.
only       the learner's function for one exercise, the reference for everything that it calls.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

NAMES = ("student", "strict", "solutions", "only")


class UnknownMode(ValueError):
    """LABS_MODE holds something else."""


@dataclass(frozen=True)
class Mode:
    name: str = "student"
    only: str | None = None  # the exercise that is the learner's, in the mode of that name
    replaced: Mapping[str, Callable[..., Any]] = field(default_factory=dict)  # stand-ins, by exercise id


_current: ContextVar[Mode | None] = ContextVar("labs_mode", default=None)


def current() -> Mode:
    """The mode in force: the innermost ``using``, else the environment variable LABS_MODE, else student."""
    mode = _current.get()
    if mode is not None:
        return mode
    name = os.environ.get("LABS_MODE") or "student"
    if name not in NAMES[:3]:
        raise UnknownMode(f"LABS_MODE must be one of {', '.join(NAMES[:3])}, got {name!r}")
    return Mode(name)


@contextmanager
def using(mode: Mode) -> Iterator[None]:
    """Run a block in ``mode``."""
    token = _current.set(mode)
    try:
        yield
    finally:
        _current.reset(token)
