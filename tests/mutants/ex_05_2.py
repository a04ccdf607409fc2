"""Wrong answers to 05.2, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course.standins import mutant

from .siblings import choose_qparams, choose_scale, code_dtype, dequantize, q_range, quantize

REFERENCE = "the tensor T has the reference codes and scale 5.7370"
RESTRICTED = "the most negative code is never produced"
SCALE = "the scale is that of the largest magnitude, for all bits"
ROUND_TRIP = "every value comes back within half a step"
TIES = "half a step goes to the even integer"
ZEROS = "zeros come back as zeros"


@mutant(
    "C06",
    "05.2",
    law=SCALE,
    says="This matches choosing the scale for 8 bits always. Pass bits to choose_scale.",
    line=r"choose_scale",
)
def scale_of_eight_bits(x, *, bits=8):
    scale = choose_scale(x)
    return quantize(x, scale, bits=bits), scale


@mutant(
    "codes_of_eight_bits",
    "05.2",
    law=ROUND_TRIP,
    says="This matches quantizing with 8 bits always. Pass bits to quantize as well.",
    line=r"quantize\(",
)
def codes_of_eight_bits(x, *, bits=8):
    scale = choose_scale(x, bits=bits)
    return quantize(x, scale), scale


@mutant(
    "always_eight",
    "05.2",
    law=SCALE,
    says="This matches 8 bits whatever was asked for. Pass bits to choose_scale and to quantize.",
    line=r"choose_scale|quantize\(",
)
def always_eight_bits(x, *, bits=8):
    scale = choose_scale(x)
    return quantize(x, scale), scale


@mutant(
    "C08",
    "05.2",
    law=RESTRICTED,
    says="This matches a scale of max|x| / 128, which produces the code -128. Its negative does not "
    "exist: use choose_scale, which divides by 127.",
    line=r"128|-\s*q_min|2\s*\*\*",
)
def uses_the_full_range(x, *, bits=8):
    choose_scale(x, bits=bits)
    q_min, _ = q_range(bits)
    scale = (x.detach().double().abs().amax() / -q_min).clamp(min=torch.finfo(torch.float32).tiny).float()
    return quantize(x, scale, bits=bits), scale


@mutant(
    "asymmetric",
    "05.2",
    law=REFERENCE,
    says="This matches the asymmetric scale with zero point 0, which clips one side. The scale comes "
    "from choose_scale.",
    line=r"choose_qparams|min",
)
def takes_the_asymmetric_scale(x, *, bits=8):
    scale, _ = choose_qparams(x, bits=bits)
    return quantize(x, scale, bits=bits), scale


@mutant(
    "asymmetric_codes",
    "05.2",
    law=REFERENCE,
    says="This matches the asymmetric codes of lesson 4. Symmetric codes have zero point 0.",
    line=r"choose_qparams|zero_point",
)
def quantizes_asymmetrically(x, *, bits=8):
    scale, zero_point = choose_qparams(x, bits=bits)
    return quantize(x, scale, zero_point, bits=bits), scale


@mutant(
    "unsigned",
    "05.2",
    law=REFERENCE,
    says="This matches unsigned codes, which lose every negative value. Symmetric codes are signed.",
    line=r"signed",
)
def uses_unsigned_codes(x, *, bits=8):
    scale = choose_scale(x, bits=bits)
    return quantize(x, scale, bits=min(bits, 8), signed=False), scale


@mutant(
    "half_up",
    "05.2",
    law=TIES,
    says="This matches floor(x + 0.5), which sends every half upwards. quantize rounds to even: call it.",
    line=r"0\.5|floor",
)
def sends_halves_up(x, *, bits=8):
    scale = choose_scale(x, bits=bits)
    q = torch.floor(x.detach().double() / scale + 0.5)
    return q.clamp(*q_range(bits)).to(code_dtype(bits, True)), scale


@mutant(
    "truncates",
    "05.2",
    law=REFERENCE,
    says="This matches a cast that cuts off the fraction. quantize rounds: call it.",
    line=r"\.to\(|/ scale",
)
def truncates(x, *, bits=8):
    scale = choose_scale(x, bits=bits)
    return (x.detach().double() / scale).clamp(*q_range(bits)).to(code_dtype(bits, True)), scale


@mutant(
    "magnitudes",
    "05.2",
    law=REFERENCE,
    says="This matches the codes of |x|. Only the scale looks at magnitudes: quantize x itself.",
    line=r"abs",
)
def quantizes_magnitudes(x, *, bits=8):
    scale = choose_scale(x, bits=bits)
    return quantize(x.abs(), scale, bits=bits), scale


@mutant(
    "values",
    "05.2",
    law=REFERENCE,
    says="This matches the dequantized values. Return the codes themselves.",
    line=r"dequantize",
)
def answers_with_values(x, *, bits=8):
    scale = choose_scale(x, bits=bits)
    return dequantize(quantize(x, scale, bits=bits), scale), scale


@mutant(
    "order",
    "05.2",
    law=REFERENCE,
    says="This matches (scale, q). The codes come first.",
    line=r"return",
)
def swaps_the_results(x, *, bits=8):
    scale = choose_scale(x, bits=bits)
    return scale, quantize(x, scale, bits=bits)


@mutant(
    "codes_only",
    "05.2",
    law=REFERENCE,
    says="This matches codes without their scale. Nobody can read them back: return q and scale.",
    line=r"return",
)
def answers_with_codes_only(x, *, bits=8):
    return quantize(x, choose_scale(x, bits=bits), bits=bits)
