"""Other right answers to 07.1."""

from __future__ import annotations

import numpy as np
import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import choose_scale, q_range

TINY = torch.finfo(torch.float32).tiny


@equivalent("07.1")
def channel_by_channel(x, dim=0, *, bits=8):
    """As the video course writes it: a loop, and a view that lines the scales up."""
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    scale = torch.zeros(x.shape[dim])
    for index in range(x.shape[dim]):
        scale[index] = choose_scale(x.select(dim, index), bits=bits)
    shape = [1] * x.dim()
    shape[dim] = -1
    return scale.view(shape)


@equivalent("07.1")
def channels_as_rows(x, dim=0, *, bits=8):
    """Moves the channels to the front, flattens the rest, and takes one maximum a row."""
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    rows = x.movedim(dim, 0).reshape(x.shape[dim], -1)
    scale = (rows.abs().amax(1) / q_range(bits)[1]).clamp(min=TINY).float()
    return scale.reshape([size if index == dim else 1 for index, size in enumerate(x.shape)])


@equivalent("07.1")
def in_numpy(x, dim=0, *, bits=8):
    """One reduction over several axes; zeros get the scale 1."""
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    others = tuple(axis for axis in range(x.dim()) if axis != dim)
    largest = np.abs(x.double().numpy()).max(axis=others, keepdims=True)
    scale = np.maximum(largest / q_range(bits)[1], TINY).astype(np.float32)
    return torch.from_numpy(np.where(largest == 0, np.float32(1), scale))


@equivalent("07.1")
def from_both_ends(x, dim=0, *, bits=8):
    """Takes the larger of the maximum and minus the minimum."""
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low = high = x
    for other in range(x.dim()):
        low, high = (low, high) if other == dim else (low.amin(other, True), high.amax(other, True))
    largest = torch.maximum(high, -low).double()
    return torch.where(largest > 0, (largest / q_range(bits)[1]).clamp(min=TINY), 1e-5).float()
