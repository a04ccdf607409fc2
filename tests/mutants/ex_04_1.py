"""Wrong answers to 04.1, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import q_range

REFERENCE = "the tensor T has scale 3.5788 and zero point -77"
SCALE = "the scale is the range, widened to contain 0, divided by the number of steps"
ZERO_POINT = "the zero point is where 0.0 lands when the low end of the range lands on the first code"
ONE_SIDED = "values from 10 to 20, or from -6 to -1, keep a code for 0.0"
HALF_STEP = "every value comes back within half a step"
NO_WIDTH = "a tensor of zeros has a positive scale, and so has one of equal values"
CLEAN = "any layout will do, nothing that is handed in changes, and no autograd graph comes out"
TINY = torch.finfo(torch.float32).tiny


@mutant(
    "B01",
    "04.1",
    law=REFERENCE,
    says="This matches z = round(-low / scale), which is right where the first code is 0. In general "
    "it is round(q_min - low / scale).",
    line=r"zero_point\s*=|round|-\s*low",
)
def forgets_q_min(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = x.amin().double().clamp(max=0), x.amax().double().clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    return scale, torch.round(-low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "B02",
    "04.1",
    law=REFERENCE,
    says="This matches dividing the range by 2**bits. There are 2**bits codes, and one step fewer "
    "between them: divide by q_max - q_min.",
    line=r"2\s*\*\*|256|\+ 1",
)
def counts_codes_for_steps(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = x.amin().double().clamp(max=0), x.amax().double().clamp(min=0)
    scale = ((high - low) / 2**bits).clamp(min=TINY).float()
    return scale, torch.round(q_min - low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "B03",
    "04.1",
    law=REFERENCE,
    says="This matches cutting the fraction off the zero point: -76.6 became -76. Round it before the cast.",
    line=r"int\(|int32|\.to\(",
)
def truncates_the_zero_point(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = x.amin().double().clamp(max=0), x.amax().double().clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    return scale, (q_min - low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "B05",
    "04.1",
    law=ONE_SIDED,
    says="This matches clamping the zero point without widening the range: all of [10, 20] gets one "
    "code. Let the range reach 0 first, then compute both numbers.",
    line=r"amin|min\(",
)
def clamps_without_widening(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = x.amin().double(), x.amax().double()
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    return scale, torch.round(q_min - low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "B06",
    "04.1",
    law=ONE_SIDED,
    says="This matches a zero point that is not a code: -383 for values from 10 to 20. Widen the range "
    "until it contains 0; then the zero point always fits.",
    line=r"amin|min\(|round",
)
def leaves_the_zero_point_outside(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = x.amin().double(), x.amax().double()
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    return scale, torch.round(q_min - low / scale).clamp(-(2**31), 2**31 - 1).to(torch.int32)


@mutant(
    "B07",
    "04.1",
    law=NO_WIDTH,
    says="This matches a scale of 0 for a tensor of zeros, and 0 / 0 after it. Keep the scale at or "
    "above torch.finfo(torch.float32).tiny.",
    line=r"scale\s*=|/",
)
def divides_zero_by_zero(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = x.amin().double().clamp(max=0), x.amax().double().clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).float()
    return scale, torch.round(q_min - low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "B09",
    "04.1",
    law=REFERENCE,
    says="This matches pairing q_max with the low end. The low end lands on q_min: z = round(q_min - low / scale).",
    line=r"q_max\s*-\s*low",
)
def pairs_the_wrong_ends(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = x.amin().double().clamp(max=0), x.amax().double().clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    return scale, torch.round(q_max - low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "plus_low",
    "04.1",
    law=REFERENCE,
    says="This matches q_min + low / scale. low is negative and 0.0 lies above it: subtract.",
    line=r"\+\s*low",
)
def adds_the_low_end(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = x.amin().double().clamp(max=0), x.amax().double().clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    return scale, torch.round(q_min + low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "symmetric",
    "04.1",
    law=REFERENCE,
    says="This matches the symmetric choice, zero point 0. Here the range runs from the smallest to the largest value.",
    line=r"abs",
)
def chooses_symmetrically(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    _, q_max = q_range(bits, signed)
    scale = (x.abs().amax().double() / q_max).clamp(min=TINY).float()
    return scale, torch.zeros((), dtype=torch.int32)


@mutant(
    "eps",
    "04.1",
    law=SCALE,
    says="This matches a floor for the scale that is far too high: a tensor of small values loses all "
    "its codes. Use torch.finfo(torch.float32).tiny.",
    line=r"eps|1e-",
)
def floor_too_high(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = x.amin().double().clamp(max=0), x.amax().double().clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).clamp(min=torch.finfo(torch.float32).eps).float()
    return scale, torch.round(q_min - low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "plus_eps",
    "04.1",
    law=SCALE,
    says="This matches adding a small number to the scale. It is not small for small tensors: use a "
    "floor, clamp(min=...).",
    line=r"\+\s*(1e-|eps|torch)",
)
def adds_eps(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = x.amin().double().clamp(max=0), x.amax().double().clamp(min=0)
    scale = ((high - low) / (q_max - q_min) + 1e-8).float()
    return scale, torch.round(q_min - low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "overflow",
    "04.1",
    law=SCALE,
    says="This matches high - low in float32, which is infinite for values near its largest number. Use .double().",
    line=r"amin|amax|high\s*-\s*low",
)
def subtracts_in_float32(x, *, bits=8, signed=True):
    x = checked.finite("x", x).float()
    q_min, q_max = q_range(bits, signed)
    low, high = x.amin().clamp(max=0), x.amax().clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY)
    return scale, torch.round(q_min - low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "G07",
    "04.1",
    law=SCALE,
    says="This matches computing in the input's own half precision. The given line makes x float32: keep it.",
    line=r"amin|amax|dtype",
)
def computes_in_half_precision(x, *, bits=8, signed=True):
    checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = x.detach().amin().clamp(max=0), x.detach().amax().clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).float().clamp(min=TINY)
    return scale, torch.round(q_min - low.float() / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "always_eight",
    "04.1",
    law=SCALE,
    says="This matches 255 steps from -128 whatever was asked for. Pass bits and signed on to q_range.",
    line=r"255|128|q_range\(\)",
)
def always_eight_bits(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    q_range(bits, signed)
    low, high = x.amin().double().clamp(max=0), x.amax().double().clamp(min=0)
    scale = ((high - low) / 255).clamp(min=TINY).float()
    return scale, torch.round(-128 - low / scale).clamp(-128, 127).to(torch.int32)


@mutant(
    "float_zero_point",
    "04.1",
    law=REFERENCE,
    says="This matches a zero point that is still a float. It is a code: cast it to torch.int32.",
    line=r"zero_point|return",
)
def leaves_the_zero_point_real(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = x.amin().double().clamp(max=0), x.amax().double().clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    return scale, torch.round(q_min - low / scale).clamp(q_min, q_max)


@mutant(
    "plain_numbers",
    "04.1",
    law=REFERENCE,
    says="This matches plain Python numbers. Return two 0-dim tensors: float32 and int32.",
    line=r"return|item|float\(",
)
def answers_with_plain_numbers(x, *, bits=8, signed=True):
    x = checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = min(x.min().item(), 0.0), max(x.max().item(), 0.0)
    scale = max((high - low) / (q_max - q_min), TINY)
    return scale, round(q_min - low / scale)


@mutant(
    "keeps_the_graph",
    "04.1",
    law=CLEAN,
    says="The scale drags an autograd graph along. The given line detaches x: keep it, or call detach.",
    line=r"amin|amax|\.min|\.max",
)
def keeps_the_graph(x, *, bits=8, signed=True):
    checked.finite("x", x)
    q_min, q_max = q_range(bits, signed)
    low, high = x.amin().double().clamp(max=0), x.amax().double().clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    return scale, torch.round(q_min - low / scale).clamp(q_min, q_max).to(torch.int32)
