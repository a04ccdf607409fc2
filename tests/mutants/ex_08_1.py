"""Wrong answers to 08.1, and what to say about each."""

from __future__ import annotations

import math

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import code_dtype, dequantize, q_range, quantize, quantize_per_channel

REFERENCE = "T in groups of 3 is T row by row: the same codes, the same scales"
FIVE = "a row of five in groups of two has three scales, the last one for a single value"
SHAPES = "there are ceil(n / group_size) scales for every row of n, and the codes keep the shape of x"
SCALES = "the scale of a group puts its largest magnitude on the largest code, at every width"
CODES = "every value has the code that is nearest in its own group, at every width"
ALONG = "groups run along the rows, in a square matrix too"
NEIGHBOURS = "a group holds neighbours, not every other value"
APART = "a group never crosses a row, even where the whole tensor could be cut evenly"
SHORT = "a short last group is a group like the others: its own largest value has the largest code"
LONG = "groups as long as a row, or longer, are rows"
OUTLIER = "an outlier changes its own group and no other"
RESTRICTED = "the largest magnitude counts, whatever its sign, and the most negative code is never produced"
TIES = "half a step goes to the even integer"
ZERO_GROUPS = "a group of zeros has a positive scale and comes back as zeros"
TINY_GROUPS = "tiny groups beside ordinary ones keep a scale that fits them"
CLEAN = "any layout and any rank will do, nothing that is handed in changes, and no autograd graph comes out"


def padded_groups(x, group_size, value=0.0):
    """The groups of all rows, one below the other, short ones filled up: (groups, group_size)."""
    return nn.functional.pad(x, (0, -x.shape[-1] % group_size), value=value).reshape(-1, group_size)


def back(q, x):
    """The codes of padded groups in the shape of ``x``."""
    return q.reshape(*x.shape[:-1], -1)[..., : x.shape[-1]]


