"""Other right answers to 08.2."""

from __future__ import annotations

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import dequantize


@equivalent("08.2")
def by_index(q, scale, group_size):
    """Looks up the scale of every value by the number of its group."""
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    return dequantize(q, scale[..., torch.arange(q.shape[-1]) // group_size])


@equivalent("08.2")
def on_the_pieces(q, scale, group_size):
    """Fills the short groups up, and lets a new axis of size 1 broadcast the scales over each piece."""
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    padded = nn.functional.pad(q.long(), (0, -q.shape[-1] % group_size))
    pieces = padded.reshape(*scale.shape, group_size)
    x_hat = pieces.to(scale.dtype) * scale.unsqueeze(-1)
    return x_hat.reshape(padded.shape)[..., : q.shape[-1]]


@equivalent("08.2")
def group_by_group(q, scale, group_size):
    """One group of all rows after the other."""
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    x_hat = torch.zeros(q.shape, dtype=scale.dtype)
    for group in range(scale.shape[-1]):
        part = slice(group * group_size, (group + 1) * group_size)
        x_hat[..., part] = dequantize(q[..., part], scale[..., group, None])
    return x_hat


@equivalent("08.2")
def stretched_by_expand(q, scale, group_size):
    """repeat_interleave by hand: a new axis, stretched and flattened."""
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    wide = scale.unsqueeze(-1).expand(*scale.shape, group_size).flatten(-2)
    return q * wide[..., : q.shape[-1]]
