"""A driver runs beside the learner's code, calls it, and answers with data only.

The answer is a ``Reply``: plain tensors, numbers and strings, and a few facts about the call. Laws never hold an
object that the learner made.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import importlib
import io
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import torch
from torch import Tensor

from .. import catalogue
from ..exercise import implementation
from ..root import LIBRARY, ROOT

PRINTED_AT_MOST = TEXT_AT_MOST = 400
DEPTH_AT_MOST = 20  # of tuples in tuples; a list may hold itself


@dataclass(frozen=True)
class Raised:
    """An exception of the learner's code, as data."""

    kinds: tuple[str, ...]  # the exception's class and its bases, by name
    text: str
    file: str = ""  # the innermost line in the course's own files, relative to the root
    line: int = 0
    source: str = ""

    @property
    def kind(self) -> str:
        return self.kinds[0]


@dataclass(frozen=True)
class Reply:
    """What one call gave."""

    value: Any = None
    raised: Raised | None = None
    changed: tuple[str, ...] = ()  # arguments that the call modified
    tracked: bool = False  # the result carries an autograd graph
    printed: str = ""


def call(exercise_id: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Reply:
    """Call an exercise (or its named driver) in the mode in force. Arguments come back as they were."""
    named = {**{f"argument {index + 1}": value for index, value in enumerate(args)}, **kwargs}
    before = {name: value.detach().clone() for name, value in named.items() if isinstance(value, Tensor)}
    printed = io.StringIO()
    value, raised = None, None
    try:
        function = named_driver(exercise_id) or implementation(exercise_id)
        with undisturbed(printed):
            value = function(*args, **kwargs)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        raised = describe(error)
    changed = tuple(name for name, copy in before.items() if not _identical(named[name], copy))
    for name in changed:
        _restore(named[name], before[name])
    with torch._C.DisableTorchFunctionSubclass():  # a subclass of Tensor answers what it likes, even on .requires_grad
        return Reply(plain(value), raised, changed, _tracked(value), printed.getvalue()[:PRINTED_AT_MOST])


@functools.cache
def named_driver(exercise_id: str) -> Callable[..., Any] | None:
    """The driver of an exercise that takes or returns more than data: ``drive`` in ``drivers/ex_10_2.py``."""
    name = catalogue.find(exercise_id).driver
    if name is None:
        return None
    drive: Callable[..., Any] = importlib.import_module(name).drive
    return drive


@contextlib.contextmanager
def undisturbed(output: TextIO) -> Iterator[None]:
    """Run a learner's code: what it prints goes to ``output``, and what it changes for others is put back."""
    names, limit = dict(vars(builtins)), sys.getrecursionlimit()
    dtype, grad = torch.get_default_dtype(), torch.is_grad_enabled()
    try:
        with contextlib.redirect_stdout(output), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pytest would make them errors: a verdict must not depend on the door
            yield
    finally:
        vars(builtins).update(names)
        sys.setrecursionlimit(limit)
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)


def plain(value: Any, depth: int = 0) -> Any:
    """Data without behaviour: base-class tensors off the graph, numbers, strings, tuples of these."""
    if isinstance(value, Tensor):
        if value.device.type != "cpu" or value.layout != torch.strided:  # a law could not read it
            return f"<tensor on {value.device}, {value.layout}>"
        return value.detach().as_subclass(Tensor)
    if isinstance(value, (tuple, list)) and depth < DEPTH_AT_MOST:
        return tuple(plain(item, depth + 1) for item in value)
    if isinstance(value, float):
        return float.__float__(value)  # numpy's float64 is a float
    if value is None or type(value) in (bool, int, str):
        return value
    return f"<{type(value).__name__}>"


def describe(error: BaseException) -> Raised:
    """An exception as data, with the innermost of its lines that lies in the course's tree."""
    kinds = tuple(kind.__name__ for kind in type(error).__mro__ if kind not in (object, BaseException))
    try:
        text = str(error)[:TEXT_AT_MOST]
    except Exception:  # an exception class of the learner's own
        text = ""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(LIBRARY) and not path.is_relative_to(LIBRARY / "course"):
            place = path.relative_to(ROOT).as_posix()
            return Raised(kinds, text, place, frame.lineno or 0, frame.line or "")
    return Raised(kinds, text)


def _tracked(value: Any, depth: int = 0) -> bool:
    if isinstance(value, (tuple, list)) and depth < DEPTH_AT_MOST:
        return any(_tracked(item, depth + 1) for item in value)
    return isinstance(value, Tensor) and value.requires_grad


def _restore(argument: Tensor, before: Tensor) -> None:
    if argument.shape == before.shape and argument.dtype == before.dtype:
        argument.detach().copy_(before)  # keeps the layout
    else:
        argument.data = before


def _identical(now: Tensor, before: Tensor) -> bool:
    if now.shape != before.shape or now.dtype != before.dtype:
        return False
    now = now.detach()
    return torch.equal(now, before) or torch.equal(now.nan_to_num(0.125), before.nan_to_num(0.125))  # NaN differs
