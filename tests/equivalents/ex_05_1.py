"""Other right answers to 05.1."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import q_range


@equivalent("05.1")
def value_by_value(x, *, bits=8):
    """As a beginner writes it: loops and plain numbers."""
    x = checked.finite("x", x)
    largest = 0.0
    for value in x.flatten():
        magnitude = abs(value.item())
        if magnitude > largest:
            largest = magnitude
    if largest == 0:
        return torch.tensor(1.0)
    return torch.tensor(max(largest / q_range(bits)[1], 1.18e-38))


@equivalent("05.1")
def from_both_ends(x, *, bits=8):
    """The larger of max and -min, without abs; in float64."""
    x = checked.finite("x", x).double()
    low, high = torch.aminmax(x)
    scale = torch.maximum(high, -low) / -(q_range(bits)[0] + 1)
    return scale.to(torch.float32).clamp_min(2.0**-126)


@equivalent("05.1")
def in_numpy(x, *, bits=8):
    largest = np.linalg.norm(checked.finite("x", x).double().numpy().ravel(), np.inf)
    return torch.tensor(np.float32(largest / q_range(bits)[1]) or np.float32(0.5))


@equivalent("05.1")
def in_exact_fractions(x, *, bits=8):
    values = checked.finite("x", x).flatten().tolist()
    scale = max(map(abs, map(Fraction, values))) / ((1 << bits >> 1) - (q_range(bits)[1] > 0))
    return torch.tensor(max(float(scale), torch.finfo(torch.float32).tiny))