@mutant(
    "E05",
    "08.1",
    law=SCALES,
    says="This matches one scale for a whole row, repeated for its groups. Take the largest magnitude over "
    "the last axis of the pieces only, not over all pieces of a row.",
    line=r"amax|max\(|per_channel",
)
def one_scale_for_the_row(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    largest = x.abs().amax(dim=-1, keepdim=True)
    scale = (largest / q_range(bits)[1]).clamp(min=torch.finfo(torch.float32).tiny).float()
    groups = math.ceil(x.shape[-1] / group_size)
    return quantize(x, scale, bits=bits), scale.repeat_interleave(groups, dim=-1)


@mutant(
    "D03",
    "08.1",
    law=FIVE,
    says="This matches one scale for the whole tensor, repeated for every group. Each group has a scale of its own.",
    line=r"amax|max\(|choose_scale|per_channel",
)
def one_scale_for_all(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    scale = (x.abs().amax() / q_range(bits)[1]).clamp(min=torch.finfo(torch.float32).tiny).float()
    groups = math.ceil(x.shape[-1] / group_size)
    return quantize(x, scale, bits=bits), scale.expand(*x.shape[:-1], groups).clone()


@mutant(
    "E03",
    "08.1",
    law=REFERENCE,
    says="This matches scales in transposed order, a row for each group. They have the shape of x, with groups in "
    "place of the last axis.",
    line=r"\.T|mT|transpose|permute|scale.*reshape",
)
def transposes_the_scales(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    q, scale = quantize_per_channel(padded_groups(x, group_size), bits=bits)
    scale = scale.reshape(*x.shape[:-1], -1)
    return back(q, x), scale.movedim(-1, 0) if x.dim() > 1 else scale


@mutant(
    "order_of_the_scales",
    "08.1",
    law=FIVE,
    says="This matches scales of the right shape in the wrong order: the groups counted column by column. Reshape "
    "them to x's rows, then -1: the groups of one row follow each other.",
    line=r"\.T|mT|transpose|permute|scale.*reshape",
)
def counts_the_groups_by_columns(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    q, scale = quantize_per_channel(padded_groups(x, group_size), bits=bits)
    groups = math.ceil(x.shape[-1] / group_size)
    return back(q, x), scale.reshape(groups, -1).T.reshape(*x.shape[:-1], groups)


@mutant(
    "crosses_rows",
    "08.1",
    law=APART,
    says="This matches groups that run on from the end of one row into the next. A row that does not divide needs "
    "zeros at its end before the reshape, so that its last group is short.",
    line=r"reshape|view|flatten",
)
def cuts_the_flat_tensor(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    groups = math.ceil(x.shape[-1] / group_size)
    q, scale = quantize_per_channel(padded_groups(x.reshape(-1), group_size), bits=bits)
    q = q.reshape(-1)[: x.numel()].reshape(x.shape)
    if scale.numel() != math.prod(x.shape[:-1]) * groups:
        return q, scale.reshape(-1)
    return q, scale.reshape(*x.shape[:-1], groups)


@mutant(
    "must_divide",
    "08.1",
    law=FIVE,
    says="This matches a bare reshape to (-1, group_size): it fails where the values do not divide, and lets groups "
    "cross rows where only the rows do not. Pad each row with zeros first.",
    line=r"reshape|view",
)
def expects_rows_that_divide(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    q, scale = quantize_per_channel(x.reshape(-1, group_size), bits=bits)
    return q.reshape(x.shape), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "view",
    "08.1",
    law=CLEAN,
    says="This matches view(), which refuses a transposed tensor: its rows do not lie one behind the other in "
    "memory. reshape() copies where it must.",
    line=r"\.view\(",
)
def uses_view(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    missing = -x.shape[-1] % group_size
    padded = nn.functional.pad(x, (0, missing)) if missing else x
    q, scale = quantize_per_channel(padded.view(-1, group_size), bits=bits)
    return back(q, x), scale.view(*x.shape[:-1], -1)


@mutant(
    "matrices_only",
    "08.1",
    law=SHAPES,
    says="This matches code for matrices only: it unpacks x.shape into rows and columns. Keep all sizes but the last "
    "with x.shape[:-1].",
    line=r"x\.shape",
)
def takes_matrices_only(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    rows, columns = x.shape
    q, scale = quantize_per_channel(padded_groups(x, group_size), bits=bits)
    return q.reshape(rows, -1)[:, :columns], scale.reshape(rows, -1)


@mutant(
    "down_the_columns",
    "08.1",
    law=ALONG,
    says="This matches groups down the columns. Groups are neighbours along the last axis.",
    line=r"\.T|mT|transpose|movedim|reshape|dim",
)
def groups_down_the_columns(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    turned = x.movedim(0, -1)
    q, scale = quantize_per_channel(padded_groups(turned, group_size), bits=bits)
    scale = scale.reshape(*turned.shape[:-1], -1)
    return back(q, turned).movedim(-1, 0), scale.movedim(-1, 0)


@mutant(
    "every_other",
    "08.1",
    law=NEIGHBOURS,
    says="This matches groups of values that lie far apart: every k-th value of a row. Let group_size be the last "
    "axis of the reshape.",
    line=r"reshape|::",
)
def groups_far_apart(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    padded = nn.functional.pad(x, (0, -x.shape[-1] % group_size))
    pieces = padded.reshape(*x.shape[:-1], group_size, -1).mT
    q, scale = quantize_per_channel(pieces.reshape(-1, group_size), bits=bits)
    return q.reshape(pieces.shape).mT.reshape(padded.shape)[..., : x.shape[-1]], scale.reshape(*x.shape[:-1], -1)


@mutant(
    "count_for_size",
    "08.1",
    law=SHAPES,
    says="This matches group_size taken for the number of groups in a row. It is how many values share one scale.",
    line=r"group_size",
)
def takes_the_size_for_the_count(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    size = math.ceil(x.shape[-1] / group_size)
    q, scale = quantize_per_channel(padded_groups(x, size), bits=bits)
    return back(q, x), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "drops_the_rest",
    "08.1",
    law=SHAPES,
    says="This matches leaving out the values that do not fill a group. They are a short group: pad, and cut the "
    "codes afterwards.",
    line=r"//|%",
)
def drops_the_rest(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    whole = x[..., : x.shape[-1] - x.shape[-1] % group_size]
    if whole.numel() == 0:
        whole = x
    q, scale = quantize_per_channel(padded_groups(whole, group_size), bits=bits)
    return back(q, whole), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "rest_joins_the_last",
    "08.1",
    law=SHAPES,
    says="This matches a rest that shares the scale of the group before it. A short group has a scale of its own: "
    "there are ceil(n / group_size) of them.",
    line=r"//|%",
)
def joins_the_rest_to_the_last_group(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    groups = max(x.shape[-1] // group_size, 1)
    ends = [*range(group_size, groups * group_size, group_size), x.shape[-1]]
    starts = [0, *ends[:-1]]
    parts = [x[..., start:end] for start, end in zip(starts, ends, strict=True)]
    tiny = torch.finfo(torch.float32).tiny
    scales = [(part.abs().amax(-1, keepdim=True) / q_range(bits)[1]).clamp(min=tiny).float() for part in parts]
    codes = [quantize(part, scale, bits=bits) for part, scale in zip(parts, scales, strict=True)]
    return torch.cat(codes, dim=-1), torch.cat(scales, dim=-1)


@mutant(
    "empty_group",
    "08.1",
    law=SHAPES,
    says="This matches n // group_size + 1 groups a row: one too many where the row divides. It is n / group_size, "
    "rounded up.",
    line=r"\+ 1|-.*%|//",
)
def always_pads(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    padded = nn.functional.pad(x, (0, group_size - x.shape[-1] % group_size))
    q, scale = quantize_per_channel(padded.reshape(-1, group_size), bits=bits)
    return back(q, x), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "pads_in_front",
    "08.1",
    law=FIVE,
    says="This matches zeros in front of a row: the first group is short instead of the last. Pad on the right: "
    "(0, missing).",
    line=r"pad\(",
)
def pads_in_front(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    missing = -x.shape[-1] % group_size
    padded = nn.functional.pad(x, (missing, 0))
    q, scale = quantize_per_channel(padded.reshape(-1, group_size), bits=bits)
    return q.reshape(padded.shape)[..., missing:], scale.reshape(*x.shape[:-1], -1)


@mutant(
    "pads_with_ones",
    "08.1",
    law=SCALES,
    says="This matches padding with ones: they raise the largest magnitude of a short group. Zeros never do.",
    line=r"pad\(|ones|value",
)
def pads_with_ones(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    q, scale = quantize_per_channel(padded_groups(x, group_size, value=1.0), bits=bits)
    return back(q, x), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "keeps_the_padding",
    "08.1",
    law=FIVE,
    says="This matches codes that still have the padding. Keep the first n of each row, as many as x has.",
    line=r"return|reshape",
)
def keeps_the_padding(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    q, scale = quantize_per_channel(padded_groups(x, group_size), bits=bits)
    return q.reshape(*x.shape[:-1], -1), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "keeps_the_groups",
    "08.1",
    law=FIVE,
    says="This matches codes and scales in the shape of the pieces, a row for each group. Bring the codes back to the "
    "shape of x, and the scales to x's shape with groups in place of the last axis.",
    line=r"return",
)
def keeps_the_pieces(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    return quantize_per_channel(padded_groups(x, group_size), bits=bits)


@mutant(
    "flat_scales",
    "08.1",
    law=REFERENCE,
    says="This matches a flat list of scales. Give them x's shape, with groups in place of the last axis.",
    line=r"flatten|squeeze|reshape|return",
)
def flattens_the_scales(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    q, scale = quantize_per_channel(padded_groups(x, group_size), bits=bits)
    return back(q, x), scale.flatten()


@mutant(
    "scales_as_long_as_the_row",
    "08.1",
    law=REFERENCE,
    says="This matches a scale for every value, each repeated for its neighbours. Store one a group: that is what the "
    "bits per weight were counted for.",
    line=r"repeat|expand",
)
def repeats_the_scales(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    q, scale = quantize_per_channel(padded_groups(x, group_size), bits=bits)
    scale = scale.reshape(*x.shape[:-1], -1)
    return back(q, x), scale.repeat_interleave(group_size, dim=-1)[..., : x.shape[-1]]


@mutant(
    "C06",
    "08.1",
    law=SCALES,
    says="This matches 8 bits whatever was asked for. Pass bits on.",
    line=r"per_channel|quantize\(",
)
def always_eight_bits(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    checked.bits(bits)
    q, scale = quantize_per_channel(padded_groups(x, group_size))
    return back(q, x), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "scale_of_eight_bits",
    "08.1",
    law=SCALES,
    says="This matches a scale for 8 bits always, with codes that are clamped to fewer. Both depend on bits.",
    line=r"127|q_range|choose_scale|per_channel",
)
def chooses_for_eight_bits(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    pieces = padded_groups(x, group_size)
    scale = (pieces.abs().amax(1, keepdim=True) / 127).clamp(min=torch.finfo(torch.float32).tiny).float()
    return back(quantize(pieces, scale, bits=bits), x), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "C01",
    "08.1",
    law=RESTRICTED,
    says="This matches the largest value instead of the largest magnitude. Take abs() before the maximum.",
    line=r"amax|max\(",
)
def forgets_the_magnitude(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    pieces = padded_groups(x, group_size)
    scale = (pieces.amax(1, keepdim=True) / q_range(bits)[1]).clamp(min=torch.finfo(torch.float32).tiny).float()
    return back(quantize(pieces, scale, bits=bits), x), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "C03",
    "08.1",
    law=RESTRICTED,
    says="This matches a divisor of 128, which produces the code -128. Divide by 127, the second result of q_range, "
    "or leave it to quantize_per_channel.",
    line=r"128|q_range|2\s*\*\*",
)
def divides_by_128(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    pieces = padded_groups(x, group_size)
    scale = (pieces.abs().amax(1, keepdim=True) / -q_range(bits)[0]).clamp(min=torch.finfo(torch.float32).tiny)
    return back(quantize(pieces, scale.float(), bits=bits), x), scale.float().reshape(*x.shape[:-1], -1)


@mutant(
    "D04",
    "08.1",
    law=ZERO_GROUPS,
    says="This matches a scale of 0 for a group of zeros, by which nobody can divide. Keep scales at or above "
    "torch.finfo(torch.float32).tiny.",
    line=r"amax|max\(|/",
)
def zero_scale_for_zeros(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    pieces = padded_groups(x, group_size)
    scale = (pieces.abs().amax(1, keepdim=True) / q_range(bits)[1]).float()
    q = torch.round(pieces / scale).nan_to_num(0).clamp(-q_range(bits)[1], q_range(bits)[1])
    return back(q.to(code_dtype(bits, True)), x), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "large_epsilon",
    "08.1",
    law=TINY_GROUPS,
    says="This matches a floor for the scale that is too high: groups of small values become zeros. "
    "torch.finfo(torch.float32).tiny is low enough for all.",
    line=r"eps|1e-|clamp|max\(|\+",
)
def floors_the_scale_too_high(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    pieces = padded_groups(x, group_size)
    scale = (pieces.abs().amax(1, keepdim=True) / q_range(bits)[1]).clamp(min=1e-8).float()
    return back(quantize(pieces, scale, bits=bits), x), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "D06",
    "08.1",
    law=REFERENCE,
    says="This matches scales that were rounded to float16. They are float32 here; storing them in fewer bits is a "
    "later decision.",
    line=r"half|float16",
)
def rounds_the_scales(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    pieces = padded_groups(x, group_size)
    _, scale = quantize_per_channel(pieces, bits=bits)
    scale = scale.half().float().clamp(min=6e-8, max=65504)
    return back(quantize(pieces, scale, bits=bits), x), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "truncates",
    "08.1",
    law=TIES,
    says="This matches a cast that cuts off the fraction. Round before the cast, or leave it to quantize_per_channel.",
    line=r"\.to\(|/ ?scale|trunc",
)
def truncates(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    pieces = padded_groups(x, group_size)
    _, scale = quantize_per_channel(pieces, bits=bits)
    q = (pieces / scale).clamp(-q_range(bits)[1], q_range(bits)[1]).to(code_dtype(bits, True))
    return back(q, x), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "values",
    "08.1",
    law=REFERENCE,
    says="This matches the dequantized values. Return the codes themselves.",
    line=r"dequantize|\*",
)
def answers_with_values(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    q, scale = quantize_per_channel(padded_groups(x, group_size), bits=bits)
    return back(dequantize(q, scale), x), scale.reshape(*x.shape[:-1], -1)


@mutant(
    "order",
    "08.1",
    law=REFERENCE,
    says="This matches (scale, q). The codes come first.",
    line=r"return",
)
def swaps_the_results(x, group_size, *, bits=8):
    x, group_size = checked.ranked("x", checked.finite("x", x)), checked.whole("group_size", group_size)
    q, scale = quantize_per_channel(padded_groups(x, group_size), bits=bits)
    return scale.reshape(*x.shape[:-1], -1), back(q, x)
