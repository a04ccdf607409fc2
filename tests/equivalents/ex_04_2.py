"""Other right answers to 04.2."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import choose_qparams, code_dtype, q_range, quantize


@equivalent("04.2")
def value_by_value(x, *, bits=8, signed=True):
    """As a beginner writes it: the parameters first, then one value after the other."""
    parameters = choose_qparams(x, bits=bits, signed=signed)
    q_min, q_max = q_range(bits, signed)
    codes = []
    for value in x.flatten():
        code = round(value.item() / parameters[0].item()) + parameters[1].item()
        codes.append(min(max(code, q_min), q_max))
    q = torch.tensor(codes, dtype=code_dtype(bits, signed)).reshape(x.shape)
    return [q, parameters[0], parameters[1]]


@equivalent("04.2")
def all_in_one(x, *, bits=8, signed=True):
    """Without the other exercises, in float64."""
    wide = checked.finite("x", x).double()
    q_min, q_max = q_range(bits, signed)
    low, high = min(wide.min().item(), 0.0), max(wide.max().item(), 0.0)
    scale = torch.tensor((high - low) / (q_max - q_min) or 1.0).clamp(min=torch.finfo(torch.float32).tiny)
    zero_point = min(max(round(q_min - low / scale.item()), q_min), q_max)
    q = (wide / scale).round_().add_(zero_point).clamp_(q_min, q_max)
    return q.to(code_dtype(bits, signed)), scale, torch.tensor(zero_point, dtype=torch.int32)


@equivalent("04.2")
def with_keywords(x, bits=8, signed=True):
    """The same two calls, every argument named."""
    chosen = dict(zip(("scale", "zero_point"), choose_qparams(x=x, bits=bits, signed=signed), strict=True))
    return quantize(x=x, bits=bits, signed=signed, **chosen), *chosen.values()


@equivalent("04.2")
def with_searchsorted(x, *, bits=8, signed=True):
    """Codes by comparing with the midpoints between what the codes stand for."""
    scale, zero_point = choose_qparams(x, bits=bits, signed=signed)
    q_min, q_max = q_range(bits, signed)
    midpoints = (torch.arange(q_min, q_max, dtype=torch.float64) + 0.5 - zero_point) * scale.double()
    q = torch.searchsorted(midpoints, checked.finite("x", x).double().contiguous()) + q_min
    return q.to(code_dtype(bits, signed)), scale, zero_point
