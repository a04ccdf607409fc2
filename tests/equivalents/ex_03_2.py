"""Other right answers to 03.2."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import code_dtype, q_range


@equivalent("03.2")
def in_numpy(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    low, high = q_range(bits, signed)
    with np.errstate(over="ignore"):
        q = np.rint(x.numpy() / scale.numpy()) + zero_point.numpy()
    return torch.from_numpy(np.asarray(np.clip(q, low, high))).to(code_dtype(bits, signed))


@equivalent("03.2")
def value_by_value(x, scale, zero_point=0, *, bits=8, signed=True):
    """As a beginner writes it: loops and plain numbers."""
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    low, high = q_range(bits, signed)
    scales, zero_points = scale.expand(x.shape).flatten().tolist(), zero_point.expand(x.shape).flatten().tolist()
    codes = []
    for index, value in enumerate(x.flatten().tolist()):
        if value == float("inf"):
            code = high
        elif value == float("-inf"):
            code = low
        else:
            code = round(value / scales[index]) + zero_points[index]
        if code < low:
            code = low
        if code > high:
            code = high
        codes.append(code)
    return torch.tensor(codes, dtype=code_dtype(bits, signed)).reshape(x.shape)


@equivalent("03.2")
def in_float64_with_where(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x).double()
    scale, zero_point = checked.scale(scale, like=x).double(), checked.zero_point(zero_point, like=x)
    low, high = q_range(bits, signed)
    q = torch.div(x, scale).round().add(zero_point)
    q = torch.where(q < low, low, torch.where(q > high, high, q))
    return q.type(code_dtype(bits, signed))


@equivalent("03.2")
def in_exact_fractions(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    low, high = q_range(bits, signed)
    limit = torch.finfo(torch.float64).max
    triples = zip(*(part.expand(x.shape).flatten().tolist() for part in (x, scale, zero_point)), strict=True)
    codes = [round(Fraction(min(max(v, -limit), limit)) / Fraction(s)) + z for v, s, z in triples]
    q = torch.tensor([sorted((low, code, high))[1] for code in codes], dtype=torch.int32)
    return q.reshape(x.shape).to(code_dtype(bits, signed))


@equivalent("03.2")
def clamps_the_values_first(x, scale, zero_point=0, *, bits=8, signed=True):
    """Saturates in real values, then counts steps in integers."""
    x = checked.floating("x", x).double()
    scale, zero_point = checked.scale(scale, like=x).double(), checked.zero_point(zero_point, like=x)
    low, high = q_range(bits, signed)
    inside = torch.clamp(x, (low - zero_point) * scale, (high - zero_point) * scale)
    steps = torch.round(inside / scale).to(torch.int64)
    return (steps + zero_point).clamp(low, high).to(code_dtype(bits, signed))
