"""Other right answers to 07.2."""

from __future__ import annotations

import numpy as np
import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import choose_scale, code_dtype, q_range, quantize

TINY = torch.finfo(torch.float32).tiny


@equivalent("07.2")
def channel_by_channel(x, dim=0, *, bits=8):
    """A loop over the channels, each of them a tensor of its own."""
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    codes, scales = [], []
    for channel in x.unbind(dim):
        scale = choose_scale(channel, bits=bits)
        codes.append(quantize(channel, scale, bits=bits))
        scales.append(scale.expand([1] * channel.dim()))
    return torch.stack(codes, dim), torch.stack(scales, dim)


@equivalent("07.2")
def channels_as_rows(x, dim=0, *, bits=8):
    """Moves the channels to the front, works on a matrix in float64, and moves everything back."""
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    rows = x.double().movedim(dim, 0)
    flat = rows.reshape(len(rows), -1)
    scale = (flat.abs().amax(1, keepdim=True) / q_range(bits)[1]).clamp(min=TINY).float()
    q = torch.round(flat / scale.double()).clamp(-q_range(bits)[1], q_range(bits)[1])
    moved = q.to(code_dtype(bits, True)).reshape(rows.shape).movedim(0, dim)
    return moved, scale.reshape(-1, *[1] * (x.dim() - 1)).movedim(0, dim)


@equivalent("07.2")
def in_numpy(x, dim=0, *, bits=8):
    """Zeros get the scale 1, and magnitudes are rounded before the signs come back."""
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    others = tuple(axis for axis in range(x.dim()) if axis != dim)
    values, q_max = x.double().numpy(), q_range(bits)[1]
    largest = np.abs(values).max(axis=others, keepdims=True)
    scale = np.where(largest == 0, 1.0, np.maximum(largest / q_max, TINY)).astype(np.float32)
    q = np.sign(values) * np.minimum(np.rint(np.abs(values) / scale.astype(np.float64)), q_max)
    return torch.from_numpy(q).to(code_dtype(bits, True)), torch.from_numpy(scale)
