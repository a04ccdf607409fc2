"""Wrong answers to 08.2, and what to say about each."""

from __future__ import annotations

import math

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import dequantize

REFERENCE = "[100, -30, 5] in groups of two, with the scales 0.25 and 2, is [25, -7.5, 10]"
NEIGHBOURS = "a scale stands for its neighbours: [a, b] becomes [a, a, a, b, b, b]"
SHORT = "the last group may be short, in every row"
DECIDES = "the group size says where a group ends; the shapes do not: two scales for ten codes can be 5 or 9"
EVERY_CODE = "codes of any integer dtype come back, at both ends of it, and nothing wraps"
RANKS = "any rank will do"
DTYPES = "the values have the scale's dtype, float32 or wider"
CLEAN = "any layout will do, nothing that is handed in changes, and no autograd graph comes out"


@mutant(
    "E04",
    "08.2",
    law=NEIGHBOURS,
    says="This matches repeat, which turns [a, b] into [a, b, a, b]. Each scale covers group_size neighbours: use "
    "repeat_interleave.",
    line=r"repeat\(|tile",
)
def tiles_the_scales(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    wide = scale.repeat(*[1] * (q.dim() - 1), group_size)
    return dequantize(q, wide[..., : q.shape[-1]])


@mutant(
    "size_from_the_shapes",
    "08.2",
    law=DECIDES,
    says="This matches a group size that was worked out from the shapes, n / groups rounded up. With a short last "
    "group the shapes cannot tell it: use group_size.",
    line=r"shape.*(//|/)|ceil",
)
def works_the_size_out(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    size = math.ceil(q.shape[-1] / max(scale.shape[-1], 1))
    wide = scale.repeat_interleave(size, dim=-1)
    return dequantize(q, wide[..., : q.shape[-1]])


@mutant(
    "even_groups",
    "08.2",
    law=REFERENCE,
    says="This matches a reshape of the codes to (-1, group_size), which fails where a last group is short. Stretch "
    "the scales instead, and cut them to the length of a row.",
    line=r"reshape|view|unflatten",
)
def expects_even_groups(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    return dequantize(q.reshape(-1, group_size), scale.reshape(-1, 1)).reshape(q.shape)


@mutant(
    "not_cut",
    "08.2",
    law=REFERENCE,
    says="This matches scales that were stretched and not cut: with a short last group they are longer than the row. "
    "Keep the first q.shape[-1] of them.",
    line=r"repeat_interleave|dequantize",
)
def does_not_cut(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    return dequantize(q, scale.repeat_interleave(group_size, dim=-1))


@mutant(
    "wrong_axis",
    "08.2",
    law=NEIGHBOURS,
    says="This matches scales that were repeated along the rows' axis. A group runs along the last axis: dim=-1.",
    line=r"dim|repeat_interleave",
)
def repeats_down_the_rows(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    return dequantize(q, scale.repeat_interleave(group_size, dim=0))


@mutant(
    "flat",
    "08.2",
    law=NEIGHBOURS,
    says="This matches repeat_interleave without a dimension, which flattens the scales of all rows into one list. "
    "Give it dim=-1.",
    line=r"repeat_interleave",
)
def flattens_the_scales(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    wide = scale.repeat_interleave(group_size)
    return dequantize(q, wide[..., : q.shape[-1]])


@mutant(
    "first_scale",
    "08.2",
    law=REFERENCE,
    says="This matches the first scale of each row for the whole row. Every group has its own.",
    line=r"\[.*[01].*\]",
)
def takes_the_first_scale(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    return dequantize(q, scale[..., :1].expand(q.shape))


@mutant(
    "off_by_one",
    "08.2",
    law=REFERENCE,
    says="This matches groups that begin one value early. Value number k, counted from 0, is in group k // group_size.",
    line=r"//|arange",
)
def counts_from_one(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    index = (torch.arange(1, q.shape[-1] + 1) // group_size).clamp(max=max(scale.shape[-1] - 1, 0))
    return dequantize(q, scale[..., index])


@mutant(
    "drops_the_rest",
    "08.2",
    law=REFERENCE,
    says="This matches a loop over full groups only: a short last group stays 0. Count the groups with ceil, or "
    "stretch the scales over the whole row.",
    line=r"range|//",
)
def drops_the_rest(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    x_hat = torch.zeros(q.shape, dtype=scale.dtype)
    for group in range(q.shape[-1] // group_size):
        part = slice(group * group_size, (group + 1) * group_size)
        x_hat[..., part] = dequantize(q[..., part], scale[..., group : group + 1])
    return x_hat


@mutant(
    "matrices_only",
    "08.2",
    law=RANKS,
    says="This matches code for matrices only: it unpacks q.shape into rows and columns. Index the last axis with "
    "[..., :n].",
    line=r"q\.shape|\[:,",
)
def takes_matrices_only(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    _, columns = q.shape
    return dequantize(q, scale.repeat_interleave(group_size, dim=1)[:, :columns])


@mutant(
    "view",
    "08.2",
    law=CLEAN,
    says="This matches view(), which refuses scales or codes that do not lie row by row in memory. reshape() copies "
    "where it must.",
    line=r"\.view\(",
)
def uses_view(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    groups = scale.shape[-1]
    if q.numel() and scale.stride() != (0,) * scale.dim():
        scale = scale.view(-1).view(*q.shape[:-1], groups)
    wide = scale.repeat_interleave(group_size, dim=-1)
    return dequantize(q, wide[..., : q.shape[-1]])


@mutant(
    "A15",
    "08.2",
    law=REFERENCE,
    says="This matches dividing by the scale. A scale is real units a step: multiply.",
    line=r"/",
)
def divides(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    wide = scale.repeat_interleave(group_size, dim=-1)[..., : q.shape[-1]]
    return q / wide


@mutant(
    "casts_to_int8",
    "08.2",
    law=EVERY_CODE,
    says="This matches codes that were cast to int8 first: 200 becomes -56. dequantize takes codes of any integer "
    "dtype as they are.",
    line=r"int8",
)
def casts_the_codes(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    wide = scale.repeat_interleave(group_size, dim=-1)
    return dequantize(q.to(torch.int8), wide[..., : q.shape[-1]])


@mutant(
    "always_float32",
    "08.2",
    law=DTYPES,
    says="This matches values that are float32 always. A float64 scale gives float64 values.",
    line=r"float",
)
def answers_in_float32(q, scale, group_size):
    q, group_size = checked.ranked("q", checked.codes("q", q)), checked.whole("group_size", group_size)
    scale = checked.group_scale(scale, group_size, like=q)
    wide = scale.repeat_interleave(group_size, dim=-1)
    return dequantize(q, wide[..., : q.shape[-1]].float())
