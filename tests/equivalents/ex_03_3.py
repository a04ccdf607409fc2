"""Other right answers to 03.3."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent


@equivalent("03.3")
def in_numpy(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q).numpy(), checked.zero_point(zero_point, like=q).numpy()
    return torch.from_numpy(np.asarray((q.numpy().astype(np.int64) - zero_point).astype(scale.dtype) * scale))


@equivalent("03.3")
def code_by_code(q, scale, zero_point=0):
    """As a beginner writes it: loops and plain numbers."""
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    scales, zero_points = scale.expand(q.shape).flatten(), zero_point.expand(q.shape).flatten()
    values = torch.zeros(q.numel(), dtype=scale.dtype)
    for index, code in enumerate(q.flatten()):
        values[index] = scales[index].item() * (code.item() - zero_points[index].item())
    return values.reshape(q.shape)


@equivalent("03.3")
def in_float64(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    return torch.mul(q.double().sub(zero_point), scale.double()).to(scale.dtype)


@equivalent("03.3")
def as_a_difference_of_products(q, scale, zero_point=0):
    """``scale * q - scale * zero_point``, exact because both products fit in float64."""
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    if scale.dtype == torch.float64:
        return (q.double() - zero_point.double()) * scale
    return (q.double() * scale.double() - zero_point.double() * scale.double()).float()


@equivalent("03.3")
def in_exact_fractions(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    triples = zip(*(part.expand(q.shape).flatten().tolist() for part in (q, scale, zero_point)), strict=True)
    values = [float(Fraction(s) * (code - z)) for code, s, z in triples]
    return torch.tensor(values, dtype=scale.dtype).reshape(q.shape)
