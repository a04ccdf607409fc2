"""Other right answers to 05.2."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import choose_scale, code_dtype, q_range, quantize


@equivalent("05.2")
def value_by_value(x, *, bits=8):
    """As a beginner writes it: the scale first, then one value after the other."""
    scale = choose_scale(x, bits=bits)
    largest_code = q_range(bits)[1]
    q = torch.zeros(x.numel(), dtype=code_dtype(bits, True))
    for index, value in enumerate(x.detach().flatten().tolist()):
        q[index] = max(-largest_code, min(largest_code, round(value / scale.item())))
    return q.reshape(x.shape), scale


@equivalent("05.2")
def all_in_one(x, *, bits=8):
    """Without the other exercises, in float64, with torch.where in place of clamp."""
    wide = checked.finite("x", x).double()
    q_max = q_range(bits)[1]
    largest = torch.linalg.vector_norm(wide, ord=float("inf"))
    scale = torch.where(largest > 0, largest / q_max, 1.0).float().clamp(min=torch.finfo(torch.float32).tiny)
    q = torch.round(wide / scale)
    q = torch.where(q.abs() > q_max, q.sign() * q_max, q)
    return q.to(code_dtype(bits, True)), scale


@equivalent("05.2")
def by_magnitude_and_sign(x, *, bits=8):
    """Quantizes magnitudes and puts the signs back, so that negation is exact by construction."""
    scale = choose_scale(x, bits=bits)
    return quantize(x.abs(), scale, bits=bits) * x.detach().sign().to(code_dtype(bits, True)), scale
