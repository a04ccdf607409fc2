"""Wrong answers to 07.2, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import choose_scale, choose_scale_per_channel, code_dtype, dequantize, q_range, quantize

REFERENCE = "T by rows and by columns has the reference codes"
ERRORS = "T comes back with a mean squared error of 1.8084 by rows and 1.0781 by columns, and so on to 2 bits"
ALONE = "each channel is what quantize_symmetric would make of it alone"
HALF_STEP = "every value comes back within half a step of its own channel, for all bits"
RESTRICTED = "the most negative code is never produced"
TIES = "half a step goes to the even integer"
ZEROS = "a channel of zeros comes back as zeros, under a positive scale"


@mutant(
    "D01",
    "07.2",
    law=REFERENCE,
    says="This matches scales along the other dimension: with dim=0, one a column. dim counts the "
    "channels, it is not the dimension to reduce.",
    line=r"choose_scale_per_channel|a?max\(",
)
def takes_the_other_dimension(x, dim=0, *, bits=8):
    dim = checked.dim(dim, x.shape)
    scale = choose_scale_per_channel(x, x.dim() - 1 - dim, bits=bits)
    return quantize(x, scale, bits=bits), scale


@mutant(
    "D02",
    "07.2",
    law=REFERENCE,
    says="This matches scales of shape (rows,), which divide the columns of a square matrix without a "
    "word. Keep the shape that choose_scale_per_channel gives.",
    line=r"flatten|squeeze|reshape|view",
)
def flattens_the_scales(x, dim=0, *, bits=8):
    scale = choose_scale_per_channel(x, dim, bits=bits).flatten()
    return quantize(x, scale, bits=bits), scale


@mutant(
    "squeezed_afterwards",
    "07.2",
    law=REFERENCE,
    says="This matches the right codes beside scales of shape (rows,). Whoever multiplies with them hits "
    "the columns: return the scales as they were.",
    line=r"flatten|squeeze|reshape|view",
)
def flattens_the_answer(x, dim=0, *, bits=8):
    scale = choose_scale_per_channel(x, dim, bits=bits)
    return quantize(x, scale, bits=bits), scale.flatten()


@mutant(
    "D03",
    "07.2",
    law=REFERENCE,
    says="This matches one scale for the whole tensor. Take the scales from choose_scale_per_channel.",
    line=r"choose_scale\(",
)
def one_scale_for_all(x, dim=0, *, bits=8):
    dim = checked.dim(dim, x.shape)
    scale = choose_scale(x, bits=bits)
    return quantize(x, scale, bits=bits), scale


@mutant(
    "codes_of_the_whole",
    "07.2",
    law=REFERENCE,
    says="This matches codes that were made with one scale for all, beside scales of each channel. Hand "
    "the same scales to quantize.",
    line=r"choose_scale\(|quantize\(",
)
def codes_of_the_whole_tensor(x, dim=0, *, bits=8):
    scale = choose_scale_per_channel(x, dim, bits=bits)
    return quantize(x, choose_scale(x, bits=bits), bits=bits), scale


@mutant(
    "D04",
    "07.2",
    law=ZEROS,
    says="This matches a channel of zeros with the scale 0: 0/0 is NaN, and what a cast of NaN to int8 "
    "gives is luck. Its scale must be positive.",
    line=r"/ scale|/ q_max",
)
def divides_zero_by_zero(x, dim=0, *, bits=8):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    q_min, q_max = q_range(bits)
    largest = x.abs()
    for other in range(x.dim()):
        if other != dim:
            largest = largest.amax(other, keepdim=True)
    scale = (largest / q_max).float()
    return torch.round(x / scale).clamp(q_min, q_max).to(code_dtype(bits, True)), scale


@mutant(
    "D06",
    "07.2",
    law=ALONE,
    says="This matches scales rounded to float16, which flushes small ones to 0 and moves the others. "
    "Keep them in float32.",
    line=r"half|float16",
)
def rounds_scales_to_float16(x, dim=0, *, bits=8):
    tiny = torch.finfo(torch.float16).tiny
    scale = choose_scale_per_channel(x, dim, bits=bits).clamp(min=tiny, max=65504).half().float()
    return quantize(x, scale, bits=bits), scale


@mutant(
    "C06",
    "07.2",
    law=ERRORS,
    says="This matches choosing the scales for 8 bits always. Pass bits to choose_scale_per_channel.",
    line=r"choose_scale_per_channel",
)
def scales_of_eight_bits(x, dim=0, *, bits=8):
    scale = choose_scale_per_channel(x, dim)
    return quantize(x, scale, bits=bits), scale


@mutant(
    "codes_of_eight_bits",
    "07.2",
    law=HALF_STEP,
    says="This matches quantizing with 8 bits always. Pass bits to quantize as well.",
    line=r"quantize\(",
)
def codes_of_eight_bits(x, dim=0, *, bits=8):
    scale = choose_scale_per_channel(x, dim, bits=bits)
    return quantize(x, scale), scale


@mutant(
    "ignores_dim",
    "07.2",
    law=REFERENCE,
    says="This matches one scale a row whatever dim is. Pass dim to choose_scale_per_channel.",
    line=r"choose_scale_per_channel",
)
def forgets_dim(x, dim=0, *, bits=8):
    checked.dim(dim, x.shape)
    scale = choose_scale_per_channel(x, bits=bits)
    return quantize(x, scale, bits=bits), scale


@mutant(
    "C08",
    "07.2",
    law=RESTRICTED,
    says="This matches scales of max|x| / 128, which produce the code -128. Its negative does not exist: "
    "use choose_scale_per_channel, which divides by 127.",
    line=r"128|-\s*q_min|2\s*\*\*|q_max",
)
def uses_the_full_range(x, dim=0, *, bits=8):
    q_min, q_max = q_range(bits)
    scale = choose_scale_per_channel(x, dim, bits=bits)
    scale = (scale.double() * q_max / -q_min).clamp(min=torch.finfo(torch.float32).tiny).float()
    return quantize(x, scale, bits=bits), scale


@mutant(
    "half_up",
    "07.2",
    law=TIES,
    says="This matches floor(x + 0.5), which sends every half upwards. quantize rounds to even: call it.",
    line=r"0\.5|floor",
)
def sends_halves_up(x, dim=0, *, bits=8):
    scale = choose_scale_per_channel(x, dim, bits=bits)
    q = torch.floor(x.detach().double() / scale + 0.5)
    return q.clamp(*q_range(bits)).to(code_dtype(bits, True)), scale


@mutant(
    "truncates",
    "07.2",
    law=REFERENCE,
    says="This matches a cast that cuts off the fraction. quantize rounds: call it.",
    line=r"\.to\(|/ scale",
)
def truncates(x, dim=0, *, bits=8):
    scale = choose_scale_per_channel(x, dim, bits=bits)
    return (x.detach().double() / scale).clamp(*q_range(bits)).to(code_dtype(bits, True)), scale


@mutant(
    "values",
    "07.2",
    law=REFERENCE,
    says="This matches the dequantized values. Return the codes themselves.",
    line=r"dequantize",
)
def answers_with_values(x, dim=0, *, bits=8):
    scale = choose_scale_per_channel(x, dim, bits=bits)
    return dequantize(quantize(x, scale, bits=bits), scale), scale


@mutant(
    "order",
    "07.2",
    law=REFERENCE,
    says="This matches (scale, q). The codes come first.",
    line=r"return",
)
def swaps_the_results(x, dim=0, *, bits=8):
    scale = choose_scale_per_channel(x, dim, bits=bits)
    return scale, quantize(x, scale, bits=bits)


@mutant(
    "codes_only",
    "07.2",
    law=REFERENCE,
    says="This matches codes without their scales. Nobody can read them back: return q and scale.",
    line=r"return",
)
def answers_with_codes_only(x, dim=0, *, bits=8):
    return quantize(x, choose_scale_per_channel(x, dim, bits=bits), bits=bits)
