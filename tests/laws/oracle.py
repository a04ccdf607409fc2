"""What lessons 3 to 5 must come to, apart from the course's own code: float64, numpy, exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

# The example that runs through the whole course.
T = torch.tensor([[191.6, -13.5, 728.6], [92.14, 295.5, -184.0], [0.0, 684.6, 245.5]])

SIGNED = tuple((bits, True) for bits in range(2, 17))
UNSIGNED = tuple((bits, False) for bits in range(1, 9))
WIDTHS = ((8, True), (4, True), (2, True), (16, True), (8, False), (1, False))  # a few, all different

SMALLEST_SCALE = 2.0**-126  # the smallest normal float32: a scale may stop there, or be finer

SLACK = 2.0**-21
"""What float32 may cost, as a share of the largest number involved. One float32 operation is off by at most
2**-24 of its result, and right answers differ by a few of those: any order is right, in float32 or wider."""


def code_range(bits: int, signed: bool) -> tuple[int, int]:
    """The ends of 2**bits neighbouring integers, half of them negative when signed."""
    low = -(1 << bits >> 1) if signed else 0
    return low, low + (1 << bits) - 1


def code_dtype(bits: int, signed: bool) -> torch.dtype:
    if not signed:
        return torch.uint8
    return torch.int8 if bits <= 8 else torch.int16


def array(value: Tensor | float) -> np.ndarray:
    """Any tensor or number as float64, without loss."""
    if isinstance(value, Tensor):
        return value.detach().double().numpy()
    return np.asarray(value, dtype=np.float64)


def position(x: Tensor, scale: Tensor | float, zero_point: Tensor | int = 0) -> Tensor:
    """Where ``x`` lies on the axis of codes, before rounding and clamping."""
    return torch.as_tensor(array(x) / array(scale) + array(zero_point))


def codes(
    x: Tensor, scale: Tensor | float, zero_point: Tensor | int = 0, *, bits: int = 8, signed: bool = True
) -> Tensor:
    """The nearest code of every value, ties to even before the zero point is added."""
    low, high = code_range(bits, signed)
    steps = np.rint(array(x) / array(scale)) + array(zero_point)
    return torch.as_tensor(np.clip(steps, low, high)).to(code_dtype(bits, signed))


def exact_code(x: float, scale: float, zero_point: int = 0, *, bits: int = 8, signed: bool = True) -> int:
    """One code in exact arithmetic; Python rounds a fraction's ties to even."""
    low, high = code_range(bits, signed)
    return min(max(round(Fraction(x) / Fraction(scale)) + zero_point, low), high)


def real(q: Tensor, scale: Tensor | float, zero_point: Tensor | int = 0) -> Tensor:
    """What codes stand for, in float64."""
    return torch.as_tensor(array(scale) * (array(q) - array(zero_point)))


def span(x: Tensor) -> tuple[float, float]:
    """The smallest and the largest value, widened until 0 lies between them."""
    values = array(x)
    return min(float(values.min()), 0.0), max(float(values.max()), 0.0)


def step(x: Tensor, *, bits: int = 8) -> float:
    """The asymmetric scale: the range in as many equal steps as there are between the codes."""
    low, high = span(x)
    return max((high - low) / ((1 << bits) - 1), SMALLEST_SCALE)


def widths_for(x: Tensor) -> list[tuple[int, bool]]:
    """Three of ``WIDTHS``: 8 bits, and two more that depend on the size of ``x``, so that all cases meet all widths.

    Without those whose step is no float32: one bit for a range as wide as float32 itself.
    """
    others = WIDTHS[1:]
    first = x.numel() % len(others)
    some = (WIDTHS[0], others[first], others[(first + 2) % len(others)])
    low, high = span(x)
    return [(bits, signed) for bits, signed in some if (high - low) / (2**bits - 1) <= torch.finfo(torch.float32).max]


def zero_position(x: Tensor, *, bits: int = 8, signed: bool = True) -> float:
    """Where 0.0 lies on the axis of codes when the low end lies on the first code; not rounded."""
    return code_range(bits, signed)[0] - span(x)[0] / step(x, bits=bits)


def symmetric_step(x: Tensor, *, bits: int = 8) -> float:
    """The symmetric scale: the largest magnitude on the last code."""
    return max(float(np.abs(array(x)).max()) / ((1 << bits >> 1) - 1), SMALLEST_SCALE)


def mse(x: Tensor, x_hat: Tensor) -> float:
    """The mean of the squared differences, summed without rounding."""
    difference = (array(x) - array(x_hat)).ravel()
    return math.fsum(difference * difference) / difference.size


def shares(
    x: Tensor,
    x_hat: Tensor,
    scale: Tensor | float,
    zero_point: Tensor | int = 0,
    *,
    bits: int = 8,
    signed: bool = True,
) -> tuple[float, float]:
    """The mean squared error of the values beyond the first and the last code, and that of all others."""
    ends = [array(scale) * (end - array(zero_point)) for end in code_range(bits, signed)]
    beyond = (array(x) < ends[0]) | (array(x) > ends[1])
    squared = (array(x) - array(x_hat)) ** 2
    return math.fsum(squared[beyond]) / squared.size, math.fsum(squared[~beyond]) / squared.size


def decibels(x: Tensor, x_hat: Tensor) -> float:
    """Ten times the decimal logarithm of signal power over noise power."""
    signal, noise = array(x).ravel(), (array(x) - array(x_hat)).ravel()
    return 10 * math.log10(math.fsum(signal * signal) / math.fsum(noise * noise))


def some_parameters(x: Tensor) -> tuple[Tensor, Tensor]:
    """A scale and a zero point for which part of ``x`` is clipped and the rest is not."""
    low, high = span(x)
    scale = max((high - low) / 400, SMALLEST_SCALE)
    return torch.tensor(scale, dtype=torch.float32), torch.tensor(-37, dtype=torch.int32)


def row_parameters(x: Tensor) -> tuple[Tensor, Tensor]:
    """As ``some_parameters``, one scale and one zero point for each row."""
    width = x.detach().double().abs().amax(-1, keepdim=True).clamp(min=SMALLEST_SCALE) / 150
    shift = torch.arange(width.numel(), dtype=torch.int32).reshape(width.shape)
    return width.float(), 5 - 13 * shift
