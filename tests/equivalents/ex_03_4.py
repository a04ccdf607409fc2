"""Other right answers to 03.4."""

from __future__ import annotations

import math

import numpy as np
import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import dequantize, q_range


@equivalent("03.4")
def in_numpy(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    values, low_and_high = x.double().numpy(), np.array(q_range(bits, signed))
    ends = [scale.double().numpy() * (end - zero_point.numpy()) for end in low_and_high]
    error = (values - x_hat.double().numpy()) ** 2
    inside = np.logical_and(ends[0] <= values, values <= ends[1])
    return float(np.where(inside, 0, error).mean()), float(np.where(inside, error, 0).mean())


@equivalent("03.4")
def value_by_value(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    """As a beginner writes it: loops and plain numbers."""
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q_min, q_max = q_range(bits, signed)
    scales, zero_points = scale.expand(x.shape).flatten(), zero_point.expand(x.shape).flatten()
    clipping = 0
    rounding = 0
    for index in range(x.numel()):
        value = x.flatten()[index].item()
        error = (value - x_hat.flatten()[index].item()) ** 2
        lowest = scales[index].item() * (q_min - zero_points[index].item())
        highest = scales[index].item() * (q_max - zero_points[index].item())
        if value < lowest or value > highest:
            clipping += error
        else:
            rounding += error
    return clipping / x.numel(), rounding / x.numel()


@equivalent("03.4")
def by_clamping(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    """A value is clipped where clamping to the values of the end codes moves it; the rest of the MSE is rounding."""
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    ends = torch.tensor(q_range(bits, signed), dtype=torch.int32)
    wide = checked.scale(scale, like=x).double()
    low, high = (dequantize(end.expand(x.shape), wide.expand(x.shape), zero_point) for end in ends)
    moved = torch.clamp(x.double(), low, high) != x.double()
    error = torch.nn.functional.mse_loss(x_hat.double(), x.double(), reduction="none")
    share = torch.masked_select(error, moved).sum().item() / error.numel()
    return share, torch.masked_select(error, moved.logical_not()).sum().item() / error.numel()


@equivalent("03.4")
def on_the_axis_of_codes(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    """Compares the unrounded place on the axis of codes with the first and the last code."""
    x, x_hat = checked.floating("x", x).double(), checked.floating("x_hat", x_hat).double()
    checked.same_shape("x", x, "x_hat", x_hat)
    scale, zero_point = checked.scale(scale, like=x).double(), checked.zero_point(zero_point, like=x)
    q_min, q_max = q_range(bits, signed)
    place = x / scale + zero_point
    squares = {False: [], True: []}
    for inside, one, other in zip(
        ((place >= q_min) & (place <= q_max)).flatten().tolist(),
        x.flatten().tolist(),
        x_hat.flatten().tolist(),
        strict=True,
    ):
        squares[inside].append((one - other) ** 2)
    return math.fsum(squares[False]) / x.numel(), math.fsum(squares[True]) / x.numel()
