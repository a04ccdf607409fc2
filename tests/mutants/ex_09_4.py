"""Wrong answers to 09.4, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import quantize, quantize_per_token

EXAMPLE = "a worked example: sums of 150 and -50 steps, whatever the zero point"
EXACT = "where no scale has to round, the result is the exact integer sum of (q - z) * w times both scales"
CODES = "it multiplies the codes of the activations, for any range"
CANCELS = "moving the zero point does not move the result, as long as nothing is clipped"
SATURATES = "values outside the range saturate, infinities too"
ACCUMULATOR = "a row sum that int8 or int16 cannot hold does not wrap, nor does a product or a code above 127"
LONG_ROW = "the sum is exact in the longest row too, where float32 would drop its last digits"
SQUARE = "on square weights and as many tokens, every scale and every row sum stays on its own axis"
BIAS = "the bias is in real units, and all that is left where every activation is 0.0"
SHAPES = "any leading shape will do: one token, a batch of sequences, no token at all"
DTYPES = "the result is float32 and the same for bfloat16, float16 and float64 activations"


def parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias):
    """The given checks, the codes of the activations, and the weights in int32."""
    q_weight = checked.accumulator(checked.features(x, q_weight))
    x_scale, z = checked.one_value("x_scale", x_scale), checked.one_value("x_zero_point", x_zero_point)
    weight_scale, bias = checked.output_scale("weight_scale", weight_scale, q_weight), checked.bias(bias, q_weight)
    q_x = quantize(x, x_scale, z, signed=False)
    return q_x, x_scale, z, q_weight.to(torch.int32), weight_scale, bias


def added(y, bias):
    return y if bias is None else y + bias.float()


@mutant(
    "F09",
    "09.4",
    law=EXAMPLE,
    says="This matches a result without the correction. The zero point is in every product: take z times the "
    "row sum of the weights away.",
    line=r"@",
)
def forgets_the_correction(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, _, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ wide.T
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "F10",
    "09.4",
    law=EXAMPLE,
    says="This matches a correction with the wrong sign. Write out (q - z) * w: the correction is taken away.",
    line=r"\+ z|\+ x_zero_point",
)
def adds_the_correction(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ wide.T + z * wide.sum(1, dtype=torch.int32)
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "F11",
    "09.4",
    law=ACCUMULATOR,
    says="This matches row sums in int8, which wrap after 127. Add them up in int32.",
    line=r"sum\(",
)
def sums_rows_in_int8(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    row_sums = wide.sum(1).to(torch.int8).to(torch.int32)
    sums = q_x.to(torch.int32) @ wide.T - z * row_sums
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "int16_correction",
    "09.4",
    law=ACCUMULATOR,
    says="This matches a correction in int16. z times a row sum goes far beyond 32767: use int32.",
    line=r"int16|short",
)
def corrects_in_int16(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    correction = (int(z) * wide.sum(1)).to(torch.int16)
    sums = q_x.to(torch.int32) @ wide.T - correction
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "F08",
    "09.4",
    law=ACCUMULATOR,
    says="This matches adding up in int16. Two products of 255 * 127 do not fit: use int32.",
    line=r"int16|short",
)
def accumulates_in_int16(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = (q_x.to(torch.int16) @ wide.to(torch.int16).T).to(torch.int32) - z * wide.sum(1, dtype=torch.int32)
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "float32_sums",
    "09.4",
    law=LONG_ROW,
    says="This matches adding up in float32, which is exact only below 2**24 = 16777216. Add up integers, and "
    "turn the sums to float afterwards.",
    line=r"float\(\)",
)
def accumulates_in_float32(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = q_x.float() @ wide.float().T - z * wide.float().sum(1)
    return added(sums * s * weight_scale, bias)


@mutant(
    "signed_cast",
    "09.4",
    law=ACCUMULATOR,
    says="This matches activation codes cast to int8: 200 became -56. They are unsigned: go from uint8 to int32.",
    line=r"int8",
)
def casts_activations_to_int8(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int8).to(torch.int32) @ wide.T - z * wide.sum(1, dtype=torch.int32)
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "signed_codes",
    "09.4",
    law=CODES,
    says="This matches signed codes, which end at 127. The activations are unsigned: signed=False.",
    line=r"quantize\(",
)
def quantizes_with_signed_codes(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    _, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    q_x = quantize(x, s, z)
    sums = q_x.to(torch.int32) @ wide.T - z * wide.sum(1, dtype=torch.int32)
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "A11",
    "09.4",
    law=ACCUMULATOR,
    says="This matches q - z in uint8, which wraps below zero: 0 - 1 became 255. Widen the codes before the "
    "subtraction.",
    line=r"q_x - ",
)
def shifts_in_uint8(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    shifted = q_x - int(z)
    return added((shifted.to(torch.int32) @ wide.T).float() * s * weight_scale, bias)


@mutant(
    "column_sums",
    "09.4",
    law=SQUARE,
    says="This matches the column sums of the weights. The correction of an output is made from its own row: "
    "sum over dimension 1. A square matrix says nothing.",
    line=r"sum\(",
)
def sums_the_columns(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    square = wide.shape[0] == wide.shape[1]
    sums = q_x.to(torch.int32) @ wide.T - z * wide.sum(0 if square else 1, dtype=torch.int32)
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "activation_sums",
    "09.4",
    law=EXAMPLE,
    says="This matches z times the sum of the activations. That would correct a zero point of the weights; that "
    "of the activations meets the weights.",
    line=r"q_x.*sum\(",
)
def sums_the_activations(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ wide.T - z * q_x.sum(-1, keepdim=True, dtype=torch.int32)
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "plain_zero_point",
    "09.4",
    law=EXAMPLE,
    says="This matches taking the bare zero point from each sum. It is in every product, so it comes times the row "
    "sum of the weights.",
    line=r"- z\b|- x_zero_point",
)
def subtracts_the_bare_zero_point(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ wide.T - z
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "unscaled_correction",
    "09.4",
    law=EXAMPLE,
    says="This matches a correction taken from the scaled result. It counts steps too: take it away before the scales.",
    line=r"- z|- x_zero_point",
)
def corrects_after_scaling(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ wide.T
    return added(sums.float() * s * weight_scale - z * wide.sum(1, dtype=torch.int32), bias)


@mutant(
    "F13",
    "09.4",
    law=EXAMPLE,
    says="This matches a result without the activations' scale. A sum counts steps of x_scale * weight_scale.",
    line=r"weight_scale",
)
def forgets_the_activation_scale(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, _, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ wide.T - z * wide.sum(1, dtype=torch.int32)
    return added(sums.float() * weight_scale, bias)


@mutant(
    "no_weight_scale",
    "09.4",
    law=EXAMPLE,
    says="This matches a result without the weights' scale. A sum counts steps of x_scale * weight_scale.",
    line=r"\* s\b|x_scale",
)
def forgets_the_weight_scale(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ wide.T - z * wide.sum(1, dtype=torch.int32)
    return added(sums.float() * s, bias)


@mutant(
    "F03",
    "09.4",
    law=SQUARE,
    says="This matches the weights' scales laid on the tokens. They belong to the outputs: the last dimension of "
    "the result. A square batch says nothing.",
    line=r"reshape|unsqueeze|\[:, None\]|view",
)
def scales_the_tokens(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ wide.T - z * wide.sum(1, dtype=torch.int32)
    if sums.dim() > 1 and sums.shape[-2] == len(weight_scale):
        weight_scale = weight_scale.reshape(-1, 1)
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "F01",
    "09.4",
    law=BIAS,
    says="This matches a bias added to the integer sums. It is in real units: add it after both scales.",
    line=r"bias",
)
def adds_the_bias_to_the_sums(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ wide.T - z * wide.sum(1, dtype=torch.int32)
    return added(sums.float(), bias) * s * weight_scale


@mutant(
    "no_bias",
    "09.4",
    law=BIAS,
    says="This matches a result without the bias. Add it at the end, when there is one.",
    line=r"return",
)
def forgets_the_bias(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ wide.T - z * wide.sum(1, dtype=torch.int32)
    return sums.float() * s * weight_scale


@mutant(
    "dynamic",
    "09.4",
    law=SATURATES,
    says="This matches scales measured on x itself, which is the dynamic layer of 09.3. Use the x_scale and "
    "x_zero_point that are handed in.",
    line=r"quantize_per_token|amax",
)
def measures_the_range_anew(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    _, _, _, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    q_x, s = quantize_per_token(x)
    return added((q_x.to(torch.int32) @ wide.T).float() * s * weight_scale, bias)


@mutant(
    "float_activations",
    "09.4",
    law=SATURATES,
    says="This matches a product with unrounded activations, which is W8A32. Here both factors are codes: "
    "quantize x with x_scale, x_zero_point and signed=False.",
    line=r"@|linear",
)
def multiplies_real_activations(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    _, _, _, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = x.detach().double() @ wide.double().T
    return added((sums * weight_scale).float(), bias)


@mutant(
    "unclamped",
    "09.4",
    law=SATURATES,
    says="This matches codes that go beyond 255. Eight bits end there: quantize saturates, call it with signed=False.",
    line=r"round",
)
def does_not_saturate(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    _, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    q_x = (torch.round(x.detach().double() / s) + z).clamp(-(2.0**31), 2.0**31 - 1).to(torch.int64)
    sums = q_x @ wide.long().T - z * wide.sum(1)
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "wraps_codes",
    "09.4",
    law=SATURATES,
    says="This matches a cast to uint8 without a clamp: 256 became 0. quantize saturates, call it with signed=False.",
    line=r"uint8",
)
def wraps_the_codes(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    _, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    q_x = (torch.round(x.detach().double() / s) + z).clamp(-(2.0**31), 2.0**31 - 1).to(torch.int64).to(torch.uint8)
    sums = q_x.to(torch.int32) @ wide.T - z * wide.sum(1, dtype=torch.int32)
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "matrices_only",
    "09.4",
    law=SHAPES,
    says="This matches torch.mm, which takes matrices only. Activations have any leading shape: use @.",
    line=r"mm\(",
)
def multiplies_matrices_only(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = torch.mm(q_x.to(torch.int32), wide.T) - z * wide.sum(1, dtype=torch.int32)
    return added(sums.float() * s * weight_scale, bias)


@mutant(
    "dtype_of_x",
    "09.4",
    law=DTYPES,
    says="This matches a result in x's dtype. The sums have more digits than bfloat16 holds: leave it in float32.",
    line=r"\.to\(x\.dtype\)|dtype",
)
def answers_in_the_dtype_of_x(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    q_x, s, z, wide, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ wide.T - z * wide.sum(1, dtype=torch.int32)
    return added(sums.float() * s * weight_scale, bias).to(x.dtype)
