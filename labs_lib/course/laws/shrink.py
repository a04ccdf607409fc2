"""Making a failing input small: a learner reads two numbers more easily than sixty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from .expect import LawBroken
from .subject import LearnerError, NotStarted

TRIES = 40


def smallest(item: Any, error: Exception) -> Exception:
    """The failure of a law on the smallest piece of its input ``x`` that still breaks it in the same way."""
    x = getattr(item, "funcargs", {}).get("x")
    if not isinstance(x, Tensor) or x.numel() <= 1:
        return error
    wanted = [name for name in item._fixtureinfo.argnames if name != "x"]
    others = {name: item.funcargs[name] for name in wanted}
    tries = 0
    shrunk = True
    while shrunk:
        shrunk = False
        for piece in pieces(x):
            tries += 1
            if tries > TRIES:
                break
            failure = _failure(item, others, piece)
            if type(failure) is type(error):
                x, error, shrunk = piece, failure, True  # type: ignore[assignment]
                break
    _failure(item, others, x)  # so that the calls on record are those of the smallest input
    return error


def pieces(x: Tensor) -> Iterator[Tensor]:
    """Smaller inputs: halves, then all but one, then with simpler numbers. Flat, same dtype."""
    flat = x.detach().flatten()
    if len(flat) > 1:
        half = len(flat) // 2
        yield flat[:half].clone().requires_grad_(x.requires_grad)
        yield flat[half:].clone().requires_grad_(x.requires_grad)
    if 2 < len(flat) <= 8:
        for index in range(len(flat)):
            yield torch.cat([flat[:index], flat[index + 1 :]]).requires_grad_(x.requires_grad)


def _failure(item: Any, others: dict[str, Any], x: Tensor) -> Exception | None:
    try:
        item.obj(**others, x=x)
    except (LawBroken, LearnerError) as error:
        return error
    except (NotStarted, Exception):  # a law may not make sense on so small an input
        return None
    return None
