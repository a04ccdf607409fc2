"""Wrong answers to 09.1, and what to say about each."""

from __future__ import annotations

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import dequantize, quantize_per_token

REFERENCE = "the video's example comes to -2.9965, 3.8768, 9.3957"
ZERO_POINT = "with a zero point it comes to -2.9782, 3.8571, 9.3741: the scale multiplies q - z"
ONE_SCALE = "it is the product with the dequantized weights, one scale for all"
EACH_ROW = "it is the product with the dequantized weights, a scale and a zero point for each row"
SQUARE = "on a square matrix, too, every output has its own scale, zero point and bias"
WRAPPING = "the difference of a code and its zero point does not wrap"
BIAS = "the bias is in real units: no scale touches it"
HALF = "bfloat16 and float16 activations have a float32 result, and are not rounded again"
FLOAT64 = "float64 activations keep all of their digits"
CLEAN = "any layout will do, nothing that is handed in changes, and no autograd graph comes out"


def product(x, weight, bias):
    """What is right in most of them."""
    return nn.functional.linear(x, weight.to(x.dtype), None if bias is None else bias.to(x.dtype))


def parts(x, q_weight, scale, zero_point, bias):
    """The given checks, and the parameters as tensors."""
    x, q_weight = checked.floating("x", x), checked.features(x, q_weight)
    bias = checked.bias(bias, q_weight)
    return x, checked.scale(scale, like=q_weight), checked.zero_point(zero_point, like=q_weight), bias


@mutant(
    "video",
    "09.1",
    law=ZERO_POINT,
    says="This matches q * s + z, the formula of the video course. The zero point is a code: take it away "
    "from q before the scale multiplies, s * (q - z).",
    line=r"\+ zero_point",
)
def adds_the_zero_point(x, q_weight, scale, zero_point=0, bias=None):
    x, scale, zero_point, bias = parts(x, q_weight, scale, zero_point, bias)
    return product(x, q_weight * scale + zero_point, bias)


@mutant(
    "A13",
    "09.1",
    law=ZERO_POINT,
    says="This matches s * q - z. The scale multiplies the difference q - z, not q alone: check the parentheses.",
    line=r"- zero_point",
)
def scales_the_code_alone(x, q_weight, scale, zero_point=0, bias=None):
    x, scale, zero_point, bias = parts(x, q_weight, scale, zero_point, bias)
    return product(x, q_weight * scale - zero_point, bias)


@mutant(
    "scale_minus_zero_point",
    "09.1",
    law=ZERO_POINT,
    says="This matches q * (s - z). A scale is in real units and a zero point is a code, so they cannot be "
    "subtracted: s * (q - z).",
    line=r"scale - zero_point",
)
def subtracts_from_the_scale(x, q_weight, scale, zero_point=0, bias=None):
    x, scale, zero_point, bias = parts(x, q_weight, scale, zero_point, bias)
    return product(x, q_weight * (scale - zero_point), bias)


@mutant(
    "no_zero_point",
    "09.1",
    law=ZERO_POINT,
    says="This matches weights without their zero point. Hand zero_point to dequantize as well.",
    line=r"dequantize",
)
def forgets_the_zero_point(x, q_weight, scale, zero_point=0, bias=None):
    x, _, _, bias = parts(x, q_weight, scale, zero_point, bias)
    return product(x, dequantize(q_weight, scale), bias)


@mutant(
    "plus",
    "09.1",
    law=ZERO_POINT,
    says="This matches s * (q + z). The zero point is the code of 0.0, so it is taken away.",
    line=r"q_weight \+ zero_point|\+ zero_point",
)
def adds_before_scaling(x, q_weight, scale, zero_point=0, bias=None):
    x, scale, zero_point, bias = parts(x, q_weight, scale, zero_point, bias)
    return product(x, (q_weight.to(torch.int32) + zero_point) * scale, bias)


@mutant(
    "A11",
    "09.1",
    law=WRAPPING,
    says="This matches q - z in int8, which wraps: -128 - 127 became 1. dequantize subtracts in int32: call it.",
    line=r"- zero_point",
)
def subtracts_in_int8(x, q_weight, scale, zero_point=0, bias=None):
    x, scale, zero_point, bias = parts(x, q_weight, scale, zero_point, bias)
    return product(x, (q_weight - zero_point.to(q_weight.dtype)) * scale, bias)


