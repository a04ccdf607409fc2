"""Wrong answers to 09.3, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import quantize_per_token, quantize_symmetric

EXAMPLE = "a worked example: 127 * 100 - 64 * 50 steps of 0.01 * 0.5"
EXACT = "where no scale has to round, the result is the exact integer sum times both scales"
CODES = "it multiplies the codes of the activations, not the activations"
ACCUMULATOR = "a sum that int8 or int16 cannot hold does not wrap"
LONG_ROW = "the sum is exact in the longest row too, where float32 would drop its last digits"
SQUARE = "on square weights and as many tokens, every scale stays on its own axis"
BIAS = "the bias is in real units, and all that is left for a token of zeros"
SHAPES = "any leading shape will do: one token, a batch of sequences"
DTYPES = "the result is float32 and the same for bfloat16, float16 and float64 activations"


def parts(x, q_weight, weight_scale, bias):
    """The given checks, and the activations per token."""
    q_weight = checked.accumulator(checked.features(x, q_weight))
    weight_scale, bias = checked.output_scale("weight_scale", weight_scale, q_weight), checked.bias(bias, q_weight)
    return *quantize_per_token(x), weight_scale, bias


def added(y, bias):
    return y if bias is None else y + bias.float()


@mutant(
    "int8",
    "09.3",
    law=ACCUMULATOR,
    says="This matches adding up in int8. torch's int8 @ int8 stays int8 and wraps without a word: turn both "
    "matrices to int32 first.",
    line=r"@|matmul|int8",
)
def accumulates_in_int8(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    return added((q_x @ q_weight.to(torch.int8).T).float() * x_scale * weight_scale, bias)


@mutant(
    "F08",
    "09.3",
    law=ACCUMULATOR,
    says="This matches adding up in int16. Three products of 127 * 127 are 48387 and an int16 ends at 32767: "
    "use int32.",
    line=r"int16|short",
)
def accumulates_in_int16(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int16) @ q_weight.to(torch.int16).T
    return added(sums.float() * x_scale * weight_scale, bias)


@mutant(
    "wraps_products",
    "09.3",
    law=ACCUMULATOR,
    says="This matches products taken in int8 and added up in int32. They have wrapped by then: widen before "
    "multiplying.",
    line=r"\* q_weight|unsqueeze|sum",
)
def multiplies_in_int8(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    sums = (q_x.unsqueeze(-2) * q_weight.to(torch.int8)).sum(-1, dtype=torch.int32)
    return added(sums.float() * x_scale * weight_scale, bias)


@mutant(
    "float32_sums",
    "09.3",
    law=LONG_ROW,
    says="This matches adding up in float32, which is exact only below 2**24 = 16777216. Add up integers, and "
    "turn the sums to float afterwards.",
    line=r"float\(\)",
)
def accumulates_in_float32(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    sums = q_x.float() @ q_weight.float().T
    return added(sums * x_scale * weight_scale, bias)


@mutant(
    "F13",
    "09.3",
    law=EXAMPLE,
    says="This matches a result without the activations' scale. A sum counts steps of x_scale * weight_scale.",
    line=r"weight_scale",
)
def forgets_the_activation_scale(x, q_weight, weight_scale, bias=None):
    q_x, _, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ q_weight.to(torch.int32).T
    return added(sums.float() * weight_scale, bias)


@mutant(
    "no_weight_scale",
    "09.3",
    law=EXAMPLE,
    says="This matches a result without the weights' scale. A sum counts steps of x_scale * weight_scale.",
    line=r"x_scale",
)
def forgets_the_weight_scale(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ q_weight.to(torch.int32).T
    return added(sums.float() * x_scale, bias)


@mutant(
    "F03",
    "09.3",
    law=SQUARE,
    says="This matches the weights' scales laid on the tokens. They belong to the outputs: the last dimension of "
    "the result. A square batch says nothing.",
    line=r"reshape|unsqueeze|\[:, None\]|view",
)
def scales_the_tokens(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ q_weight.to(torch.int32).T
    if sums.dim() > 1 and sums.shape[-2] == len(weight_scale):
        weight_scale = weight_scale.reshape(-1, 1)
    return added(sums.float() * x_scale * weight_scale, bias)


@mutant(
    "scaled_features",
    "09.3",
    law=SQUARE,
    says="This matches the weights' scales laid on the input features. Inside the sum only a scale that all "
    "products share may be left for later: the scale of the output row.",
    line=r"\* weight_scale",
)
def scales_the_features(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    if len(weight_scale) != q_weight.shape[1]:
        weight_scale = weight_scale[:1]
    sums = (q_x.double() * weight_scale) @ q_weight.double().T
    return added((sums * x_scale).float(), bias)


@mutant(
    "F01",
    "09.3",
    law=BIAS,
    says="This matches a bias added to the integer sums. It is in real units: add it after both scales.",
    line=r"bias",
)
def adds_the_bias_to_the_sums(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ q_weight.to(torch.int32).T
    return added(sums.float(), bias) * x_scale * weight_scale


@mutant(
    "rounded_bias",
    "09.3",
    law=BIAS,
    says="This matches a bias cut to an integer. It is in real units: add it after both scales, in float32.",
    line=r"bias",
)
def rounds_the_bias(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ q_weight.to(torch.int32).T
    return added(sums.float() * x_scale * weight_scale, None if bias is None else bias.to(torch.int32))


@mutant(
    "no_bias",
    "09.3",
    law=BIAS,
    says="This matches a result without the bias. Add it at the end, when there is one.",
    line=r"return",
)
def forgets_the_bias(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ q_weight.to(torch.int32).T
    return sums.float() * x_scale * weight_scale


@mutant(
    "one_activation_scale",
    "09.3",
    law=EXACT,
    says="This matches one scale for all activations. Each token has its own: quantize_per_token.",
    line=r"quantize_symmetric|choose_scale|quantize\(",
)
def one_scale_for_all_tokens(x, q_weight, weight_scale, bias=None):
    _, _, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    q_x, x_scale = quantize_symmetric(x)
    sums = q_x.to(torch.int32) @ q_weight.to(torch.int32).T
    return added(sums.float() * x_scale * weight_scale, bias)


@mutant(
    "float_activations",
    "09.3",
    law=CODES,
    says="This matches a product with unrounded activations, which is W8A32. Here both factors are codes: "
    "quantize_per_token.",
    line=r"x\.\w+\(\) @|linear|@",
)
def multiplies_real_activations(x, q_weight, weight_scale, bias=None):
    _, _, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    sums = x.detach().double() @ q_weight.double().T
    return added((sums * weight_scale).float(), bias)


@mutant(
    "transposed",
    "09.3",
    law=SQUARE,
    says="This matches a product with q_weight itself. Its rows are the outputs: multiply by q_weight.T.",
    line=r"@",
)
def forgets_to_transpose(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    wide = q_weight.to(torch.int32)
    sums = q_x.to(torch.int32) @ (wide if wide.shape[0] == wide.shape[1] else wide.T)
    return added(sums.float() * x_scale * weight_scale, bias)


@mutant(
    "matrices_only",
    "09.3",
    law=SHAPES,
    says="This matches torch.mm, which takes matrices only. Activations have any leading shape: use @.",
    line=r"mm\(",
)
def multiplies_matrices_only(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    sums = torch.mm(q_x.to(torch.int32), q_weight.to(torch.int32).T)
    return added(sums.float() * x_scale * weight_scale, bias)


@mutant(
    "flattened",
    "09.3",
    law=SHAPES,
    says="This matches a result whose leading dimensions were flattened. Give it back x's shape, (..., out).",
    line=r"reshape|flatten|view",
)
def stays_flat(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    sums = q_x.reshape(-1, q_x.shape[-1]).to(torch.int32) @ q_weight.to(torch.int32).T
    return added(sums.float() * x_scale.reshape(-1, 1) * weight_scale, bias)


@mutant(
    "dtype_of_x",
    "09.3",
    law=DTYPES,
    says="This matches a result in x's dtype. The sums have more digits than bfloat16 holds: leave it in float32.",
    line=r"\.to\(x\.dtype\)|dtype",
)
def answers_in_the_dtype_of_x(x, q_weight, weight_scale, bias=None):
    q_x, x_scale, weight_scale, bias = parts(x, q_weight, weight_scale, bias)
    sums = q_x.to(torch.int32) @ q_weight.to(torch.int32).T
    return added(sums.float() * x_scale * weight_scale, bias).to(x.dtype)
