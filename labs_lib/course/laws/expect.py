"""What a law may expect. Each function raises ``LawBroken`` with what a learner needs: got, expected, allowed."""

from __future__ import annotations

from typing import Any

import numpy
import torch
from torch import Tensor

from .driver import Reply
from .render import text_of
from .subject import LearnerError, Subject, same_value


class LawBroken(AssertionError):
    """A law does not hold. Fields are text, ready to print; empty ones are left out."""

    def __init__(self, got: str, expected: str = "", allowed: str = "", note: str = "") -> None:
        self.got, self.expected, self.allowed, self.note = got, expected, allowed, note
        parts = {"got": got, "expected": expected, "allowed": allowed, "": note}
        super().__init__("; ".join(f"{label} {text}".strip() for label, text in parts.items() if text))


def expect_equal(got: Any, expected: Any, what: str = "") -> None:
    """Exactly equal: for tensors shape, dtype and every value."""
    if isinstance(expected, Tensor):
        _expect_form(got, what, expected.shape, expected.dtype)
        if torch.equal(got, expected) or _equal_with_nan(got, expected):
            return
    elif same_value(got, expected):
        return
    raise LawBroken(_named(what, got), _named(what, expected))


def expect_close(got: Any, expected: Any, what: str = "", *, relative: float = 1e-6, absolute: float = 0.0) -> None:
    """Equal up to a tolerance; for tensors the same shape and dtype. Infinities must agree."""
    if isinstance(expected, Tensor):
        _expect_form(got, what, expected.shape, expected.dtype)
    else:
        got = expect_number(got, what)
    one, other = _wide(got), _wide(expected)
    if not (torch.equal(one, other) or torch.allclose(one, other, rtol=relative, atol=absolute, equal_nan=False)):
        allowed = f"a difference of {relative:g} of it" + (f" + {absolute:g}" if absolute else "")
        raise LawBroken(_named(what, got), _named(what, expected), allowed)


def expect_at_most(got: Tensor | float, bound: Tensor | float, what: str = "") -> None:
    """No element of ``got`` is above ``bound``; NaN is above everything. The worst element is shown."""
    values, bounds = _wide(got), _wide(bound)
    if values.numel() == 0:
        return
    excess = (values - bounds).nan_to_num(nan=torch.inf).flatten()
    worst = int(excess.argmax())
    if float(excess[worst]) > 0:
        index = tuple(map(int, numpy.unravel_index(worst, values.shape)))  # torch's own imports sympy
        place = f"{what or 'value'}{list(index) if index else ''}"
        allowed = bounds.expand_as(values).flatten()[worst]
        raise LawBroken(f"{place} = {float(values.flatten()[worst]):.6g}", allowed=f"at most {float(allowed):.6g}")


def expect_true(condition: Any, got: str, expected: str) -> None:
    """Any other property, in words."""
    if not bool(condition):
        raise LawBroken(got, expected)


def expect_tensor(got: Any, what: str, *, shape: Any, dtype: torch.dtype) -> Tensor:
    """A tensor of this form that holds no NaN: something a law can compute with."""
    _expect_form(got, what, tuple(shape), dtype)
    if dtype.is_floating_point and bool(got.isnan().any()):
        raise LawBroken(_named(what, got), "numbers, not NaN")
    return got


def expect_results(got: Any, *names: str) -> tuple[Any, ...]:
    """As many results as there are names."""
    if not isinstance(got, tuple) or len(got) != len(names):
        raise LawBroken(text_of(got), f"{len(names)} results: {', '.join(names)}")
    return got


def expect_number(got: Any, what: str) -> float:
    """A plain number that is not NaN; a tensor of one element is not plain."""
    plain = isinstance(got, (int, float)) and not isinstance(got, bool)
    if not plain or got != got or (isinstance(got, int) and abs(got) > 2**53):
        raise LawBroken(_named(what, got), "a plain number, not NaN")
    return float(got)


def expect_raises(subject: Subject, kind: type[Exception], *args: Any, naming: str = "", **kwargs: Any) -> None:
    """The call is refused with an exception of this kind whose message names the argument."""
    reply = subject.reply(*args, **kwargs)
    wanted = f"{kind.__name__}" + (f" that names {naming!r}" if naming else "")
    if reply.raised is None:
        raise LawBroken(text_of(reply.value), wanted, note="Bad input must not pass in silence.")
    if kind.__name__ not in reply.raised.kinds:
        raise LawBroken(f"{reply.raised.kind}: {reply.raised.text}", wanted)
    if naming and naming not in reply.raised.text:
        raise LawBroken(f"{reply.raised.kind}: {reply.raised.text}", wanted)


def expect_clean(reply: Reply) -> None:
    """A call leaves its arguments as they were, and its result carries no autograd graph."""
    if reply.raised is not None:
        raise LearnerError(reply)
    if reply.changed:
        raise LawBroken(f"the call changed {', '.join(reply.changed)}", "arguments left as they were")
    if reply.tracked:
        raise LawBroken("a result with requires_grad=True", "a result without an autograd graph")


def _expect_form(got: Any, what: str, shape: tuple[int, ...], dtype: torch.dtype) -> None:
    if not isinstance(got, Tensor):
        raise LawBroken(_named(what, got), f"a tensor of shape {tuple(shape)}")
    of = f"{what} of " if what else ""
    if got.shape != shape:
        raise LawBroken(f"{of}shape {tuple(got.shape)}", f"{of}shape {tuple(shape)}")
    if got.dtype != dtype:
        raise LawBroken(f"{of}dtype {got.dtype}", f"{of}dtype {dtype}")


def _wide(value: Any) -> Tensor:
    """As float64: a plain number must not pass through float32 on its way."""
    return torch.as_tensor(value, dtype=torch.float64).detach()


def _equal_with_nan(got: Tensor, expected: Tensor) -> bool:
    """Whether they are equal, and NaN in the same places."""
    return bool(((got == expected) | ((got != got) & (expected != expected))).all())


def _named(what: str, value: Any) -> str:
    return f"{what} = {text_of(value)}" if what else text_of(value)
