"""Wrong answers to 04.2, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course.standins import mutant

from .siblings import choose_qparams, choose_scale, code_dtype, dequantize, q_range, quantize

REFERENCE = "the tensor T has the reference codes, scale 3.5788 and zero point -77"
RANGE = "scale and zero point are those of the range, for all bits and signed"
BELONG = "the codes belong to the scale and the zero point beside them"
ROUND_TRIP = "every value comes back within half a step"


@mutant(
    "parameters_of_eight_bits",
    "04.2",
    law=RANGE,
    says="This matches choosing the parameters for 8 signed bits always. Pass bits and signed to choose_qparams.",
    line=r"choose_qparams",
)
def parameters_of_eight_bits(x, *, bits=8, signed=True):
    scale, zero_point = choose_qparams(x)
    return quantize(x, scale, zero_point, bits=bits, signed=signed), scale, zero_point


@mutant(
    "codes_of_eight_bits",
    "04.2",
    law=BELONG,
    says="This matches quantizing with 8 signed bits always. Pass bits and signed to quantize as well.",
    line=r"quantize\(",
)
def codes_of_eight_bits(x, *, bits=8, signed=True):
    scale, zero_point = choose_qparams(x, bits=bits, signed=signed)
    return quantize(x, scale, zero_point), scale, zero_point


@mutant(
    "bits_only",
    "04.2",
    law=RANGE,
    says="This matches passing bits on, but not signed. Both calls need both.",
    line=r"choose_qparams|quantize\(",
)
def passes_bits_only(x, *, bits=8, signed=True):
    scale, zero_point = choose_qparams(x, bits=max(bits, 2))
    return quantize(x, scale, zero_point, bits=max(bits, 2)), scale, zero_point


@mutant(
    "ignores_both",
    "04.2",
    law=RANGE,
    says="This matches 8 signed bits whatever was asked for. Pass bits and signed to both calls.",
    line=r"choose_qparams|quantize\(",
)
def passes_nothing(x, *, bits=8, signed=True):
    scale, zero_point = choose_qparams(x)
    return quantize(x, scale, zero_point), scale, zero_point


@mutant(
    "no_zero_point",
    "04.2",
    law=REFERENCE,
    says="This matches quantizing without the zero point. Hand all of choose_qparams' answer to quantize.",
    line=r"quantize\(",
)
def forgets_the_zero_point(x, *, bits=8, signed=True):
    scale, zero_point = choose_qparams(x, bits=bits, signed=signed)
    return quantize(x, scale, bits=bits, signed=signed), scale, zero_point


@mutant(
    "symmetric",
    "04.2",
    law=REFERENCE,
    says="This matches the symmetric choice, zero point 0. Here the parameters come from choose_qparams.",
    line=r"choose_scale|abs",
)
def quantizes_symmetrically(x, *, bits=8, signed=True):
    scale = choose_scale(x, bits=max(bits, 2))
    return quantize(x, scale, bits=bits, signed=signed), scale, torch.zeros((), dtype=torch.int32)


@mutant(
    "order",
    "04.2",
    law=REFERENCE,
    says="This matches (q, zero_point, scale). The order is q, scale, zero_point.",
    line=r"return",
)
def swaps_the_parameters(x, *, bits=8, signed=True):
    scale, zero_point = choose_qparams(x, bits=bits, signed=signed)
    return quantize(x, scale, zero_point, bits=bits, signed=signed), zero_point, scale


@mutant(
    "codes_only",
    "04.2",
    law=REFERENCE,
    says="This matches codes without their parameters. Nobody can read them back: return q, scale and zero_point.",
    line=r"return",
)
def answers_with_codes_only(x, *, bits=8, signed=True):
    scale, zero_point = choose_qparams(x, bits=bits, signed=signed)
    return quantize(x, scale, zero_point, bits=bits, signed=signed)


@mutant(
    "values",
    "04.2",
    law=REFERENCE,
    says="This matches the dequantized values. Return the codes themselves.",
    line=r"dequantize",
)
def answers_with_values(x, *, bits=8, signed=True):
    scale, zero_point = choose_qparams(x, bits=bits, signed=signed)
    q = quantize(x, scale, zero_point, bits=bits, signed=signed)
    return dequantize(q, scale, zero_point), scale, zero_point


@mutant(
    "B05",
    "04.2",
    law=ROUND_TRIP,
    says="This matches clamping the zero point without widening the range to 0: all of [10, 20] gets "
    "one code. choose_qparams does it right: call it.",
    line=r"min\(|amin",
)
def clamps_without_widening(x, *, bits=8, signed=True):
    choose_qparams(x, bits=bits, signed=signed)
    q_min, q_max = q_range(bits, signed)
    low, high = x.detach().amin().double(), x.detach().amax().double()
    scale = ((high - low) / (q_max - q_min)).clamp(min=torch.finfo(torch.float32).tiny).float()
    zero_point = torch.round(q_min - low / scale).clamp(q_min, q_max).to(torch.int32)
    return quantize(x, scale, zero_point, bits=bits, signed=signed), scale, zero_point


@mutant(
    "truncates",
    "04.2",
    law=REFERENCE,
    says="This matches a cast that cuts off the fraction. quantize rounds: call it.",
    line=r"\.to\(|/ scale",
)
def truncates(x, *, bits=8, signed=True):
    scale, zero_point = choose_qparams(x, bits=bits, signed=signed)
    q = (x.detach().double() / scale + zero_point).clamp(*q_range(bits, signed))
    return q.to(code_dtype(bits, signed)), scale, zero_point
