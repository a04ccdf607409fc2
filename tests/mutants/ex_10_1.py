"""Wrong answers to 10.1, and what to say about each."""

from __future__ import annotations

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import mutant

WORKED = "each output is the sum of its products, times its own scale"
SQUARE = "a square matrix is transposed and its rows are scaled, not its columns"
NO_BIAS = "it is what a float layer with the dequantized weights answers, without a bias"
BIAS = "the bias is in real units and joins after the scaling"
DTYPE = "the result has x's dtype, whatever the bias has"
ONCE = "narrow activations are summed in float32 and rounded once, at the end"
FINITE = "float16 outputs are finite where the float32 result fits in float16"
TINY = "a scale too small for float16 still counts"
AFTER = "the scale comes after the product: where sums are whole numbers, scaling is all that rounds"
LEADING = "x may have any number of leading dimensions, an empty one too"
CODES = "every code counts as the number that it is, -127 and 127 too"
NOT_FINITE = "NaN and infinity are not hidden, and spoil only their own row"
UNCHANGED = "nothing that is handed in changes, in any layout"
GRAPH = "the autograd graph of x goes on: layers in front can still be trained"


def given(x, q_weight, scales, bias):
    """The argument checks that stand in the stub."""
    wide, q_weight = checked.activations("x", x), checked.features(x, q_weight)
    return wide, q_weight, checked.row_scales(scales, q_weight), checked.bias(bias, q_weight)


