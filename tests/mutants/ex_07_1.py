"""Wrong answers to 07.1, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import choose_scale, q_range

ROWS = "the rows of T have scales 5.7370, 2.3268 and 5.3906"
ALONE = "each channel has the scale that it would have alone, along any dimension"
BITS = "the largest code depends on the bits: 127, 7, 1"
ONE_DIMENSION = "of a tensor with one dimension every value is a channel"
ZEROS = "a channel of zeros has a positive scale, and the others keep theirs"
SMALL = "a small channel beside a large one keeps a small scale"
CLEAN = "any layout will do, nothing that is handed in changes, and no autograd graph comes out"
TINY = torch.finfo(torch.float32).tiny


def others(x, dim):
    """Every dimension but that of the channels."""
    return [other for other in range(x.dim()) if other != dim]


def largest_of(x, dim):
    """The largest magnitude of each channel, with the other dimensions kept."""
    largest = x.abs()
    for other in others(x, dim):
        largest = largest.amax(other, keepdim=True)
    return largest


@mutant(
    "empty_tuple",
    "07.1",
    law=ONE_DIMENSION,
    says="This matches amax over an empty list of dimensions: torch then reduces all of them. A tensor "
    "with one dimension has none to reduce.",
    line=r"amax\(",
)
def reduces_all_when_there_is_nothing_to_reduce(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    return (x.abs().amax(others(x, dim), keepdim=True) / q_max).clamp(min=TINY).float()


@mutant(
    "D01",
    "07.1",
    law=ROWS,
    says="This matches taking the maximum over dim itself: with dim=0 that is one scale a column. Reduce "
    "over every dimension except dim.",
    line=r"a?max\(",
)
def reduces_over_dim_itself(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    return (x.abs().amax(dim, keepdim=True) / q_max).clamp(min=TINY).float()


@mutant(
    "D02",
    "07.1",
    law=ROWS,
    says="This matches scales without the reduced dimensions: shape (rows,) lines up with the columns. "
    "Pass keepdim=True.",
    line=r"a?max\(|largest",
)
def forgets_keepdim(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    largest = largest_of(x, dim).flatten()
    return (largest / q_max).clamp(min=TINY).float()


@mutant(
    "D03",
    "07.1",
    law=ROWS,
    says="This matches one scale for the whole tensor. Keep one maximum for each channel: leave dim out "
    "of the reduction.",
    line=r"a?max\(|choose_scale",
)
def one_scale_for_all(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    return (x.abs().amax() / q_max).clamp(min=TINY).float()


@mutant(
    "one_scale_repeated",
    "07.1",
    law=ROWS,
    says="This matches the scale of the whole tensor, repeated for every channel. Each channel has a "
    "maximum of its own.",
    line=r"a?max\(|choose_scale|expand|full|ones",
)
def repeats_one_scale(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    shape = [1] * x.dim()
    shape[dim] = x.shape[dim]
    return choose_scale(x, bits=bits).expand(shape).clone()


@mutant(
    "D04",
    "07.1",
    law=ZEROS,
    says="This matches a channel of zeros with the scale 0, by which its values cannot be divided. Keep "
    "every scale at or above torch.finfo(torch.float32).tiny.",
    line=r"/ q_max",
)
def leaves_zero_scales(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    return (largest_of(x, dim) / q_max).float()


@mutant(
    "D06",
    "07.1",
    law=SMALL,
    says="This matches scales that were float16 for a while: below 6e-8 they became 0. Keep them in float32.",
    line=r"half|float16",
)
def stores_float16(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    return (largest_of(x, dim) / q_max).half().float().clamp(min=TINY)


@mutant(
    "own_dtype",
    "07.1",
    law=ALONE,
    says="This matches scales in x's own dtype. Return float32 whatever the dtype of x.",
    line=r"\.to\(|dtype",
)
def keeps_the_dtype(x, dim=0, *, bits=8):
    dtype = x.dtype
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    return (largest_of(x, dim) / q_max).clamp(min=TINY).to(dtype)


@mutant(
    "large_floor",
    "07.1",
    law=ALONE,
    says="This matches a floor of 1e-8 or so under the scales, which lifts those of small channels too. "
    "The floor is torch.finfo(torch.float32).tiny.",
    line=r"1e-|eps|clamp",
)
def lifts_small_scales(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    return (largest_of(x, dim) / q_max).clamp(min=1e-8).float()


@mutant(
    "floor_of_the_range",
    "07.1",
    law=ALONE,
    says="This matches a floor under the maximum that float32's eps makes too high: eps is 1.2e-07, tiny is 1.2e-38.",
    line=r"eps",
)
def uses_eps(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    return (largest_of(x, dim) / q_max).clamp(min=torch.finfo(torch.float32).eps).float()


@mutant(
    "added_epsilon",
    "07.1",
    law=ALONE,
    says="This matches adding a small number to every scale. It changes the scales of small channels: "
    "use a floor (clamp), not a sum.",
    line=r"\+ 1e-|\+ eps",
)
def adds_an_epsilon(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    return (largest_of(x, dim) / q_max + 1e-8).float()


@mutant(
    "C01",
    "07.1",
    law=ALONE,
    says="This matches the largest value of each channel, not the largest magnitude. Call abs before amax.",
    line=r"a?max\(",
)
def forgets_abs(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    largest = x
    for other in others(x, dim):
        largest = largest.amax(other, keepdim=True)
    return (largest / q_max).clamp(min=TINY).float()


@mutant(
    "C03",
    "07.1",
    law=ROWS,
    says="This matches dividing by 128, or 2**(b-1). The largest code is 127: take the second result of q_range.",
    line=r"128|2\s*\*\*|-\s*q_min|\+ 1",
)
def divides_by_128(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    q_min, _ = q_range(bits)
    return (largest_of(x, dim) / -q_min).clamp(min=TINY).float()


@mutant(
    "C06",
    "07.1",
    law=BITS,
    says="This matches dividing by 127 whatever the bits are. Ask q_range(bits) for the largest code.",
    line=r"127|q_range\(\)",
)
def always_eight_bits(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    q_range(bits)
    return (largest_of(x, dim) / 127).clamp(min=TINY).float()


@mutant(
    "ignores_dim",
    "07.1",
    law=ALONE,
    says="This matches one scale a row whatever dim is. The channels lie along dim.",
    line=r"0|-1|1",
)
def rows_always(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    return (largest_of(x, 0) / q_max).clamp(min=TINY).float()


@mutant(
    "matrices_only",
    "07.1",
    law=ALONE,
    says="This matches reducing one dimension only, 1 - dim, which is enough for a matrix. Other tensors "
    "have more: reduce all but dim.",
    line=r"1\s*-\s*dim",
)
def reduces_the_other_of_two(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    return (x.abs().amax(1 - dim, keepdim=True) / q_max).clamp(min=TINY).float()


@mutant(
    "last_axis",
    "07.1",
    law=ALONE,
    says="This matches reducing the last axis only, as for one scale a token. Reduce every dimension except dim.",
    line=r"-1",
)
def reduces_the_last_axis(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    return (x.abs().amax(-1, keepdim=True) / q_max).clamp(min=TINY).float()


@mutant(
    "negative_dim",
    "07.1",
    law=ALONE,
    says="This matches comparing a negative dim with dimensions counted from the front: none is equal, "
    "so all are reduced. checked.dim gives the one counted from the front.",
    line=r"!= dim|dim",
)
def compares_a_negative_dim(x, dim=0, *, bits=8):
    x, _ = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    return (largest_of(x, dim) / q_max).clamp(min=TINY).float()


@mutant(
    "mean",
    "07.1",
    law=ROWS,
    says="This matches the mean magnitude of each channel. The scale must reach the largest one: amax.",
    line=r"mean",
)
def takes_the_mean(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    largest = x.abs()
    for other in others(x, dim):
        largest = largest.mean(other, keepdim=True)
    return (largest / q_max).clamp(min=TINY).float()


@mutant(
    "in_place",
    "07.1",
    law=CLEAN,
    says="This matches abs_(), which turns the signs of the caller's own tensor. Use abs() without the underscore.",
    line=r"abs_\(",
)
def changes_its_input(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    _, q_max = q_range(bits)
    largest = x.abs_()
    for other in others(x, dim):
        largest = largest.amax(other, keepdim=True)
    return (largest / q_max).clamp(min=TINY).float()
