"""Lesson 9: linear layers on integers. What they must come to is computed in exact integers or in float64."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from labs_lib.course.laws import (
    cases,
    expect_at_most,
    expect_clean,
    expect_equal,
    expect_raises,
    expect_results,
    expect_tensor,
    expect_true,
    inputs,
    law,
)

from . import oracle
from .expectations import SCALE_TOLERANCE, expect_codes
from .oracle import SLACK

# The example of the video course: one token, a square matrix.
X = torch.tensor([1.0, 2.0, 3.0])
Q_WEIGHT = torch.tensor([[-118, -67, 25], [-89, 15, 96], [14, 80, 127]], dtype=torch.int8)
Q_SHIFTED = torch.tensor([[-128, -74, 21], [-98, 10, 95], [9, 78, 127]], dtype=torch.int8)  # zero point -5

OUT = 4  # outputs, where a law does not need a square
WIDEST = 65_793  # features: so many products of 255 and 128 an int32 can add up in any case
BITS = (8, 4, 2, 16, 3)
TOKENS = (  # the largest floats are left out where there is a product: it may overflow in one order only
    *inputs.ORDINARY,
    *inputs.ONE_SIDED,
    *inputs.DTYPES,
    inputs.constant,
    inputs.all_zero,
    inputs.one_element,
    inputs.tiny,
)
SHAPED = (inputs.straddling, inputs.three_dim, inputs.outlier, inputs.rows_apart, inputs.bfloat16, inputs.one_element)


def some_codes(x: Tensor, out: int = OUT) -> Tensor:
    """Weight codes (out, in) for ``x``, from -127 to 127, both ends among them; other ones for other tensors."""
    name = f"{tuple(x.shape)} {float(x.detach().double().sum())}"
    rows = torch.randint(-127, 128, (out, x.shape[-1]), generator=inputs.generator(9, name), dtype=torch.int8)
    rows[0, 0], rows[-1, -1] = 127, -127
    return rows


def powers_of_two(count: int) -> Tensor:
    """Scales that cost no rounding, each another one than its neighbours: a column of 0.5, 1, 2, 0.5, ..."""
    return 2.0 ** (torch.arange(count) % 3 - 1).reshape(-1, 1)


def some_bias(count: int) -> Tensor:
    return torch.arange(count) * 3.5 - 4.0


def whole_tokens(x: Tensor) -> tuple[Tensor, Tensor]:
    """Codes like those of ``x``, the largest of each token at 127 or -127, and a power of two for each token.

    ``codes * steps`` are activations that per-token quantization brings back exactly, even from bfloat16.
    """
    wide = x.detach().double()
    largest = wide.abs().amax(-1, keepdim=True)
    codes = torch.where(largest > 0, 127 * wide / largest.clamp(min=1e-300), 0.0).round()
    steps = powers_of_two(largest.numel()).reshape(largest.shape)
    return codes.long(), steps


def exact(q_x: Tensor, q_weight: Tensor, zero_point: int = 0) -> Tensor:
    """``sum((q_x - zero_point) * q_weight)`` over the features, in 64-bit integers: (..., out)."""
    shifted = q_x.numpy().astype(np.int64) - zero_point
    return torch.as_tensor(shifted @ q_weight.numpy().astype(np.int64).T)


def expect_exact(y: object, sums: Tensor, scales: Tensor | float, bias: Tensor | float = 0.0) -> None:
    """``sums * scales + bias`` to the last bit, float32; the law chose numbers that float32 holds."""
    wanted = (sums.double() * scales + bias).float()
    expect_equal(expect_tensor(y, "y", shape=wanted.shape, dtype=torch.float32), wanted, "y")


def expect_output(y: object, wanted: Tensor, allowed: Tensor, dtype: torch.dtype = torch.float32) -> None:
    """Every output within ``allowed`` of what float64 says."""
    y = expect_tensor(y, "y", shape=wanted.shape, dtype=dtype)
    near = (y.double() - wanted).abs() <= allowed
    expect_equal(y, torch.where(near, y, wanted.to(dtype)), "y")


def expect_product(y: object, x: Tensor, q_weight: Tensor, scale, zero_point=0, bias=None) -> None:
    """``x @ (scale * (q_weight - zero_point)).T + bias``, whatever the order of its operations in float32."""
    wide = x.detach().double()
    steps, shift = (torch.as_tensor(oracle.array(value)) for value in (scale, zero_point))
    offset = torch.zeros(len(q_weight)).double() if bias is None else bias.double()
    wanted = wide @ (steps * (q_weight.double() - shift)).T + offset
    involved = wide.abs() @ (steps * (q_weight.double().abs() + shift.abs())).T + offset.abs()
    dtype = torch.promote_types(x.dtype, torch.float32)
    expect_output(y, wanted, (SLACK + x.shape[-1] * 2.0**-24) * involved, dtype)


def expect_quantized_product(y: object, q_x: Tensor, unsure: Tensor, q_weight: Tensor, scales: Tensor, bias=None):
    """``sums * scales + bias`` for these codes of the activations; ``unsure`` ones may be one code away."""
    offset = 0.0 if bias is None else bias.double()
    wanted = exact(q_x, q_weight).double() * scales + offset
    weights = q_weight.double().abs().T
    involved = q_x.double().abs() @ weights * scales + abs(offset)
    expect_output(y, wanted, SLACK * involved + unsure.double() @ weights * scales * (1 + SLACK))


def near_a_tie(place: Tensor) -> Tensor:
    """Where float32 may round to either side."""
    from_tie = (place - place.floor() - 0.5).abs()
    return from_tie <= SLACK * place.abs().clamp(min=1)


def token_steps(x: Tensor, bits: int = 8) -> Tensor:
    """The largest magnitude of each token on the last code: (..., 1), float64, not rounded to float32."""
    largest = x.detach().double().abs().amax(-1, keepdim=True)
    return (largest / oracle.code_range(bits, True)[1]).clamp(min=oracle.SMALLEST_SCALE)


def expect_token_scale(scale: object, x: Tensor, bits: int = 8) -> Tensor:
    """Float32, positive, finite, (..., 1), and that of each token; a token of zeros may have any."""
    scale = expect_tensor(scale, "scale", shape=(*x.shape[:-1], 1), dtype=torch.float32)
    good = (scale > 0) & scale.isfinite()
    expect_true(good.all(), f"scale = {scale.flatten().tolist()[:5]}", "positive, finite scales")
    wanted = token_steps(x, bits)
    near = (scale.double() - wanted).abs() <= SCALE_TOLERANCE * wanted
    free = (x.detach() == 0).all(-1, keepdim=True)
    expect_equal(scale, torch.where(near | free, scale, wanted.float()), "scale")
    return scale


def refusals(subject, before: tuple, after: tuple) -> None:
    """What all linear layers refuse: ``subject(x, *before, q_weight, *after)``, ``bias`` by name."""
    x, q_weight = torch.ones(2, 3), torch.ones(4, 3, dtype=torch.int8)
    bias = torch.ones(4)

    def refuse(kind, x=x, q_weight=q_weight, bias=bias, *, naming):
        expect_raises(subject, kind, x, *before, q_weight, *after, bias=bias, naming=naming)

    refuse(TypeError, x=x.int(), naming="x")
    refuse(TypeError, q_weight=q_weight.float(), naming="q_weight")
    refuse(TypeError, bias=bias.int(), naming="bias")
    refuse(ValueError, x=torch.ones(2, 5), naming="x")
    refuse(ValueError, x=torch.tensor(1.0), naming="x")
    refuse(ValueError, x=torch.full((2, 3), torch.nan), naming="x")
    refuse(ValueError, q_weight=q_weight[0], naming="q_weight")
    refuse(ValueError, bias=torch.ones(1), naming="bias")
    refuse(ValueError, bias=torch.ones(3), naming="bias")


# 09.1 linear_w8a32


@law("09.1", "the video's example comes to -2.9965, 3.8768, 9.3957")
def test_reference_output(linear_w8a32):
    y = linear_w8a32(X, Q_WEIGHT, 0.016929134609192376)
    expect_output(y, torch.tensor([-2.996457, 3.876772, 9.395670]).double(), torch.tensor(2e-6))


@law("09.1", "with a zero point it comes to -2.9782, 3.8571, 9.3741: the scale multiplies q - z")
def test_reference_zero_point(linear_w8a32):
    expect_product(linear_w8a32(X, Q_SHIFTED, 0.0162745, -5), X, Q_SHIFTED, torch.tensor(0.0162745), -5)


@law("09.1", "it is the product with the dequantized weights, one scale for all")
@cases(*TOKENS)
def test_one_scale(linear_w8a32, x):
    q_weight, scale = some_codes(x), torch.tensor(0.0043)
    for zero_point in (0, -5, 88):
        expect_product(linear_w8a32(x, q_weight, scale, zero_point), x, q_weight, scale, zero_point)


@law("09.1", "it is the product with the dequantized weights, a scale and a zero point for each row")
@cases(*TOKENS)
def test_scale_of_each_row(linear_w8a32, x):
    q_weight, bias = some_codes(x), torch.linspace(-3, 2, OUT)
    scale = torch.tensor([[0.3], [0.00041], [0.02], [0.007]])
    zero_point = torch.tensor([[-128], [127], [0], [-31]], dtype=torch.int32)
    expect_product(linear_w8a32(x, q_weight, scale), x, q_weight, scale)
    y = linear_w8a32(x, q_weight, scale, zero_point, bias)
    expect_product(y, x, q_weight, scale, zero_point, bias)


@law("09.1", "on a square matrix, too, every output has its own scale, zero point and bias")
def test_square(linear_w8a32):
    x = torch.arange(16.0).reshape(4, 4) - 5
    q_weight = (torch.arange(16).reshape(4, 4) * 37 % 251 - 125).to(torch.int8)
    scale, zero_point = torch.tensor([[1.0], [8.0], [0.25], [64.0]]), torch.tensor([[3], [-50], [0], [100]])
    bias = torch.tensor([0.5, 100.0, -7.0, 4096.0])
    for chosen in (0, zero_point):
        for offset in (None, bias):
            sums = exact(x.long(), q_weight.long() - chosen)
            expect_exact(
                linear_w8a32(x, q_weight, scale, chosen, offset), sums, scale.flatten(), 0 if offset is None else bias
            )


@law("09.1", "the difference of a code and its zero point does not wrap")
def test_no_wrapping(linear_w8a32):
    x, q_weight = torch.tensor([[1.0, 2.0]]), torch.tensor([[-128, 127]], dtype=torch.int8)
    for zero_point in (127, -128, 100, torch.tensor(127, dtype=torch.int32)):
        sums = exact(x.long(), q_weight.long() - int(zero_point))
        expect_exact(linear_w8a32(x, q_weight, 0.5, zero_point), sums, 0.5)


@law("09.1", "the bias is in real units: no scale touches it")
def test_bias(linear_w8a32):
    zeros, q_weight = torch.zeros(2, 3), torch.tensor([[1, 2, 3], [-4, 5, 6]], dtype=torch.int8)
    expect_exact(
        linear_w8a32(zeros, q_weight, 0.25, 1, torch.tensor([1.5, -2.0])),
        torch.zeros(2, 2),
        1.0,
        zeros[:, :2] + torch.tensor([1.5, -2.0]),
    )


@law("09.1", "bfloat16 and float16 activations have a float32 result, and are not rounded again")
@cases(inputs.bfloat16, inputs.float16, inputs.straddling)
def test_half_precision(linear_w8a32, x):
    q_x, steps = whole_tokens(x)
    q_weight, scale, bias = some_codes(x), powers_of_two(OUT), some_bias(OUT)
    for dtype in (torch.bfloat16, torch.float16):
        y = linear_w8a32((q_x * steps).to(dtype), q_weight, scale, bias=bias.to(dtype))
        expect_exact(y, exact(q_x, q_weight), steps * scale.flatten(), bias)


@law("09.1", "float64 activations keep all of their digits")
def test_float64(linear_w8a32):
    x = torch.tensor([[1.0 + 2.0**-40, -3.0], [2.0**-30, 5.0]], dtype=torch.float64)
    q_weight = torch.tensor([[4, 1], [7, -2], [0, 100]], dtype=torch.int8)
    y = linear_w8a32(x, q_weight, 0.5, 3, torch.tensor([1.0, -2.0, 0.25]))
    expect_product(y, x, q_weight, 0.5, 3, torch.tensor([1.0, -2.0, 0.25]))
    wanted = x @ (0.5 * (q_weight.double() - 3)).T + torch.tensor([1.0, -2.0, 0.25])
    expect_at_most((y - wanted).abs(), 1e-13, "|y - exact|")


@law("09.1", "any leading shape will do: one token, a batch of batches, no token at all")
def test_leading_shape(linear_w8a32):
    for shape in ((3,), (1, 3), (2, 5, 3), (1, 2, 1, 2, 3), (0, 3)):
        x = torch.arange(float(np.prod(shape))).reshape(shape) - 2
        q_weight, scale = some_codes(x, 2), powers_of_two(2)
        expect_exact(linear_w8a32(x, q_weight, scale, 7), exact(x.long(), q_weight.long() - 7), scale.flatten())


@law("09.1", "codes may have any integer dtype and layout")
def test_code_dtypes(linear_w8a32):
    x = torch.tensor([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])
    small = torch.tensor([[0, 100, 7], [127, 3, 99]])
    wide = torch.tensor([[300, -32768, 7], [32767, 3, -999]])
    for dtype in (torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64):
        for codes in (small, wide) if dtype.itemsize > 1 else (small,):
            sums = (2 * exact((2 * x).long(), codes.long() - 5)).double() / 4
            expect_exact(linear_w8a32(x, codes.to(dtype), 0.5, 5), sums, 0.5)
            columns = codes.to(dtype).T.contiguous().T
            expect_exact(linear_w8a32(x, columns, 0.5, 5), sums, 0.5)


@law("09.1", "any layout will do, nothing that is handed in changes, and no autograd graph comes out")
@cases(*inputs.LAYOUTS, inputs.bfloat16)
def test_w8a32_is_clean(linear_w8a32, x):
    q_weight, scale = some_codes(x), torch.full((OUT, 1), 0.01).requires_grad_()
    zero_point, bias = torch.full((OUT, 1), -3, dtype=torch.int32), torch.ones(OUT, requires_grad=True)
    reply = linear_w8a32.reply(x, q_weight, scale, zero_point, bias)
    expect_clean(reply)
    expect_product(reply.value, x, q_weight, scale.detach(), zero_point, bias.detach())


@law("09.1", "what does not fit is refused, and the message names it")
def test_w8a32_refuses(linear_w8a32):
    refusals(linear_w8a32, (), (0.5,))
    x, q_weight = torch.ones(2, 3), torch.ones(4, 3, dtype=torch.int8)
    for scale in (0.0, -1.0, torch.inf, torch.tensor([[1.0], [0.0], [1.0], [1.0]]), torch.ones(4, 2)):
        expect_raises(linear_w8a32, ValueError, x, q_weight, scale, naming="scale")
    expect_raises(linear_w8a32, ValueError, x, q_weight, 1.0, 0.5, naming="zero_point")


# 09.2 quantize_per_token


@law("09.2", "each token's largest magnitude lands on 127")
def test_reference_tokens(quantize_per_token):
    x = torch.tensor([[1.27, -0.3], [0.0, 0.0], [3.0, -12.7]])
    q, scale = expect_results(quantize_per_token(x), "q", "scale")
    expect_equal(q, torch.tensor([[127, -30], [0, 0], [30, -127]], dtype=torch.int8), "q")
    expect_token_scale(scale, x)


@law("09.2", "there is one scale for each token, made from its own largest magnitude")
@cases(*TOKENS, inputs.huge)
def test_token_scales(quantize_per_token, x):
    for bits in BITS:
        _, scale = expect_results(quantize_per_token(x, bits=bits), "q", "scale")
        expect_token_scale(scale, x, bits)


@law("09.2", "every value has the nearest code on the scale of its token")
@cases(*TOKENS, inputs.huge, inputs.subnormal)
def test_token_codes(quantize_per_token, x):
    for bits in BITS:
        q, scale = expect_results(quantize_per_token(x, bits=bits), "q", "scale")
        scale = expect_tensor(scale, "scale", shape=(*x.shape[:-1], 1), dtype=torch.float32)
        expect_codes(q, x, scale, bits=bits, restricted=True)


@law("09.2", "as many tokens as features: the scales still belong to the tokens")
def test_square_batch(quantize_per_token):
    x = torch.tensor([[127.0, -5.0, 3.0], [254.0, 2.0, -8.0], [1.0, 63.5, -0.5]])
    q, scale = expect_results(quantize_per_token(x), "q", "scale")
    expect_equal(scale, torch.tensor([[1.0], [2.0], [0.5]]), "scale")
    expect_equal(q, torch.tensor([[127, -5, 3], [127, 1, -4], [2, 127, -1]], dtype=torch.int8), "q")


@law("09.2", "what other tokens hold does not matter")
@cases(inputs.straddling, inputs.three_dim, inputs.rows_apart)
def test_tokens_are_alone(quantize_per_token, x):
    rows = x.reshape(-1, x.shape[-1])
    q, scale = expect_results(quantize_per_token(x), "q", "scale")
    expect_token_scale(scale, x)
    for index, row in enumerate(rows):
        one_q, one_scale = expect_results(quantize_per_token(row), "q", "scale")
        expect_equal(expect_tensor(q, "q", shape=x.shape, dtype=torch.int8).reshape(rows.shape)[index], one_q, "q")
        expect_equal(scale.reshape(-1, 1)[index], one_scale, "scale")


@law("09.2", "a token of zeros has a positive scale and stays zero")
def test_zero_token(quantize_per_token):
    zeros = torch.zeros(2, 3)
    for x in (
        torch.tensor([[0.0, 0.0], [1.0, -2.0]]),
        zeros,
        zeros.bfloat16(),
        torch.zeros(1),
        torch.tensor([-0.0, 0.0]),
    ):
        q, scale = expect_results(quantize_per_token(x), "q", "scale")
        q = expect_tensor(q, "q", shape=x.shape, dtype=torch.int8)
        expect_equal(q[x == 0], torch.zeros_like(q[x == 0]), "q where x is 0.0")
        expect_token_scale(scale, x)


@law("09.2", "a token of tiny values keeps its digits, beside a token of large ones")
def test_tiny_token(quantize_per_token):
    x = torch.tensor([[1e-9, -3e-9, 2.2e-9], [1e-30, -3e-30, 2.2e-30], [100.0, -300.0, 220.0]])
    q, scale = expect_results(quantize_per_token(x), "q", "scale")
    expect_token_scale(scale, x)
    expect_equal(q, torch.tensor([[42, -127, 93]] * 3, dtype=torch.int8), "q")


@law("09.2", "half a step goes to the even integer")
def test_token_ties(quantize_per_token):
    x = torch.tensor([[127.0, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5]])
    q, _ = expect_results(quantize_per_token(x), "q", "scale")
    expect_equal(q, torch.tensor([[127, 0, 2, 2, 0, -2, -2]], dtype=torch.int8), "q")


@law("09.2", "any layout will do, nothing that is handed in changes, and no autograd graph comes out")
@cases(*inputs.LAYOUTS, inputs.bfloat16)
def test_tokens_are_clean(quantize_per_token, x):
    reply = quantize_per_token.reply(x)
    expect_clean(reply)
    q, scale = expect_results(reply.value, "q", "scale")
    expect_codes(q, x, expect_token_scale(scale, x), restricted=True)


@law("09.2", "what has no range is refused, and so are integers and impossible widths")
@cases(*inputs.REFUSED)
def test_tokens_refuse(quantize_per_token, x):
    expect_raises(quantize_per_token, ValueError, x, naming="x")
    expect_raises(quantize_per_token, ValueError, torch.tensor(1.0), naming="x")
    expect_raises(quantize_per_token, TypeError, torch.tensor([1, 2, 3]), naming="x")
    for bits in (1, 17):
        expect_raises(quantize_per_token, ValueError, torch.ones(2, 2), bits=bits, naming="bits")


# 09.3 linear_w8a8


@law("09.3", "a worked example: 127 * 100 - 64 * 50 steps of 0.01 * 0.5")
def test_dynamic_example(linear_w8a8):
    x, q_weight = torch.tensor([[1.27, -0.64]]), torch.tensor([[100, 50]], dtype=torch.int8)
    expect_output(linear_w8a8(x, q_weight, 0.5), torch.tensor([[47.5]]).double(), torch.tensor(2e-5))


@law("09.3", "where no scale has to round, the result is the exact integer sum times both scales")
@cases(*SHAPED)
def test_dynamic_is_exact(linear_w8a8, x):
    q_x, steps = whole_tokens(x)
    tokens, q_weight, scale = (q_x * steps).float(), some_codes(x), powers_of_two(OUT)
    expect_exact(linear_w8a8(tokens, q_weight, 1.0), exact(q_x, q_weight), steps)
    expect_exact(linear_w8a8(tokens, q_weight, scale), exact(q_x, q_weight), steps * scale.flatten())
    y = linear_w8a8(tokens, q_weight, scale, some_bias(OUT))
    expect_exact(y, exact(q_x, q_weight), steps * scale.flatten(), some_bias(OUT))


@law("09.3", "it multiplies the codes of the activations, not the activations")
@cases(*TOKENS)
def test_dynamic_codes(linear_w8a8, x):
    q_weight, scale = some_codes(x), torch.tensor([[0.3], [0.00041], [0.02], [0.007]])
    steps = token_steps(x)
    q_x, unsure = oracle.codes(x, steps).clamp(-127), near_a_tie(oracle.position(x, steps))
    for offset in (None, torch.linspace(-3, 2, OUT)):
        y = linear_w8a8(x, q_weight, scale, offset)
        expect_quantized_product(y, q_x, unsure, q_weight, steps * scale.double().flatten(), offset)


@law("09.3", "a sum that int8 or int16 cannot hold does not wrap")
def test_dynamic_accumulator(linear_w8a8):
    for features in (2, 3, 64, 1000):
        x = torch.full((2, features), 127.0)
        q_weight = torch.full((3, features), 127, dtype=torch.int8)
        q_weight[1] = -127
        expect_exact(linear_w8a8(x, q_weight, 1.0), exact(x.long(), q_weight), 1.0)


@law("09.3", "the sum is exact in the longest row too, where float32 would drop its last digits")
def test_dynamic_long_row(linear_w8a8):
    half = (WIDEST - 1) // 2
    x = torch.full((1, WIDEST), 127.0)
    q_weight = torch.full((1, WIDEST), 127, dtype=torch.int8)
    q_weight[0, half:-1], q_weight[0, -1] = -127, 1  # the halves cancel, and 127 is left
    expect_exact(linear_w8a8(x, q_weight, 1.0), exact(x.long(), q_weight), 1.0)
    expect_exact(linear_w8a8(x, q_weight.abs(), 2.0**-8), exact(x.long(), q_weight.abs()), 2.0**-8)
    expect_raises(
        linear_w8a8, ValueError, torch.ones(1, WIDEST + 1), torch.ones(1, WIDEST + 1).char(), 1.0, naming="q_weight"
    )


@law("09.3", "on square weights and as many tokens, every scale stays on its own axis")
@cases(inputs.straddling)
def test_dynamic_square(linear_w8a8, x):
    for size in (2, 3, 5):
        values = x.flatten().repeat(size * size)[: size * size].reshape(size, size)
        q_x, steps = whole_tokens(values)
        q_weight, scale, bias = some_codes(values, size), powers_of_two(size).flip(0), some_bias(size)
        y = linear_w8a8((q_x * steps).float(), q_weight, scale, bias)
        expect_exact(y, exact(q_x, q_weight), steps * scale.flatten(), bias)


@law("09.3", "the bias is in real units, and all that is left for a token of zeros")
def test_dynamic_bias(linear_w8a8):
    x, q_weight = torch.tensor([[0.0, 0.0], [127.0, -1.0]]), torch.tensor([[3, 4], [-5, 6], [7, 0]], dtype=torch.int8)
    bias = torch.tensor([0.5, -200.0, 3.0])
    y = linear_w8a8(x, q_weight, torch.tensor([[0.5], [4.0], [1.0]]), bias)
    expect_exact(y, exact(x.long(), q_weight), torch.tensor([0.5, 4.0, 1.0]), bias)


@law("09.3", "any leading shape will do: one token, a batch of sequences")
def test_dynamic_leading_shape(linear_w8a8):
    for shape in ((3,), (1, 3), (2, 5, 3), (1, 2, 1, 2, 3)):
        q_x, steps = whole_tokens(torch.arange(float(np.prod(shape))).reshape(shape) - 5)
        q_weight, scale = some_codes(q_x, 2), powers_of_two(2)
        y = linear_w8a8((q_x * steps).float(), q_weight, scale)
        expect_exact(y, exact(q_x, q_weight), steps * scale.flatten())


@law("09.3", "the result is float32 and the same for bfloat16, float16 and float64 activations")
@cases(inputs.bfloat16, inputs.straddling)
def test_dynamic_dtypes(linear_w8a8, x):
    q_x, steps = whole_tokens(x)
    q_weight, scale, bias = some_codes(x), powers_of_two(OUT), some_bias(OUT)
    for dtype in (torch.bfloat16, torch.float16, torch.float64):
        y = linear_w8a8((q_x * steps).to(dtype), q_weight, scale, bias.to(dtype))
        expect_exact(y, exact(q_x, q_weight), steps * scale.flatten(), bias)
    y = linear_w8a8((q_x * steps).float(), q_weight, scale.double(), bias.double())
    expect_exact(y, exact(q_x, q_weight), steps * scale.flatten(), bias)


@law("09.3", "codes may have any integer dtype and layout")
def test_dynamic_code_dtypes(linear_w8a8):
    q_x = torch.tensor([[127, -2, 3], [5, 60, -127]])
    codes = torch.tensor([[0, 100, 7], [127, 3, 99]])
    for dtype in (torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64):
        expect_exact(linear_w8a8(q_x.float(), codes.to(dtype), 0.5), exact(q_x, codes), 0.5)
        columns = codes.to(dtype).T.contiguous().T
        expect_exact(linear_w8a8(q_x.float(), columns, 0.5), exact(q_x, codes), 0.5)


@law("09.3", "any layout will do, nothing that is handed in changes, and no autograd graph comes out")
@cases(*inputs.LAYOUTS, inputs.bfloat16)
def test_dynamic_is_clean(linear_w8a8, x):
    q_weight, scale = some_codes(x), torch.full((OUT, 1), 0.25).requires_grad_()
    bias, steps = torch.ones(OUT, requires_grad=True), token_steps(x)
    reply = linear_w8a8.reply(x, q_weight, scale, bias)
    expect_clean(reply)
    q_x, unsure = oracle.codes(x, steps).clamp(-127), near_a_tie(oracle.position(x, steps))
    expect_quantized_product(reply.value, q_x, unsure, q_weight, steps * 0.25, bias.detach())


@law("09.3", "what does not fit is refused, and the message names it")
def test_dynamic_refuses(linear_w8a8):
    refusals(linear_w8a8, (), (0.5,))
    x, q_weight = torch.ones(2, 3), torch.ones(4, 3, dtype=torch.int8)
    for scale in (0.0, torch.inf, torch.ones(4), torch.ones(3, 1), torch.ones(1, 4)):
        expect_raises(linear_w8a8, ValueError, x, q_weight, scale, naming="weight_scale")
    expect_raises(linear_w8a8, ValueError, torch.empty(0, 3), q_weight, 1.0, naming="x")
    expect_raises(linear_w8a8, ValueError, torch.full((1, 3), torch.inf), q_weight, 1.0, naming="x")


# 09.4 linear_w8a8_static

ZERO_POINTS = (0, 1, 93, 128, 255)


def grid(x: Tensor, zero_point: int) -> Tensor:
    """Codes from 0 to 255 like ``x``; ``codes - zero_point`` times a power of two is exact in bfloat16 where small."""
    wide = x.detach().double()
    largest = wide.abs().amax().clamp(min=1e-300)
    return (zero_point + 100 * wide / largest).round().clamp(0, 255).long()


@law("09.4", "a worked example: sums of 150 and -50 steps, whatever the zero point")
def test_static_example(linear_w8a8_static):
    x, q_weight = torch.tensor([[1.5, -0.5]]), torch.tensor([[100, 50]], dtype=torch.int8)
    for zero_point in (128, 60, 100):
        y = linear_w8a8_static(x, 0.01, zero_point, q_weight, 0.5)
        clipped = max(0, zero_point - 50) - zero_point
        wanted = (min(255, zero_point + 150) - zero_point) * 100 + clipped * 50
        expect_output(y, torch.tensor([[wanted * 0.005]]).double(), torch.tensor(1e-4))


@law("09.4", "where no scale has to round, the result is the exact integer sum of (q - z) * w times both scales")
@cases(*SHAPED)
def test_static_is_exact(linear_w8a8_static, x):
    q_weight, scale, bias = some_codes(x), powers_of_two(OUT), some_bias(OUT)
    for zero_point in ZERO_POINTS:
        q_x = grid(x, zero_point)
        values, sums = 0.25 * (q_x - zero_point).float(), exact(q_x, q_weight, zero_point)
        expect_exact(linear_w8a8_static(values, 0.25, zero_point, q_weight, 1.0), sums, 0.25)
        expect_exact(
            linear_w8a8_static(values, 0.25, zero_point, q_weight, scale, bias), sums, 0.25 * scale.flatten(), bias
        )


@law("09.4", "it multiplies the codes of the activations, for any range")
@cases(*TOKENS)
def test_static_codes(linear_w8a8_static, x):
    q_weight, scale = some_codes(x), torch.tensor([[0.3], [0.00041], [0.02], [0.007]])
    low, high = oracle.span(x)
    step = torch.tensor(max((high - low) / 200, oracle.SMALLEST_SCALE), dtype=torch.float32)
    for zero_point in (0, 93, 255):
        q_x = oracle.codes(x, step, zero_point, signed=False)
        unsure = near_a_tie(oracle.position(x, step))
        shifted = q_x.long() - zero_point
        y = linear_w8a8_static(x, step, torch.tensor(zero_point, dtype=torch.int32), q_weight, scale)
        expect_quantized_product(y, shifted, unsure, q_weight, step.double() * scale.double().flatten())


@law("09.4", "moving the zero point does not move the result, as long as nothing is clipped")
@cases(inputs.straddling, inputs.three_dim, inputs.relu)
def test_static_zero_point_cancels(linear_w8a8_static, x):
    q_x, q_weight = grid(x, 128), some_codes(x)
    values = (q_x - 128).float()
    for zero_point in (100, 128, 155):
        expect_exact(linear_w8a8_static(values, 1.0, zero_point, q_weight, 1.0), exact(q_x, q_weight, 128), 1.0)


@law("09.4", "values outside the range saturate, infinities too")
def test_static_saturates(linear_w8a8_static):
    x = torch.tensor([[1e9, -1.0], [-1e9, 2.0], [torch.inf, -torch.inf], [155.0, -100.0], [156.0, -101.0]])
    q_x = torch.tensor([[255, 99], [0, 102], [255, 0], [255, 0], [255, 0]])
    q_weight = torch.tensor([[3, -2], [127, 127], [-127, 1]], dtype=torch.int8)
    expect_exact(linear_w8a8_static(x, 1.0, 100, q_weight, 1.0), exact(q_x, q_weight, 100), 1.0)


@law("09.4", "half a step goes to the even integer before the zero point is added")
def test_static_ties(linear_w8a8_static):
    x, q_weight = torch.tensor([[0.5], [1.5], [2.5], [-0.5], [-1.5]]), torch.tensor([[1]], dtype=torch.int8)
    for zero_point in (100, 101):
        expect_exact(
            linear_w8a8_static(x, 1.0, zero_point, q_weight, 1.0), torch.tensor([[0], [2], [2], [0], [-2]]), 1.0
        )


@law("09.4", "a row sum that int8 or int16 cannot hold does not wrap, nor does a product or a code above 127")
def test_static_accumulator(linear_w8a8_static):
    for features in (1, 2, 3, 130, 400):
        for zero_point in (0, 127, 200, 255):
            q_x = torch.full((2, features), 255)
            q_x[1] = 0
            values = (q_x - zero_point).float()
            q_weight = torch.full((2, features), 127, dtype=torch.int8)
            q_weight[1] = -127
            y = linear_w8a8_static(values, 1.0, zero_point, q_weight, 1.0)
            expect_exact(y, exact(q_x, q_weight, zero_point), 1.0)


@law("09.4", "the sum is exact in the longest row too, where float32 would drop its last digits")
def test_static_long_row(linear_w8a8_static):
    half = (WIDEST - 1) // 2
    q_weight = torch.full((2, WIDEST), -128, dtype=torch.int8)
    q_weight[0, :half], q_weight[0, -1] = 128 - 1, 1  # the halves nearly cancel
    x = torch.full((1, WIDEST), 255.0)
    expect_exact(linear_w8a8_static(x, 1.0, 0, q_weight, 1.0), exact(x.long(), q_weight), 1.0)
    x = torch.full((1, WIDEST), -255.0)
    x[0, -1] = -254.0
    q_x = x.long() + 255
    expect_exact(linear_w8a8_static(x, 1.0, 255, q_weight, 1.0), exact(q_x, q_weight, 255), 1.0)
    nothing = torch.zeros(1, WIDEST)
    nothing[0, -1] = -1.0  # product and correction are near the end of int32, their difference is -127
    q_weight = torch.full((1, WIDEST), 127, dtype=torch.int8)
    expect_exact(linear_w8a8_static(nothing, 1.0, 255, q_weight, 1.0), torch.tensor([[-127]]), 1.0)
    wide = torch.ones(1, WIDEST + 1)
    expect_raises(linear_w8a8_static, ValueError, wide, 1.0, 0, wide.char(), 1.0, naming="q_weight")


@law("09.4", "on square weights and as many tokens, every scale and every row sum stays on its own axis")
@cases(inputs.straddling)
def test_static_square(linear_w8a8_static, x):
    for size in (2, 3, 5):
        values = x.flatten().repeat(size * size)[: size * size].reshape(size, size)
        q_x, q_weight, scale = grid(values, 90), some_codes(values, size), powers_of_two(size).flip(0)
        y = linear_w8a8_static((q_x - 90).float(), 1.0, 90, q_weight, scale, some_bias(size))
        expect_exact(y, exact(q_x, q_weight, 90), scale.flatten(), some_bias(size))


@law("09.4", "the bias is in real units, and all that is left where every activation is 0.0")
def test_static_bias(linear_w8a8_static):
    q_weight = torch.tensor([[3, 4], [-5, 6], [7, 127]], dtype=torch.int8)
    bias = torch.tensor([0.5, -200.0, 3.0])
    for zero_point in ZERO_POINTS:
        y = linear_w8a8_static(torch.zeros(2, 2), 0.01, zero_point, q_weight, torch.tensor([[0.5], [4.0], [1.0]]), bias)
        expect_exact(y, torch.zeros(2, 3), 1.0, bias)


@law("09.4", "any leading shape will do: one token, a batch of sequences, no token at all")
def test_static_leading_shape(linear_w8a8_static):
    for shape in ((3,), (1, 3), (2, 5, 3), (1, 2, 1, 2, 3), (0, 3)):
        q_x = torch.arange(int(np.prod(shape))).reshape(shape) * 11 % 256
        q_weight, scale = some_codes(q_x, 2), powers_of_two(2)
        y = linear_w8a8_static((q_x - 77).float(), 1.0, 77, q_weight, scale)
        expect_exact(y, exact(q_x, q_weight, 77), scale.flatten())


@law("09.4", "the result is float32 and the same for bfloat16, float16 and float64 activations")
@cases(inputs.bfloat16, inputs.straddling)
def test_static_dtypes(linear_w8a8_static, x):
    q_x, q_weight, scale, bias = grid(x, 120), some_codes(x), powers_of_two(OUT), some_bias(OUT)
    for dtype in (torch.bfloat16, torch.float16, torch.float64):
        y = linear_w8a8_static((0.5 * (q_x - 120)).to(dtype), 0.5, 120, q_weight, scale, bias.to(dtype))
        expect_exact(y, exact(q_x, q_weight, 120), 0.5 * scale.flatten(), bias)
    one, zero_point = torch.tensor([0.5], dtype=torch.float64), torch.tensor([[120]])
    y = linear_w8a8_static(0.5 * (q_x - 120).float(), one, zero_point, q_weight, scale.double(), bias.double())
    expect_exact(y, exact(q_x, q_weight, 120), 0.5 * scale.flatten(), bias)


@law("09.4", "codes may have any integer dtype and layout")
def test_static_code_dtypes(linear_w8a8_static):
    q_x, codes = torch.tensor([[255, 0, 3], [5, 60, 128]]), torch.tensor([[0, 100, 7], [127, 3, 99]])
    for dtype in (torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64):
        for layout in (codes.to(dtype), codes.to(dtype).T.contiguous().T):
            y = linear_w8a8_static((q_x - 40).float(), 1.0, 40, layout, 0.5)
            expect_exact(y, exact(q_x, codes, 40), 0.5)


@law("09.4", "any layout will do, nothing that is handed in changes, and no autograd graph comes out")
@cases(*inputs.LAYOUTS, inputs.bfloat16)
def test_static_is_clean(linear_w8a8_static, x):
    q_weight, scale = some_codes(x), torch.full((OUT, 1), 0.25).requires_grad_()
    step, zero_point = torch.tensor(0.0625, requires_grad=True), torch.tensor(93, dtype=torch.int32)
    bias = torch.ones(OUT, requires_grad=True)
    reply = linear_w8a8_static.reply(x, step, zero_point, q_weight, scale, bias)
    expect_clean(reply)
    shifted = oracle.codes(x, 0.0625, 93, signed=False).long() - 93
    unsure = near_a_tie(oracle.position(x, 0.0625)) & False  # a power of two: no step is rounded
    scales = torch.full((OUT,), 0.25 * 0.0625).double()
    expect_quantized_product(reply.value, shifted, unsure, q_weight, scales, bias.detach())


@law("09.4", "what does not fit is refused, and the message names it")
def test_static_refuses(linear_w8a8_static):
    refusals(linear_w8a8_static, (0.5, 3), (0.5,))
    x, q_weight = torch.ones(2, 3), torch.ones(4, 3, dtype=torch.int8)
    for scale in (0.0, torch.inf, torch.ones(4), torch.ones(3, 1), torch.ones(1, 4)):
        expect_raises(linear_w8a8_static, ValueError, x, 0.5, 3, q_weight, scale, naming="weight_scale")
    for scale in (0.0, torch.ones(2, 1), -1.0):
        expect_raises(linear_w8a8_static, ValueError, x, scale, 3, q_weight, 1.0, naming="scale")
    for zero_point in (0.5, torch.tensor([1, 2, 3])):
        expect_raises(linear_w8a8_static, ValueError, x, 0.5, zero_point, q_weight, 1.0, naming="zero_point")
