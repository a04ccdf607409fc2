"""Other right answers to 08.1."""

from __future__ import annotations

import math

import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import code_dtype, q_range, quantize_per_channel, quantize_symmetric


@equivalent("08.1")
def group_by_group(x, group_size, *, bits=8):
    """As a beginner writes it: each row, and in it each group, by lesson 5 alone."""
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    codes, scales = [], []
    for row in x.reshape(-1, x.shape[-1]):
        done = [quantize_symmetric(part, bits=bits) for part in row.split(group_size)]
        codes.append(torch.cat([q for q, _ in done]))
        scales.append(torch.stack([scale for _, scale in done]))
    return torch.stack(codes).reshape(x.shape), torch.stack(scales).reshape(*x.shape[:-1], -1)


@equivalent("08.1")
def strip_by_strip(x, group_size, *, bits=8):
    """Cuts all rows at once into strips of columns, and quantizes each strip row by row."""
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    strips = x.reshape(-1, x.shape[-1]).split(group_size, dim=1)
    done = [quantize_per_channel(strip, bits=bits) for strip in strips]
    q, scale = (torch.cat(parts, dim=1) for parts in zip(*done, strict=True))
    return q.reshape(x.shape), scale.reshape(*x.shape[:-1], -1)


@equivalent("08.1")
def by_index(x, group_size, *, bits=8):
    """Without reshape and without the other exercises: every value knows the number of its group."""
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    q_max, length = q_range(bits)[1], x.shape[-1]
    group = torch.arange(length) // group_size
    wide = x.double()
    largest = torch.zeros(*x.shape[:-1], math.ceil(length / group_size), dtype=torch.float64)
    largest = largest.scatter_reduce(-1, group.expand(x.shape), wide.abs(), "amax")
    scale = (largest / q_max).float().clamp(min=torch.finfo(torch.float32).tiny)
    q = torch.round(wide / scale[..., group]).clamp(-q_max, q_max)
    return q.to(code_dtype(bits, True)), scale


@equivalent("08.1")
def whole_groups_and_the_rest(x, group_size, *, bits=8):
    """Quantizes what divides, then what is left over, and puts the two side by side."""
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    cut = x.shape[-1] - x.shape[-1] % group_size
    codes, scales = [], []
    for part, size in ((x[..., :cut], group_size), (x[..., cut:], x.shape[-1] - cut)):
        if part.numel():
            q, scale = quantize_per_channel(part.unflatten(-1, (-1, size)).flatten(0, -2), bits=bits)
            codes.append(q.reshape(part.shape))
            scales.append(scale.reshape(*part.shape[:-1], -1))
    return torch.cat(codes, dim=-1), torch.cat(scales, dim=-1)
