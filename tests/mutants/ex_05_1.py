"""Wrong answers to 05.1, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import q_range

REFERENCE = "the tensor T has scale 728.6 / 127"
SCALE = "the scale puts the largest magnitude on the largest code"
SIGN = "the sign does not matter, and neither does the side of the largest value"
BITS = "fewer bits, larger steps: 1/127, 1/7 and 1/1 of the largest magnitude"
ZEROS = "a tensor of zeros has a positive scale"
CLEAN = "any layout will do, nothing that is handed in changes, and no autograd graph comes out"
TINY = torch.finfo(torch.float32).tiny


@mutant(
    "C01",
    "05.1",
    law=SIGN,
    says="This matches the largest value, not the largest magnitude: of [-12.7, 3] it takes 3. Call abs before amax.",
    line=r"\.a?max\(|torch\.a?max",
)
def forgets_abs(x, *, bits=8):
    x = checked.finite("x", x)
    _, q_max = q_range(bits)
    return (x.amax() / q_max).clamp(min=TINY).float()


@mutant(
    "abs_too_late",
    "05.1",
    law=SIGN,
    says="This matches abs after max: of [-12.7, 3] it takes 3. First abs, then amax.",
    line=r"\.a?max\(|torch\.a?max",
)
def takes_abs_too_late(x, *, bits=8):
    x = checked.finite("x", x)
    _, q_max = q_range(bits)
    return (x.amax().abs() / q_max).clamp(min=TINY).float()


@mutant(
    "C03",
    "05.1",
    law=REFERENCE,
    says="This matches dividing by 128. The largest code is 127: with 128 the largest value itself is clipped.",
    line=r"128|2\s*\*\*|-\s*q_min|\+ 1",
)
def divides_by_128(x, *, bits=8):
    x = checked.finite("x", x)
    q_min, _ = q_range(bits)
    return (x.abs().amax() / -q_min).clamp(min=TINY).float()


@mutant(
    "half_of_all_steps",
    "05.1",
    law=REFERENCE,
    says="This matches dividing by 127.5, half of all steps. That would need the code 127.5 for the "
    "largest value: divide by q_max.",
    line=r"127\.5|q_max\s*-\s*q_min|/ 2",
)
def divides_by_half_of_all_steps(x, *, bits=8):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits)
    return (2 * x.abs().amax().double() / (q_max - q_min)).clamp(min=TINY).float()


@mutant(
    "C06",
    "05.1",
    law=BITS,
    says="This matches 127 whatever was asked for. The largest code depends on bits: take it from q_range(bits).",
    line=r"127|q_range\(\)",
)
def always_127(x, *, bits=8):
    x = checked.finite("x", x)
    q_range(bits)
    return (x.abs().amax() / 127).clamp(min=TINY).float()


@mutant(
    "C07",
    "05.1",
    law=REFERENCE,
    says="This matches 2**bits - 1, the unsigned range. With a sign the largest code is 2**(bits-1) - 1.",
    line=r"2\s*\*\*|255|signed=False",
)
def divides_by_the_unsigned_range(x, *, bits=8):
    x = checked.finite("x", x)
    q_range(bits)
    return (x.abs().amax() / (2**bits - 1)).clamp(min=TINY).float()


@mutant(
    "whole_range",
    "05.1",
    law=REFERENCE,
    says="This matches the range from the smallest to the largest value. Symmetric means that the "
    "largest magnitude alone decides.",
    line=r"amin|\.min\(",
)
def takes_the_whole_range(x, *, bits=8):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits)
    return ((x.amax().double() - x.amin()) / (q_max - q_min)).clamp(min=TINY).float()


@mutant(
    "mean",
    "05.1",
    law=REFERENCE,
    says="This matches the mean magnitude. Then every larger value is clipped: take the largest.",
    line=r"mean",
)
def takes_the_mean(x, *, bits=8):
    x = checked.finite("x", x)
    _, q_max = q_range(bits)
    return (x.double().abs().mean() / q_max).clamp(min=TINY).float()


@mutant(
    "inverted",
    "05.1",
    law=REFERENCE,
    says="This matches codes per real unit. The scale is real units per code: the largest magnitude over q_max.",
    line=r"q_max\s*/",
)
def turns_it_over(x, *, bits=8):
    x = checked.finite("x", x)
    _, q_max = q_range(bits)
    return (q_max / x.abs().amax().double().clamp(min=TINY)).clamp(max=3e38).float()


@mutant(
    "zero_scale",
    "05.1",
    law=ZEROS,
    says="This matches a scale of 0 for a tensor of zeros, by which nobody can divide. Keep it at or "
    "above torch.finfo(torch.float32).tiny.",
    line=r"return|/",
)
def scale_of_zero(x, *, bits=8):
    x = checked.finite("x", x)
    _, q_max = q_range(bits)
    return (x.abs().amax() / q_max).float()


@mutant(
    "eps",
    "05.1",
    law=SCALE,
    says="This matches a floor for the scale that is far too high: a tensor of small values loses all "
    "its codes. Use torch.finfo(torch.float32).tiny.",
    line=r"eps|1e-",
)
def floor_too_high(x, *, bits=8):
    x = checked.finite("x", x)
    _, q_max = q_range(bits)
    return (x.abs().amax() / q_max).clamp(min=1e-8).float()


@mutant(
    "G07",
    "05.1",
    law=SCALE,
    says="This matches computing in the input's own half precision. The given line makes x float32: keep it.",
    line=r"abs|amax|\.max|dtype",
)
def computes_in_half_precision(x, *, bits=8):
    checked.finite("x", x)
    _, q_max = q_range(bits)
    return (x.detach().abs().amax() / q_max).float().clamp(min=TINY)


@mutant(
    "plain_number",
    "05.1",
    law=REFERENCE,
    says="This matches a plain Python number. Return a 0-dim float32 tensor.",
    line=r"return|item|float\(",
)
def answers_with_a_plain_number(x, *, bits=8):
    x = checked.finite("x", x)
    _, q_max = q_range(bits)
    return max(x.abs().max().item() / q_max, TINY)


@mutant(
    "keeps_the_graph",
    "05.1",
    law=CLEAN,
    says="The scale drags an autograd graph along. The given line detaches x: keep it, or call detach.",
    line=r"abs|amax|\.max",
)
def keeps_the_graph(x, *, bits=8):
    checked.finite("x", x)
    _, q_max = q_range(bits)
    return (x.double().abs().amax() / q_max).clamp(min=TINY).float()


@mutant(
    "in_place",
    "05.1",
    law=CLEAN,
    says="This changes the caller's x: abs_ works in place. Write x.abs().",
    line=r"_\(",
)
def works_in_place(x, *, bits=8):
    x = checked.finite("x", x)
    _, q_max = q_range(bits)
    return (x.abs_().amax() / q_max).clamp(min=TINY).float()
