"""Wrong answers to 03.2, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import code_dtype, q_range

REFERENCE = "the tensor T with scale 3.5 and zero point -70 has the reference codes"
NEAREST = "every value gets the nearest code"
TIES = "half a step goes to the even integer, whatever the scale"
AFTER_ROUNDING = "the zero point is added after rounding"
SATURATE = "values beyond the last code stop there, they do not wrap around"
CLAMP_LAST = "the zero point is added before the codes are cut off"
WIDTHS = "bits and signed say which codes exist and which dtype holds them"
ROWS = "scale and zero point may differ from row to row, and from column to column"
FLOAT32 = "half-precision values are divided in float32"
CLEAN = "any layout will do, and nothing that is handed in changes"


@mutant(
    "reciprocal",
    "03.2",
    law=TIES,
    says="This matches multiplying by 1 / scale, which is already rounded: half a step is missed. Divide by scale.",
    line=r"1(\.0)?\s*/|reciprocal",
)
def multiplies_by_the_reciprocal(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q = torch.round(x * (1.0 / scale)) + zero_point
    return q.clamp(*q_range(bits, signed)).to(code_dtype(bits, signed))


@mutant(
    "one_scale",
    "03.2",
    law=ROWS,
    says="This matches one scale for all rows. scale may be a whole tensor: let it broadcast, do not reduce it.",
    line=r"amax|\.max|flatten|\.item|\[0\]|mean",
)
def uses_one_scale(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q = torch.round(x / scale.flatten()[0]) + zero_point.flatten()[0]
    return q.clamp(*q_range(bits, signed)).to(code_dtype(bits, signed))


@mutant(
    "rounds_the_sum",
    "03.2",
    law=AFTER_ROUNDING,
    says="This matches round(x / scale + zero_point). With an odd zero point half a step then goes the "
    "other way: round the quotient first, add the zero point after.",
    line=r"\+\s*zero_point",
)
def rounds_the_sum(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q = torch.round(x / scale + zero_point)
    return q.clamp(*q_range(bits, signed)).to(code_dtype(bits, signed))


@mutant(
    "A10",
    "03.2",
    law=CLEAN,
    says="This changes the caller's x: div_, round_ and += work in place. Use x / scale and torch.round.",
    line=r"_\(|[-+*/]=",
)
def works_in_place(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q = x.div_(scale).round_().add_(zero_point)
    return q.clamp(*q_range(bits, signed)).to(code_dtype(bits, signed))


@mutant(
    "A02",
    "03.2",
    law=REFERENCE,
    says="This matches multiplying by the scale. One code step is worth scale real units, so divide by it.",
    line=r"\*\s*scale|mul|scale\s*\*",
)
def multiplies(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q = torch.round(x * scale) + zero_point
    return q.clamp(*q_range(bits, signed)).to(code_dtype(bits, signed))


@mutant(
    "A04",
    "03.2",
    law=SATURATE,
    says="This matches casting before clamping: the value has already wrapped around. Clamp first, cast last.",
    line=r"\.to\(.*clamp|\.to\(|\.char\(",
)
def casts_before_the_clamp(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q = torch.round(x / scale) + zero_point
    return q.to(code_dtype(bits, signed)).clamp(*q_range(bits, signed))


@mutant(
    "A03",
    "03.2",
    law=SATURATE,
    says="This matches a cast without a clamp: what does not fit wraps around. Clamp to q_min and q_max first.",
    line=r"\.to\(|\.type\(|\.int8|\.char\(",
)
def never_clamps(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    return (torch.round(x / scale) + zero_point).to(code_dtype(bits, signed))


@mutant(
    "A05",
    "03.2",
    law=REFERENCE,
    says="This matches cutting off the fraction: .to(torch.int8) makes 1 of 1.9. Call torch.round before the cast.",
    line=r"\.to\(|\.int\(|trunc|/ scale",
)
def truncates(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q = x / scale + zero_point
    return q.clamp(*q_range(bits, signed)).to(code_dtype(bits, signed))


@mutant(
    "floor",
    "03.2",
    law=REFERENCE,
    says="This matches rounding down. The nearest code may lie above: use torch.round, not floor and not //.",
    line=r"floor|//",
)
def rounds_down(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q = torch.floor(x / scale) + zero_point
    return q.clamp(*q_range(bits, signed)).to(code_dtype(bits, signed))


@mutant(
    "A08",
    "03.2",
    law=WIDTHS,
    says="This matches the range of 8 signed bits for every width. Ask q_range(bits, signed) for the two ends.",
    line=r"127|128|iinfo|clamp|q_range\(\)",
)
def always_eight_bits(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q_range(bits, signed)
    q = torch.round(x / scale) + zero_point
    return q.clamp(-128, 127).to(code_dtype(bits, signed))


@mutant(
    "always_int8",
    "03.2",
    law=WIDTHS,
    says="This matches storing every code in an int8. code_dtype(bits, signed) names the dtype that holds them.",
    line=r"int8",
)
def always_int8(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q = torch.round(x / scale) + zero_point
    return q.clamp(*q_range(bits, signed)).to(torch.int8)


@mutant(
    "A09",
    "03.2",
    law=SATURATE,
    says="This matches an upper end that is one too high: 128 is no int8 and wraps to -128. The last code is q_max.",
    line=r"clamp|\+ 1",
)
def clamps_one_too_high(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q_min, q_max = q_range(bits, signed)
    q = torch.round(x / scale) + zero_point
    return q.clamp(q_min, q_max + 1).to(code_dtype(bits, signed))


@mutant(
    "C08",
    "03.2",
    law=SATURATE,
    says="This matches a clamp that leaves out the most negative code. quantize uses all codes from q_min to q_max.",
    line=r"clamp|-\s*q_max|127",
)
def leaves_out_the_lowest(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q_min, q_max = q_range(bits, signed)
    q = torch.round(x / scale) + zero_point
    return q.clamp(-q_max if signed else q_min, q_max).to(code_dtype(bits, signed))


@mutant(
    "half_up",
    "03.2",
    law=TIES,
    says="This matches floor(x + 0.5), which sends every half upwards. Halves go to the even integer: torch.round.",
    line=r"0\.5|floor",
)
def sends_halves_up(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q = torch.floor(x / scale + 0.5) + zero_point
    return q.clamp(*q_range(bits, signed)).to(code_dtype(bits, signed))


@mutant(
    "half_away",
    "03.2",
    law=TIES,
    says="This matches rounding halves away from zero. Halves go to the even integer, as torch.round does.",
    line=r"0\.5|sign",
)
def sends_halves_away_from_zero(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    steps = x / scale
    q = steps.sign() * (steps.abs() + 0.5).floor() + zero_point
    return q.clamp(*q_range(bits, signed)).to(code_dtype(bits, signed))


@mutant(
    "clamps_too_early",
    "03.2",
    law=CLAMP_LAST,
    says="This matches clamping before the zero point is added, which can leave the range again. Add it first.",
    line=r"clamp",
)
def clamps_before_the_zero_point(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q = torch.round(x / scale).clamp(*q_range(bits, signed)) + zero_point
    return q.to(code_dtype(bits, signed))


@mutant(
    "no_zero_point",
    "03.2",
    law=REFERENCE,
    says="This matches codes without the zero point. Add it to the rounded quotient.",
    line=r"round",
)
def forgets_the_zero_point(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q = torch.round(x / scale)
    return q.clamp(*q_range(bits, signed)).to(code_dtype(bits, signed))


@mutant(
    "minus_zero_point",
    "03.2",
    law=REFERENCE,
    says="This matches taking the zero point away. quantize adds it; dequantize takes it away.",
    line=r"-\s*zero_point",
)
def subtracts_the_zero_point(x, scale, zero_point=0, *, bits=8, signed=True):
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    q = torch.round(x / scale) - zero_point
    return q.clamp(*q_range(bits, signed)).to(code_dtype(bits, signed))


@mutant(
    "G07",
    "03.2",
    law=FLOAT32,
    says="This matches dividing in the input's own half precision, which is too coarse for codes. The "
    "given lines make x float32: keep them, and keep x and scale float32.",
    line=r"/ scale|half|bfloat16|\.dtype",
)
def divides_in_half_precision(x, scale, zero_point=0, *, bits=8, signed=True):
    wide = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=wide), checked.zero_point(zero_point, like=wide)
    q = torch.round(x.detach() / scale.to(x.dtype)).float() + zero_point
    return q.clamp(*q_range(bits, signed)).to(code_dtype(bits, signed))