@mutant(
    "F01",
    "10.1",
    law=BIAS,
    says="This matches adding the bias before the scaling. The bias is in real units: multiply by the scales first.",
    line=r"bias",
)
def bias_before_scaling(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    return (nn.functional.linear(wide, q_weight.to(wide.dtype), bias) * scales).to(x.dtype)


@mutant(
    "F03",
    "10.1",
    law=SQUARE,
    says="This matches scaling the features of x. Scales belong to outputs: multiply the result.",
    line=r"scales",
)
def scales_the_inputs(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    return nn.functional.linear(wide * scales, q_weight.to(wide.dtype), bias).to(x.dtype)


@mutant(
    "F05",
    "10.1",
    law=DTYPE,
    says="This matches a float32 result for activations of another dtype. Go back to x's dtype at the very end.",
    line=r"return",
)
def answers_in_float32(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = nn.functional.linear(wide.float(), q_weight.float()) * scales
    return y if bias is None else (y + bias).float()


@mutant(
    "narrow_product",
    "10.1",
    law=FINITE,
    says="This matches a product in x's dtype: in float16 it overflows at 65504 before the scale makes it small. "
    "Multiply wide, in float32.",
    line=r"linear|@",
)
def multiplies_in_the_dtype_of_x(x, q_weight, scales, bias=None):
    _, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = nn.functional.linear(x, q_weight.to(x.dtype)) * scales
    if bias is not None:
        y = y + bias
    return y.to(x.dtype)


@mutant(
    "narrow_sums",
    "10.1",
    law=FINITE,
    says="This matches going back to x's dtype before the scaling, where float16 cannot hold the sums. "
    "Make it the last step.",
    line=r"\.to\(x\.dtype\)",
)
def narrows_before_scaling(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    sums = nn.functional.linear(wide, q_weight.to(wide.dtype)).to(x.dtype)
    y = sums * scales.to(x.dtype)
    return y if bias is None else y + bias.to(x.dtype)


@mutant(
    "narrow_bias",
    "10.1",
    law=ONCE,
    says="This matches rounding to x's dtype before the bias is added, and once more after it. Round once, at the end.",
    line=r"bias",
)
def rounds_before_the_bias(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = (nn.functional.linear(wide, q_weight.to(wide.dtype)) * scales).to(x.dtype)
    return y if bias is None else y + bias.to(x.dtype)


@mutant(
    "narrow_scales",
    "10.1",
    law=TINY,
    says="This matches scales that were cast to x's dtype: float16 makes small ones 0. Scales stay float32.",
    line=r"scales",
)
def narrows_the_scales(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = nn.functional.linear(wide, q_weight.to(wide.dtype)) * scales.to(x.dtype).to(wide.dtype)
    return (y if bias is None else y + bias).to(x.dtype)


@mutant(
    "scale_first",
    "10.1",
    law=AFTER,
    says="This matches dequantizing all the weights first. The scale of a row can wait until the row is summed.",
    line=r"scales",
)
def dequantizes_first(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    weight = (q_weight * scales.unsqueeze(1)).to(wide.dtype)
    y = nn.functional.linear(wide, weight, None if bias is None else bias.to(wide.dtype))
    return y.to(x.dtype)


@mutant(
    "divides",
    "10.1",
    law=WORKED,
    says="This matches dividing by the scales. A code stands for scale times code: multiply.",
    line=r"/\s*scales",
)
def divides_by_the_scales(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = nn.functional.linear(wide, q_weight.to(wide.dtype)) / scales
    return (y if bias is None else y + bias).to(x.dtype)


@mutant(
    "no_scales",
    "10.1",
    law=WORKED,
    says="This matches the product with the bare codes. Multiply each output by its scale.",
    line=r"linear|@",
)
def forgets_the_scales(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = nn.functional.linear(wide, q_weight.to(wide.dtype))
    return (y if bias is None else y + bias).to(x.dtype)


@mutant(
    "no_bias",
    "10.1",
    law=BIAS,
    says="This matches a layer without its bias. Add it where there is one.",
    line=r"return",
)
def forgets_the_bias(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    return (nn.functional.linear(wide, q_weight.to(wide.dtype)) * scales).to(x.dtype)


@mutant(
    "not_transposed",
    "10.1",
    law=SQUARE,
    says="This matches x @ q_weight. The rows of q_weight are outputs: the product needs its transpose.",
    line=r"@",
)
def forgets_to_transpose(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = wide @ q_weight.to(wide.dtype) * scales
    return (y if bias is None else y + bias).to(x.dtype)


@mutant(
    "rows_of_x",
    "10.1",
    law=SQUARE,
    says="This matches scales of shape (out, 1), which multiply the rows of the result. An output is a column there.",
    line=r"unsqueeze|None|reshape|view",
)
def scales_the_rows_of_the_result(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = nn.functional.linear(wide, q_weight.to(wide.dtype)) * scales.unsqueeze(1)
    return (y if bias is None else y + bias).to(x.dtype)


@mutant(
    "one_scale",
    "10.1",
    law=WORKED,
    says="This matches one scale for all outputs. Each output has its own.",
    line=r"scales\.|scales\[",
)
def uses_one_scale(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = nn.functional.linear(wide, q_weight.to(wide.dtype)) * scales.max()
    return (y if bias is None else y + bias).to(x.dtype)


@mutant(
    "integers",
    "10.1",
    law=NO_BIAS,
    says="This matches activations that were cast to integers. Only the weights are codes: x stays floating.",
    line=r"int",
)
def casts_the_activations(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = (wide.to(torch.int32) @ q_weight.to(torch.int32).T) * scales
    return (y if bias is None else y + bias).to(x.dtype)


@mutant(
    "int8_scaled",
    "10.1",
    law=WORKED,
    says="This matches weights that were cast back to int8 after the scaling. Dequantized weights are real numbers.",
    line=r"int8",
)
def scales_inside_int8(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    weight = (q_weight * scales.unsqueeze(1)).to(torch.int8)
    y = nn.functional.linear(wide, weight.to(wide.dtype))
    return (y if bias is None else y + bias).to(x.dtype)


@mutant(
    "detached",
    "10.1",
    law=GRAPH,
    says="This matches a product that autograd cannot see. Layers in front of this one may be trained: "
    "neither detach x nor switch gradients off.",
    line=r"detach|no_grad|inference_mode|\.data",
)
def cuts_the_graph(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    with torch.no_grad():
        y = nn.functional.linear(wide, q_weight.to(wide.dtype)) * scales
        return (y if bias is None else y + bias).to(x.dtype)


@mutant(
    "in_place",
    "10.1",
    law=UNCHANGED,
    says="This matches work that is done inside an argument. Make new tensors: no mul_, no +=.",
    line=r"_\(|\*=|\+=|\[.*\] =",
)
def changes_its_arguments(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = nn.functional.linear(wide, q_weight.to(wide.dtype)) * scales
    q_weight.clamp_(-100, 100)
    return (y if bias is None else y + bias).to(x.dtype)


@mutant(
    "two_dimensions",
    "10.1",
    law=LEADING,
    says="This matches a product for exactly two dimensions. Transpose the weights, not x: the last axis is enough.",
    line=r"\.T|\.t\(|mm",
)
def works_for_matrices_only(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = torch.mm(wide, q_weight.to(wide.dtype).T) * scales
    return (y if bias is None else y + bias).to(x.dtype)


@mutant(
    "flattened",
    "10.1",
    law=LEADING,
    says="This matches a result that lost x's leading dimensions. Only the last axis changes its size.",
    line=r"reshape|flatten|view",
)
def flattens_the_result(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = nn.functional.linear(wide.reshape(-1, wide.shape[-1]), q_weight.to(wide.dtype)) * scales
    return (y if bias is None else y + bias).to(x.dtype)


@mutant(
    "unsigned",
    "10.1",
    law=CODES,
    says="This matches codes that were read as unsigned bytes. They are signed: -1 is not 255.",
    line=r"uint8|255|256",
)
def reads_unsigned_codes(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = nn.functional.linear(wide, q_weight.to(torch.uint8).to(wide.dtype)) * scales
    return (y if bias is None else y + bias).to(x.dtype)


@mutant(
    "hidden",
    "10.1",
    law=NOT_FINITE,
    says="This matches outputs whose NaN and infinities were replaced by numbers. They are a sign of trouble: "
    "leave them, and compute in float32 so that none arise.",
    line=r"nan_to_num|clamp|where",
)
def hides_what_is_not_finite(x, q_weight, scales, bias=None):
    wide, q_weight, scales, bias = given(x, q_weight, scales, bias)
    y = nn.functional.linear(wide.nan_to_num(), q_weight.to(wide.dtype)) * scales
    return (y if bias is None else y + bias).nan_to_num().to(x.dtype)
