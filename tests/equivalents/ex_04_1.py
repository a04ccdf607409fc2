"""Other right answers to 04.1."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import q_range


@equivalent("04.1")
def in_numpy(x, *, bits=8, signed=True):
    values = np.append(checked.finite("x", x).double().numpy(), 0.0)
    q_min, q_max = q_range(bits, signed)
    scale = np.float32(np.ptp(values) / (q_max - q_min)) or np.float32(1.0)
    zero_point = np.clip(np.rint(q_min - values.min() / np.float64(scale)), q_min, q_max)
    return torch.tensor(scale), torch.tensor(int(zero_point), dtype=torch.int32)


@equivalent("04.1")
def value_by_value(x, *, bits=8, signed=True):
    """As a beginner writes it: loops and plain numbers, the largest scale left as it is."""
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    smallest = 0.0
    largest = 0.0
    for value in x.flatten():
        if value.item() < smallest:
            smallest = value.item()
        if value.item() > largest:
            largest = value.item()
    if smallest == largest:
        return torch.tensor(1.0), torch.tensor(0 if signed else q_min, dtype=torch.int32)
    scale = max((largest - smallest) / (q_max - q_min), 1.2e-38)
    zero_point = round(q_min - smallest / scale)
    return torch.tensor(scale), torch.tensor(max(q_min, min(q_max, zero_point)), dtype=torch.int32)


@equivalent("04.1")
def from_the_high_end(x, *, bits=8, signed=True):
    """Pairs the high end with q_max, and divides in float32 before it subtracts, so that nothing overflows."""
    x = checked.finite("x", x).float()
    q_min, q_max = q_range(bits, signed)
    steps = q_max - q_min
    low, high = torch.minimum(x.min(), x.new_zeros(())), torch.maximum(x.max(), x.new_zeros(()))
    scale = high / steps - low / steps
    scale = torch.where(scale < torch.finfo(torch.float32).tiny, torch.finfo(torch.float32).tiny, scale)
    zero_point = (q_max - high / scale).round().to(torch.int32)
    return scale, zero_point.clamp(q_min, q_max)


@equivalent("04.1")
def in_exact_fractions(x, *, bits=8, signed=True):
    values = [Fraction(value) for value in checked.finite("x", x).flatten().tolist()] + [Fraction(0)]
    q_min, q_max = q_range(bits, signed)
    scale = max((max(values) - min(values)) / (q_max - q_min), Fraction(2) ** -126)
    zero_point = min(max(round(q_min - min(values) / scale), q_min), q_max)
    return torch.tensor(float(scale)), torch.tensor(zero_point, dtype=torch.int32)
