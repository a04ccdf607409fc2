"""What the laws of lessons 3 to 5 expect of codes, scales and zero points."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from labs_lib.course.laws import (
    expect_at_most,
    expect_close,
    expect_equal,
    expect_results,
    expect_tensor,
    expect_true,
)
from labs_lib.course.laws.render import text_of

from . import oracle
from .oracle import SLACK

SCALE_TOLERANCE = 3e-7  # float32 and float64 arithmetic may differ in a scale's last bit or two


def expect_codes(
    q: Any,
    x: Tensor,
    scale: Tensor | float,
    zero_point: Tensor | int = 0,
    *,
    bits: int = 8,
    signed: bool = True,
    restricted: bool = False,
) -> Tensor:
    """Codes of ``x``'s shape in the right dtype, each a nearest one. At a near-tie both will do.

    The restricted range has as many codes below zero as above.
    """
    q = expect_tensor(q, "q", shape=x.shape, dtype=oracle.code_dtype(bits, signed))
    low, high = oracle.code_range(bits, signed)
    low = -high if restricted else low
    place = oracle.position(x, scale, zero_point)
    away = (q.double() - place.clamp(low, high)).abs()
    if bool((away <= 0.5).all()):
        return q
    float32_error = SLACK * oracle.position(x, scale).abs().clamp(max=2.0**17)
    nearest = oracle.codes(x, scale, zero_point, bits=bits, signed=signed).clamp(low, high)
    expect_equal(q, torch.where(away <= 0.5 + float32_error, q, nearest), "q")
    return q


def expect_scale(scale: Any, step: float | None = None) -> Tensor:
    """A positive, finite, 0-dim float32 tensor; close to ``step`` where that is given."""
    scale = expect_tensor(scale, "scale", shape=(), dtype=torch.float32)
    expect_true(0 < float(scale) < torch.inf, f"scale = {float(scale):g}", "a positive, finite scale")
    if step is not None:
        wanted = torch.tensor(step, dtype=torch.float32)
        expect_close(scale, wanted, "scale", relative=SCALE_TOLERANCE)
    return scale


def expect_zero_point(zero_point: Any, *, bits: int = 8, signed: bool = True) -> Tensor:
    """A 0-dim int32 tensor that is one of the codes."""
    zero_point = expect_tensor(zero_point, "zero_point", shape=(), dtype=torch.int32)
    low, high = oracle.code_range(bits, signed)
    is_code = low <= int(zero_point) <= high
    expect_true(is_code, f"zero_point = {int(zero_point)}", f"a code from {low} to {high}")
    return zero_point


def expect_zero_at_its_code(zero_point: Tensor, x: Tensor, *, bits: int = 8, signed: bool = True) -> None:
    """The code nearest to where 0.0 lies; at a near-tie either neighbour is right."""
    place = oracle.zero_position(x, bits=bits, signed=signed)
    if abs(int(zero_point) - place) > 0.5 + SLACK * 2**bits:
        expect_equal(zero_point, torch.tensor(round(place), dtype=torch.int32), "zero_point")


def expect_half_step(x: Tensor, x_hat: Tensor, step: float) -> None:
    """No value moves by more than half of a step that the test computed, not the learner."""
    width = float(x.detach().double().abs().max())
    error = (x.detach().double() - x_hat.double()).abs()
    expect_at_most(error, step / 2 + SLACK * width, "|x - x_hat|")


def expect_ends(got: Any) -> tuple[int, int]:
    """Two plain ints."""
    ends = expect_results(got, "q_min", "q_max")
    for name, end in zip(("q_min", "q_max"), ends, strict=True):
        expect_true(type(end) is int, f"{name} = {text_of(end)} ({type(end).__name__})", "a plain int")
    return ends[0], ends[1]


def expect_shares(got: Any, clipping: float, rounding: float, *, relative: float = 1e-6) -> None:
    """The two shares of a mean squared error, as plain numbers; a millionth of the sum is nothing."""
    shares = expect_results(got, "clipping", "rounding")
    for name, share, wanted in zip(("clipping", "rounding"), shares, (clipping, rounding), strict=True):
        expect_close(share, wanted, name, relative=relative, absolute=1e-6 * (clipping + rounding))
