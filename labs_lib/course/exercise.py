"""The ``exercise`` decorator: it marks a function that learners write, and decides which body runs."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
import tokenize
from collections.abc import Callable
from typing import Any

from . import catalogue, modes
from .root import load_module
from .stub_form import is_stub

_written: dict[str, Callable[..., Any]] = {}  # the newest body in the learner's files, by exercise id
_reference: dict[str, Callable[..., Any]] = {}  # the bodies in solutions/
_untouched: dict[str, bool] = {}
_announced: set[str] = set()


def exercise(exercise_id: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a function or method as exercise ``exercise_id``, such as ``"03.2"``.

    In ``solutions/`` the function is left as it is and serves as the reference. In ``labs_lib/`` a call goes
    to the body that the mode asks for (see ``modes``), found anew at each call: after an edit and a
    reload, names that a notebook imported earlier run the new body.
    """

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        if function.__module__.partition(".")[0] == "solutions":
            _reference[exercise_id] = function
            function.exercise_id = exercise_id  # type: ignore[attr-defined]
            return function
        _written[exercise_id] = function
        _untouched[exercise_id] = _is_untouched(function, exercise_id)

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            return implementation(exercise_id)(*args, **kwargs)

        call.exercise_id = exercise_id  # type: ignore[attr-defined]
        return call

    return mark


def implementation(exercise_id: str) -> Callable[..., Any]:
    """The body that a call of this exercise runs now."""
    mode = modes.current()
    if exercise_id in mode.replaced:
        return mode.replaced[exercise_id]
    if mode.name == "strict" or (mode.name == "only" and mode.only == exercise_id):
        return written(exercise_id)
    if mode.name == "only" and not has_reference(exercise_id):
        return written(exercise_id)  # an edition without solutions still checks itself
    if mode.name == "student" and not _untouched.get(exercise_id, False):
        return written(exercise_id)
    body = reference(exercise_id)
    if mode.name == "student":
        _announce(exercise_id)
    return body


def written(exercise_id: str) -> Callable[..., Any]:
    """The learner's own body, stub or not."""
    return _written[exercise_id]


def reference(exercise_id: str) -> Callable[..., Any]:
    """The body in ``solutions/``. NotImplementedError where solutions are withheld."""
    if not has_reference(exercise_id):
        entry = catalogue.find(exercise_id)
        raise NotImplementedError(
            f"Exercise {exercise_id}: this needs your {entry.function}, and this edition of the course ships "
            f"without solutions. Write it in {entry.path} (`labs hint {exercise_id}`)"
        )
    return _reference[exercise_id]


def has_reference(exercise_id: str) -> bool:
    """Whether ``solutions/`` holds this exercise; it is loaded when first asked for."""
    if exercise_id not in _reference:
        load_module(f"solutions.{catalogue.find(exercise_id).module}")
    return exercise_id in _reference


def unreadable(exercise_id: str) -> Callable[..., Any]:
    """What stands in for an exercise whose lines are not Python, so that the rest of its file can run."""

    @exercise(exercise_id)
    def body(*args: Any, **kwargs: Any) -> Any:
        raise SyntaxError(f"exercise {exercise_id} cannot be read, see `labs check {exercise_id}`")

    return body


def _is_untouched(function: Callable[..., Any], exercise_id: str) -> bool:
    if not any(
        isinstance(text, str) and text.startswith(f"Exercise {exercise_id}:") for text in function.__code__.co_consts
    ):
        return False  # the stub's own message is not there: no need to read the source
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError, tokenize.TokenError):  # typed at a prompt, or broken: somebody wrote it
        return False
    return is_stub(tree.body[0], exercise_id)


def _announce(exercise_id: str) -> None:
    if exercise_id not in _announced:
        _announced.add(exercise_id)
        print(f"{exercise_id} is not written yet: using the reference so that you can go on")
