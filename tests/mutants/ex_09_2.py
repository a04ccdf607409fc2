"""Wrong answers to 09.2, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import choose_qparams, dequantize, q_range, quantize, quantize_symmetric

REFERENCE = "each token's largest magnitude lands on 127"
SCALES = "there is one scale for each token, made from its own largest magnitude"
CODES = "every value has the nearest code on the scale of its token"
SQUARE = "as many tokens as features: the scales still belong to the tokens"
ALONE = "what other tokens hold does not matter"
ZEROS = "a token of zeros has a positive scale and stays zero"
TINY_TOKEN = "a token of tiny values keeps its digits, beside a token of large ones"
TIES = "half a step goes to the even integer"

TINY = torch.finfo(torch.float32).tiny


def scale_from(largest, bits):
    """What is right in most of them."""
    return (largest / q_range(bits)[1]).clamp(min=TINY).float()


@mutant(
    "dim_1",
    "09.2",
    law=SCALES,
    says="This matches a maximum over dimension 1. Activations may have any rank: the last dimension is -1.",
    line=r"amax|max",
)
def knows_matrices_only(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    scale = scale_from(x.abs().amax(1 if x.dim() > 1 else 0, keepdim=True), bits)
    return quantize(x, scale, bits=bits), scale


@mutant(
    "F14",
    "09.2",
    law=SQUARE,
    says="This matches a scale for each feature. A token is a row: take amax over the last dimension, -1.",
    line=r"amax|max",
)
def one_scale_a_feature(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    scale = scale_from(x.abs().amax(-2 if x.dim() > 1 else -1, keepdim=True), bits)
    return quantize(x, scale, bits=bits), scale


@mutant(
    "F15",
    "09.2",
    law=ZEROS,
    says="This matches a scale of 0 for a token of zeros, by which nobody can divide. Keep every scale at or "
    "above torch.finfo(torch.float32).tiny.",
    line=r"/ q_max|amax|scale =",
)
def no_floor(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    _, q_max = q_range(bits)
    scale = (x.abs().amax(-1, keepdim=True) / q_max).float()
    return quantize(x, scale, bits=bits), scale


@mutant(
    "one_scale",
    "09.2",
    law=SCALES,
    says="This matches one scale for all tokens. Each token has its own: take amax over the last dimension.",
    line=r"amax|max|choose_scale|quantize_symmetric",
)
def one_scale_for_all(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    q, scale = quantize_symmetric(x, bits=bits)
    return q, scale.expand(*x.shape[:-1], 1)


@mutant(
    "D02",
    "09.2",
    law=SQUARE,
    says="This matches scales without their last dimension. Of shape (tokens,) they line up with the features: "
    "pass keepdim=True.",
    line=r"amax|max",
)
def forgets_keepdim(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    scale = scale_from(x.abs().amax(-1), bits)
    return quantize(x, scale, bits=bits), scale.unsqueeze(-1)


@mutant(
    "C01",
    "09.2",
    law=REFERENCE,
    says="This matches the largest value instead of the largest magnitude. Of 3.0 and -12.7 it is -12.7: take "
    "abs() first.",
    line=r"amax|max",
)
def forgets_the_magnitude(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    scale = scale_from(x.amax(-1, keepdim=True), bits)
    return quantize(x, scale, bits=bits), scale


@mutant(
    "C06",
    "09.2",
    law=SCALES,
    says="This matches a scale for 8 bits always. The largest code depends on the bits: q_range(bits).",
    line=r"127|q_range",
)
def scale_of_eight_bits(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    scale = (x.abs().amax(-1, keepdim=True) / 127).clamp(min=TINY).float()
    return quantize(x, scale, bits=bits), scale


@mutant(
    "codes_of_eight_bits",
    "09.2",
    law=CODES,
    says="This matches quantizing with 8 bits always. Pass bits to quantize as well.",
    line=r"quantize\(",
)
def codes_of_eight_bits(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    scale = scale_from(x.abs().amax(-1, keepdim=True), bits)
    return quantize(x, scale), scale


@mutant(
    "C03",
    "09.2",
    law=REFERENCE,
    says="This matches dividing by 128. The largest code is 127; 128 steps from zero there is none.",
    line=r"q_min|128|\*\*",
)
def divides_by_128(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    q_min, _ = q_range(bits)
    scale = (x.abs().amax(-1, keepdim=True) / -q_min).clamp(min=TINY).float()
    return quantize(x, scale, bits=bits), scale


@mutant(
    "large_floor",
    "09.2",
    law=TINY_TOKEN,
    says="This matches a floor of 1e-8 under the scale, which turns tokens of small values into zeros. The floor "
    "is only for zeros: torch.finfo(torch.float32).tiny.",
    line=r"clamp|1e-|eps",
)
def a_large_floor(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    scale = (x.abs().amax(-1, keepdim=True) / q_range(bits)[1]).clamp(min=1e-8).float()
    return quantize(x, scale, bits=bits), scale


@mutant(
    "asymmetric",
    "09.2",
    law=REFERENCE,
    says="This matches the asymmetric step, made from the smallest and the largest value. Around zero the largest "
    "magnitude decides.",
    line=r"amin|min\(",
)
def takes_the_range(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    q_min, q_max = q_range(bits)
    low, high = x.double().amin(-1, keepdim=True).clamp(max=0), x.double().amax(-1, keepdim=True).clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    return quantize(x, scale, bits=bits), scale


@mutant(
    "with_zero_point",
    "09.2",
    law=REFERENCE,
    says="This matches asymmetric codes, whose zero point nobody is told. Per-token codes are symmetric.",
    line=r"choose_qparams|zero_point",
)
def quantizes_asymmetrically(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    rows = [(row, *choose_qparams(row, bits=bits)) for row in x.reshape(-1, x.shape[-1])]
    q = torch.stack([quantize(row, scale, zero_point, bits=bits) for row, scale, zero_point in rows])
    return q.reshape(x.shape), torch.stack([scale for _, scale, _ in rows]).reshape(*x.shape[:-1], 1)


@mutant(
    "truncates",
    "09.2",
    law=CODES,
    says="This matches a cast that cuts off the fraction. quantize rounds to the nearest code: call it.",
    line=r"\.to\(|trunc|/ scale",
)
def truncates(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    scale = scale_from(x.abs().amax(-1, keepdim=True), bits)
    q = (x / scale).clamp(*q_range(bits))
    return q.to(torch.int8 if bits <= 8 else torch.int16), scale


@mutant(
    "half_up",
    "09.2",
    law=TIES,
    says="This matches floor(x + 0.5), which sends every half upwards. quantize rounds to even: call it.",
    line=r"0\.5|floor",
)
def sends_halves_up(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    scale = scale_from(x.abs().amax(-1, keepdim=True), bits)
    q = torch.floor(x.double() / scale + 0.5).clamp(*q_range(bits))
    return q.to(torch.int8 if bits <= 8 else torch.int16), scale


@mutant(
    "values",
    "09.2",
    law=REFERENCE,
    says="This matches the dequantized values. Return the codes themselves.",
    line=r"dequantize",
)
def answers_with_values(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    scale = scale_from(x.abs().amax(-1, keepdim=True), bits)
    return dequantize(quantize(x, scale, bits=bits), scale), scale


@mutant(
    "order",
    "09.2",
    law=REFERENCE,
    says="This matches (scale, q). The codes come first.",
    line=r"return",
)
def swaps_the_results(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    scale = scale_from(x.abs().amax(-1, keepdim=True), bits)
    return scale, quantize(x, scale, bits=bits)


@mutant(
    "flat_scales",
    "09.2",
    law=REFERENCE,
    says="This matches scales of shape (tokens,). With (tokens, 1) they broadcast over the features: keepdim=True.",
    line=r"squeeze|\[\.\.\., 0\]|return",
)
def drops_the_last_dimension(x, *, bits=8):
    x = checked.ranked("x", checked.finite("x", x))
    scale = scale_from(x.abs().amax(-1, keepdim=True), bits)
    return quantize(x, scale, bits=bits), scale.squeeze(-1)
