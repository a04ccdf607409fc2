"""Wrong answers to 03.3, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

REFERENCE = "the reference codes of T come back as the reference values"
ENDS = "codes at both ends never wrap around"
EVERY = "every code, of any integer dtype and layout, is scale * (q - zero_point)"
ROWS = "scale and zero point may differ from row to row, and from column to column"
DTYPES = "values are float32, or float64 where the scale is"
CLEAN = "nothing that is handed in changes, and no autograd graph comes out"


@mutant(
    "A11",
    "03.3",
    law=ENDS,
    says="This matches subtracting in the codes' own dtype: 127 - (-70) does not fit an int8 and "
    "becomes -59. Make q int32 or float before the subtraction.",
    line=r"-\s*zero_point",
)
def subtracts_in_int8(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    return (q - zero_point.to(q.dtype)).to(scale.dtype) * scale


@mutant(
    "A13",
    "03.3",
    law=REFERENCE,
    says="This matches scale * q - zero_point. The zero point is a code: take it away before you multiply.",
    line=r"\*\s*scale|scale\s*\*",
)
def subtracts_after_scaling(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    return q.to(scale.dtype) * scale - zero_point


@mutant(
    "adds_after_scaling",
    "03.3",
    law=REFERENCE,
    says="This matches q * scale + zero_point. It is right only where the zero point is 0: take the "
    "zero point away from the code, then multiply.",
    line=r"\+\s*zero_point",
)
def adds_after_scaling(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    return q.to(scale.dtype) * scale + zero_point


@mutant(
    "subtracts_from_the_scale",
    "03.3",
    law=REFERENCE,
    says="This matches q * (scale - zero_point). The zero point belongs to the codes: (q - zero_point) * scale.",
    line=r"scale\s*-\s*zero_point",
)
def subtracts_from_the_scale(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    return q.to(scale.dtype) * (scale - zero_point)


@mutant(
    "adds",
    "03.3",
    law=REFERENCE,
    says="This matches scale * (q + zero_point). quantize added the zero point; here it is taken away.",
    line=r"\+\s*zero_point|zero_point\s*\+",
)
def adds_the_zero_point(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    return (q.to(torch.int32) + zero_point).to(scale.dtype) * scale


@mutant(
    "no_zero_point",
    "03.3",
    law=REFERENCE,
    says="This matches scale * q without the zero point. Take the zero point away from the code first.",
    line=r"\*",
)
def forgets_the_zero_point(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale = checked.scale(scale, like=q)
    checked.zero_point(zero_point, like=q)
    return q.to(scale.dtype) * scale


@mutant(
    "A15",
    "03.3",
    law=REFERENCE,
    says="This matches dividing by the scale. One step is worth scale real units: multiply.",
    line=r"/",
)
def divides(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    return (q.to(torch.int32) - zero_point).to(scale.dtype) / scale


@mutant(
    "whole_numbers",
    "03.3",
    law=REFERENCE,
    says="This matches a result cut down to whole numbers. The values are real: leave them in scale's dtype.",
    line=r"\.to\(|int",
)
def casts_back_to_integers(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    return ((q.to(torch.int32) - zero_point) * scale).to(torch.int32)


@mutant(
    "half_precision",
    "03.3",
    law=DTYPES,
    says="This matches a result in half precision. Values are float32, or float64 where the scale is.",
    line=r"half|float16",
)
def answers_in_half_precision(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    return ((q.to(torch.int32) - zero_point) * scale).half()


@mutant(
    "always_float32",
    "03.3",
    law=DTYPES,
    says="This matches float32 values for a float64 scale. Turn the steps into scale.dtype, not into float32.",
    line=r"float\(\)|float32",
)
def always_float32(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    return (q.to(torch.int32) - zero_point).float() * scale.float()


@mutant(
    "keeps_the_graph",
    "03.3",
    law=CLEAN,
    says="The result drags an autograd graph along. The given lines detach the scale: keep them, or call detach.",
    line=r"scale",
)
def keeps_the_graph(q, scale, zero_point=0):
    q = checked.codes("q", q)
    checked.scale(scale, like=q)
    zero_point = checked.zero_point(zero_point, like=q)
    scale = scale if isinstance(scale, torch.Tensor) else torch.tensor(float(scale))
    return (q.to(torch.int32) - zero_point).to(scale.dtype) * scale


@mutant(
    "in_place",
    "03.3",
    law=CLEAN,
    says="This changes the caller's codes: sub_ and -= work in place, and .to(torch.int32) does not "
    "copy an int32. Write q - zero_point.",
    line=r"_\(|-=",
)
def works_in_place(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    steps = q.to(torch.int32)
    steps -= zero_point
    return steps.to(scale.dtype) * scale


@mutant(
    "one_scale",
    "03.3",
    law=ROWS,
    says="This matches one scale for all rows. scale may be a whole tensor: let it broadcast, do not reduce it.",
    line=r"amax|\.max|flatten|\.item|\[0\]|mean",
)
def uses_one_scale(q, scale, zero_point=0):
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    return (q.to(torch.int32) - zero_point.flatten()[0]).to(scale.dtype) * scale.flatten()[0]
