"""What the laws of lessons 8 and 16 expect of scales that belong to a few neighbours of a row."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from labs_lib.course.laws import expect_close, expect_results, expect_tensor, expect_true

from . import oracle
from .expectations import SCALE_TOLERANCE, expect_codes


def largest_of_groups(x: Tensor, group_size: int) -> np.ndarray:
    """The largest magnitude of every group, in float64: (*rows, groups)."""
    values = np.abs(oracle.array(x))
    return np.maximum.reduceat(values, np.arange(0, x.shape[-1], group_size), axis=-1)


def group_steps(x: Tensor, group_size: int, *, bits: int = 8) -> Tensor:
    """The scale of every group, in float64."""
    steps = largest_of_groups(x, group_size) / ((1 << bits >> 1) - 1)
    return torch.as_tensor(np.maximum(steps, oracle.SMALLEST_SCALE))


def spread(scale: Tensor, group_size: int, length: int) -> Tensor:
    """The scale that belongs to every value of a row: value number k is in group k // group_size."""
    return scale[..., torch.arange(length) // group_size]


def expect_group_scales(scale: object, x: Tensor, group_size: int, *, bits: int = 8) -> Tensor:
    """One positive float32 scale for every group, the largest magnitude on the largest code."""
    steps = group_steps(x, group_size, bits=bits)
    scale = expect_tensor(scale, "scale", shape=steps.shape, dtype=torch.float32)
    expect_true((scale > 0).all() and scale.isfinite().all(), f"scale = {scale.tolist()}", "positive, finite scales")
    free = steps <= oracle.SMALLEST_SCALE  # a group of zeros may have any scale
    expect_close(scale, torch.where(free, scale.double(), steps).float(), "scale", relative=SCALE_TOLERANCE)
    return scale


def expect_groups(got: object, x: Tensor, group_size: int, *, bits: int = 8) -> tuple[Tensor, Tensor]:
    """Scales of the groups, and codes that belong to them, none of them the most negative."""
    q, scale = expect_results(got, "q", "scale")
    scale = expect_group_scales(scale, x, group_size, bits=bits)
    wide = spread(scale, group_size, x.shape[-1])
    return expect_codes(q, x, wide, bits=bits, restricted=True), scale