@mutant(
    "wrong_axis",
    "09.1",
    law=SQUARE,
    says="This matches a scale for each column. Row scales have shape (out, 1); flattened to (out,) they line "
    "up with the columns, and a square matrix says nothing.",
    line=r"reshape|flatten|squeeze|\.T",
)
def puts_scales_on_columns(x, q_weight, scale, zero_point=0, bias=None):
    x, scale, _, bias = parts(x, q_weight, scale, zero_point, bias)
    return product(x, dequantize(q_weight, scale.reshape(-1), zero_point), bias)


@mutant(
    "transposed",
    "09.1",
    law=REFERENCE,
    says="This matches x @ w_hat. The rows of the weights are the outputs: the product is with w_hat.T, and "
    "functional.linear transposes by itself.",
    line=r"@|linear",
)
def forgets_to_transpose(x, q_weight, scale, zero_point=0, bias=None):
    x, _, _, bias = parts(x, q_weight, scale, zero_point, bias)
    return x @ dequantize(q_weight, scale, zero_point).to(x.dtype) + (0 if bias is None else bias)


@mutant(
    "no_bias",
    "09.1",
    law=BIAS,
    says="This matches a result without the bias. Hand it to functional.linear.",
    line=r"linear|@|return",
)
def forgets_the_bias(x, q_weight, scale, zero_point=0, bias=None):
    x, _, _, bias = parts(x, q_weight, scale, zero_point, bias)
    return product(x, dequantize(q_weight, scale, zero_point), None)


@mutant(
    "F01",
    "09.1",
    law=BIAS,
    says="This matches a bias added before the scale. It is in real units already: add it to the scaled product.",
    line=r"bias",
)
def scales_the_bias(x, q_weight, scale, zero_point=0, bias=None):
    x, scale, zero_point, bias = parts(x, q_weight, scale, zero_point, bias)
    steps = q_weight.to(torch.int32) - zero_point
    return product(x, steps, bias) * scale.to(x.dtype).expand(q_weight.shape)[:, 0]


@mutant(
    "after_the_product",
    "09.1",
    law=ZERO_POINT,
    says="This matches a zero point taken from the outputs. It belongs to each weight, inside the product.",
    line=r"- zero_point",
)
def shifts_the_outputs(x, q_weight, scale, zero_point=0, bias=None):
    x, _, zero_point, bias = parts(x, q_weight, scale, zero_point, bias)
    y = product(x, dequantize(q_weight, scale), bias)
    return y - zero_point.expand(q_weight.shape)[:, 0]


@mutant(
    "integers",
    "09.1",
    law=ONE_SCALE,
    says="This matches activations rounded to 8 bits. In W8A32 only the weights are quantized.",
    line=r"quantize_per_token|quantize\(",
)
def quantizes_the_activations(x, q_weight, scale, zero_point=0, bias=None):
    x, _, _, bias = parts(x, q_weight, scale, zero_point, bias)
    x_hat = dequantize(*quantize_per_token(x)) if x.numel() else x
    return product(x_hat.to(x.dtype), dequantize(q_weight, scale, zero_point), bias)


@mutant(
    "bfloat16",
    "09.1",
    law=ONE_SCALE,
    says="This matches weights in bfloat16, which keeps 8 significant bits. W8A32 computes in float32.",
    line=r"bfloat16|half",
)
def computes_in_bfloat16(x, q_weight, scale, zero_point=0, bias=None):
    x, _, _, bias = parts(x, q_weight, scale, zero_point, bias)
    return product(x, dequantize(q_weight, scale, zero_point).bfloat16(), bias)


@mutant(
    "float32_always",
    "09.1",
    law=FLOAT64,
    says="This matches float64 activations cut to float32. Turn the weights into x's dtype, not x into theirs.",
    line=r"float\(\)|float32",
)
def cuts_float64(x, q_weight, scale, zero_point=0, bias=None):
    x, _, _, bias = parts(x, q_weight, scale, zero_point, bias)
    return product(x.float(), dequantize(q_weight, scale, zero_point).float(), bias)


@mutant(
    "A10",
    "09.1",
    law=CLEAN,
    says="This matches taking the zero point from the caller's own codes. Avoid in-place operations such as sub_.",
    line=r"sub_|-=|mul_|\*=",
)
def changes_the_codes(x, q_weight, scale, zero_point=0, bias=None):
    x, scale, zero_point, bias = parts(x, q_weight, scale, zero_point, bias)
    steps = q_weight.to(torch.int32) - zero_point
    q_weight.sub_(zero_point.to(q_weight.dtype))
    return product(x, steps * scale, bias)
