"""Other right answers to 07.3."""

from __future__ import annotations

import numpy as np
import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import choose_qparams, q_range

TINY = torch.finfo(torch.float32).tiny


@equivalent("07.3")
def channel_by_channel(x, dim=0, *, bits=8, signed=True):
    """A loop: every channel asks choose_qparams."""
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    pairs = [choose_qparams(channel, bits=bits, signed=signed) for channel in x.unbind(dim)]
    shape = [1] * x.dim()
    shape[dim] = len(pairs)
    scales, zero_points = (torch.stack(column).reshape(shape) for column in zip(*pairs, strict=True))
    return scales, zero_points


@equivalent("07.3")
def with_a_zero_in_every_channel(x, dim=0, *, bits=8, signed=True):
    """Puts a 0.0 into every channel, so that the range contains it without a clamp."""
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    q_min, q_max = q_range(bits, signed)
    rows = x.double().movedim(dim, 0).reshape(x.shape[dim], -1)
    low, high = torch.cat([rows, rows.new_zeros(len(rows), 1)], 1).aminmax(dim=1)
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    zero_point = torch.round(q_min - low / scale).to(torch.int32).clamp(q_min, q_max)
    shape = [size if index == dim else 1 for index, size in enumerate(x.shape)]
    return scale.reshape(shape), zero_point.reshape(shape)


@equivalent("07.3")
def in_numpy_from_the_high_end(x, dim=0, *, bits=8, signed=True):
    """Pairs the high end with q_max; channels of zeros get the scale 1."""
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    q_min, q_max = q_range(bits, signed)
    others = tuple(axis for axis in range(x.dim()) if axis != dim)
    values = x.double().numpy()
    low = np.minimum(values.min(axis=others, keepdims=True), 0)
    high = np.maximum(values.max(axis=others, keepdims=True), 0)
    scale = np.where(high == low, 1.0, np.maximum((high - low) / (q_max - q_min), TINY)).astype(np.float32)
    zero_point = np.clip(np.rint(q_max - high / scale.astype(np.float64)), q_min, q_max)
    return torch.from_numpy(scale), torch.from_numpy(zero_point.astype(np.int32))
