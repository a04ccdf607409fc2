"""Lesson 3: codes, quantize, dequantize, and the two causes of error."""

from __future__ import annotations

import math

import torch

from labs_lib.course.laws import (
    cases,
    expect_clean,
    expect_close,
    expect_equal,
    expect_number,
    expect_raises,
    expect_results,
    inputs,
    law,
)

from . import oracle
from .expectations import expect_codes, expect_ends, expect_shares
from .oracle import SIGNED, UNSIGNED, WIDTHS, T

HALVES = torch.arange(-8, 8) + 0.5  # -7.5, -6.5, ..., 7.5
NO_SCALES = (
    0.0,
    -0.1,
    torch.inf,
    torch.nan,
    torch.tensor([[1.0, 0.0, 1.0]]),
    torch.ones(2),
    torch.ones(2, 3),
)
GIVEN = (*inputs.LAYOUTS, inputs.zero_dim, inputs.empty)


@law("03.1", "8 bits have the codes -128 to 127, or 0 to 255 without a sign")
def test_eight_bits(q_range):
    expect_equal(q_range(8, True), (-128, 127), "q_range(8, True)")
    expect_equal(q_range(8, False), (0, 255), "q_range(8, False)")


@law("03.1", "the narrowest and the widest codes: -2 to 1, 0 to 1, -32768 to 32767")
def test_narrow_and_wide(q_range):
    expect_equal(q_range(16), (-32768, 32767), "q_range(16)")
    expect_equal(q_range(2), (-2, 1), "q_range(2)")
    expect_equal(q_range(1, signed=False), (0, 1), "q_range(1, signed=False)")


@law("03.1", "8 bits with a sign are what one gets without asking")
def test_defaults(q_range):
    expect_equal(q_range(), (-128, 127), "q_range()")
    expect_equal(q_range(4), (-8, 7), "q_range(4)")
    expect_equal(q_range(signed=False), (0, 255), "q_range(signed=False)")


@law("03.1", "there are 2**bits codes, two plain ints say which")
def test_how_many(q_range):
    for bits, signed in (*SIGNED, *UNSIGNED):
        low, high = expect_ends(q_range(bits, signed))
        expect_equal(high - low + 1, 2**bits, "q_max - q_min + 1")


@law("03.1", "half of the signed codes are negative, no unsigned one is")
def test_where_they_start(q_range):
    for bits, signed in (*SIGNED, *UNSIGNED):
        low, _ = expect_ends(q_range(bits, signed))
        expect_equal(low, -(2**bits) // 2 if signed else 0, "q_min")


@law("03.1", "a width that no code has is refused")
def test_no_such_width(q_range):
    for bits, signed in ((1, True), (17, True), (0, False), (9, False), (-8, True), (2.5, True)):
        expect_raises(q_range, ValueError, bits, signed, naming="bits")


@law("03.2", "the tensor T with scale 3.5 and zero point -70 has the reference codes")
def test_reference_codes(quantize):
    expected = torch.tensor([[-15, -74, 127], [-44, 14, -123], [-70, 126, 0]], dtype=torch.int8)
    expect_equal(quantize(T, 3.5, -70), expected, "q")


@law("03.2", "0.0 gets the zero point for a code")
def test_zero(quantize):
    for zero_point in (-128, -1, 0, 77, 127):
        q = quantize(torch.tensor([0.0, -0.0]), 0.1, zero_point)
        expect_equal(q, torch.tensor([zero_point] * 2, dtype=torch.int8), "q")


@law("03.2", "values beyond the last code stop there, they do not wrap around")
def test_saturation(quantize):
    for bits, signed in WIDTHS:
        low, high = oracle.code_range(bits, signed)
        beyond = torch.tensor([1.0, 2.0, 2.0**bits / 2, 2.0**bits, 2.0**bits + 40, 1e6])
        x = torch.cat([high + beyond, low - beyond])
        expect_codes(quantize(x, 1.0, bits=bits, signed=signed), x, 1.0, bits=bits, signed=signed)


@law("03.2", "infinite and huge values stop at the last code")
def test_infinities(quantize):
    x = torch.tensor([torch.inf, 3e38, -torch.inf, -3e38])
    expect_equal(quantize(x, 1e-3, -5), torch.tensor([127, 127, -128, -128], dtype=torch.int8), "q")
    expect_equal(quantize(x, 1e-3, signed=False), torch.tensor([255, 255, 0, 0], dtype=torch.uint8), "q")


@law("03.2", "bits and signed say which codes exist and which dtype holds them")
def test_widths(quantize):
    for bits, signed in (*SIGNED, *UNSIGNED):
        x = torch.linspace(-1.2, 1.2, 31) * 2**bits
        expect_codes(quantize(x, 1.0, 1, bits=bits, signed=signed), x, 1.0, 1, bits=bits, signed=signed)


@law("03.2", "half a step goes to the even integer, whatever the scale")
def test_ties(quantize):
    for scale in (1.0, 0.25, 237.0, 7 * 2.0**-20):  # HALVES * scale is exact for all of them
        expect_equal(quantize(HALVES * scale, scale), oracle.codes(HALVES, 1.0), "q")


@law("03.2", "the zero point is added after rounding")
def test_ties_with_a_zero_point(quantize):
    for zero_point in (3, -7, 10):
        expect_equal(quantize(HALVES, 1.0, zero_point), oracle.codes(HALVES, 1.0, zero_point), "q")


@law("03.2", "the zero point is added before the codes are cut off")
def test_clamp_comes_last(quantize):
    x = torch.tensor([200.0, 250.0, -60.0, 0.0])
    for zero_point in (-100, 100, -150):
        expect_codes(quantize(x, 1.0, zero_point), x, 1.0, zero_point)


@law("03.2", "every value gets the nearest code")
@cases(*inputs.FINITE)
def test_nearest_code(quantize, x):
    scale, zero_point = oracle.some_parameters(x)
    expect_codes(quantize(x, scale, zero_point), x, scale, zero_point)


@law("03.2", "scale and zero point may differ from row to row, and from column to column")
@cases(inputs.rows_apart, inputs.straddling, inputs.three_dim, inputs.transposed)
def test_parameters_by_row(quantize, x):
    scale, zero_point = oracle.row_parameters(x)
    expect_codes(quantize(x, scale, zero_point), x, scale, zero_point)
    columns = torch.arange(1, x.shape[-1] + 1) * 0.01
    expect_codes(quantize(x, columns, zero_point), x, columns, zero_point)


@law("03.2", "a plain number does as well as a tensor")
@cases(inputs.straddling, inputs.bfloat16, inputs.float64)
def test_plain_numbers(quantize, x):
    expect_codes(quantize(x, 0.05, 9), x, torch.tensor(0.05), 9)
    expect_codes(quantize(x, torch.tensor(0.05), 9), x, torch.tensor(0.05), 9)
    expect_codes(quantize(x, 0.05, torch.tensor(9, dtype=torch.int32)), x, torch.tensor(0.05), 9)


@law("03.2", "half-precision values are divided in float32")
@cases(inputs.float16, inputs.bfloat16, inputs.bfloat16_row)
def test_arithmetic_is_float32(quantize, x):
    for bits in (8, 16):
        scale = x.float().abs().amax() / (2 ** (bits - 1) - 1)
        expect_codes(quantize(x, scale, bits=bits), x, scale, bits=bits)


@law("03.2", "any layout will do, and nothing that is handed in changes")
@cases(*GIVEN)
def test_quantize_is_clean(quantize, x):
    scale, zero_point = torch.tensor(0.05, requires_grad=True), torch.tensor(4, dtype=torch.int32)
    reply = quantize.reply(x, scale, zero_point)
    expect_clean(reply)
    expect_codes(reply.value, x, scale, zero_point)


@law("03.2", "what is not a tensor of real values is refused")
def test_quantize_refuses_types(quantize):
    for x in (torch.tensor([1, 2]), torch.tensor([3], dtype=torch.int8), [1.0, 2.0]):
        expect_raises(quantize, TypeError, x, 0.1, naming="x")


@law("03.2", "a parameter that makes no sense is refused by its name")
def test_quantize_refuses_values(quantize):
    x = torch.tensor([[1.0, -2.0, 3.0]])
    expect_raises(quantize, ValueError, torch.tensor([1.0, torch.nan]), 0.1, naming="x")
    for scale in NO_SCALES:
        expect_raises(quantize, ValueError, x, scale, naming="scale")
    expect_raises(quantize, ValueError, x, 0.1, torch.zeros(4, dtype=torch.int32), naming="zero_point")
    expect_raises(quantize, ValueError, x, 0.1, bits=17, naming="bits")
    expect_raises(quantize, ValueError, x, 0.1, bits=9, signed=False, naming="bits")


@law("03.3", "the reference codes of T come back as the reference values")
def test_reference_values(dequantize):
    q = torch.tensor([[-15, -74, 127], [-44, 14, -123], [-70, 126, 0]], dtype=torch.int8)
    expected = torch.tensor([[192.5, -14.0, 689.5], [91.0, 294.0, -185.5], [0.0, 686.0, 245.0]])
    expect_equal(dequantize(q, 3.5, -70), expected, "x_hat")


@law("03.3", "codes at both ends never wrap around")
def test_both_ends(dequantize):
    for bits, signed in WIDTHS:
        q = torch.tensor(oracle.code_range(bits, signed)).to(oracle.code_dtype(bits, signed))
        for zero_point in (*oracle.code_range(bits, signed), 0):
            expect_equal(dequantize(q, 0.5, zero_point), oracle.real(q, 0.5, zero_point).float(), "x_hat")


@law("03.3", "every code, of any integer dtype and layout, is scale * (q - zero_point)")
@cases(*inputs.CODES, *inputs.CODE_LAYOUTS)
def test_every_code(dequantize, x):
    scale = torch.tensor(0.037)
    expect_close(dequantize(x, scale, -101), oracle.real(x, scale, -101).float(), "x_hat")


@law("03.3", "the zero point's code is exactly 0.0")
def test_zero_comes_back(dequantize):
    for zero_point in (-128, -77, 0, 3, 127):
        q = torch.tensor([zero_point], dtype=torch.int8)
        expect_equal(dequantize(q, 0.1, zero_point), torch.zeros(1), "x_hat")


@law("03.3", "without a zero point, the code 0 stands for 0.0")
def test_default_zero_point(dequantize):
    q = torch.tensor([-128, -1, 0, 127], dtype=torch.int8)
    expect_equal(dequantize(q, 0.5), torch.tensor([-64.0, -0.5, 0.0, 63.5]), "x_hat")


@law("03.3", "scale and zero point may differ from row to row, and from column to column")
@cases(inputs.int8_codes, inputs.int32_codes, inputs.transposed_codes)
def test_values_by_row(dequantize, x):
    rows, columns = (*x.shape[:-1], 1), x.shape[-1:]
    scale = torch.logspace(-3, 3, math.prod(rows)).reshape(rows)
    zero_point = torch.arange(columns.numel(), dtype=torch.int32).reshape(columns) * 11 - 60
    expect_close(dequantize(x, scale, zero_point), oracle.real(x, scale, zero_point).float(), "x_hat")


@law("03.3", "values are float32, or float64 where the scale is")
def test_value_dtypes(dequantize):
    q = torch.tensor([[-128, 5, 127]], dtype=torch.int8)
    for scale in (2, 0.1, torch.tensor(0.1), torch.tensor([0.1, 0.2, 0.3])):
        exact = oracle.real(q, torch.as_tensor(scale, dtype=torch.float32), 7)
        expect_close(dequantize(q, scale, torch.tensor(7, dtype=torch.int32)), exact.float(), "x_hat")
    for scale in (torch.tensor(0.1, dtype=torch.float64), torch.full((1, 3), 0.1, dtype=torch.float64)):
        expect_close(dequantize(q, scale, 7), oracle.real(q, scale, 7), "x_hat", relative=1e-14)


@law("03.3", "nothing that is handed in changes, and no autograd graph comes out")
@cases(inputs.int8_codes, inputs.int32_codes, inputs.strided_codes)
def test_dequantize_is_clean(dequantize, x):
    scale, zero_point = torch.tensor(0.25, requires_grad=True), torch.tensor(4, dtype=torch.int32)
    reply = dequantize.reply(x, scale, zero_point)
    expect_clean(reply)
    expect_equal(reply.value, oracle.real(x, scale, zero_point).float(), "x_hat")


@law("03.3", "codes that are not integers, and scales that make no sense, are refused")
def test_dequantize_refuses(dequantize):
    q = torch.tensor([[1, 2, 3]], dtype=torch.int8)
    for wrong in (torch.tensor([1.0, 2.0]), [1, 2]):
        expect_raises(dequantize, TypeError, wrong, 0.1, naming="q")
    for scale in NO_SCALES:
        expect_raises(dequantize, ValueError, q, scale, naming="scale")
    expect_raises(dequantize, ValueError, q, 0.1, torch.zeros(4, dtype=torch.int32), naming="zero_point")


@law("03.4", "almost all of the error of T with scale 3.5 is one clipped value")
def test_shares_of_the_reference(split_error):
    x_hat = torch.tensor([[192.5, -14.0, 689.5], [91.0, 294.0, -185.5], [0.0, 686.0, 245.0]])
    expect_shares(split_error(T, x_hat, 3.5, -70), 169.8676, 1.0077, relative=1e-4)  # 170.8753 in all


@law("03.4", "the two shares add up to the mean squared error")
@cases(*inputs.ORDINARY, *inputs.ONE_SIDED, *inputs.DTYPES, inputs.huge, inputs.tiny, inputs.one_element)
def test_shares_add_up(split_error, x):
    scale, zero_point = oracle.some_parameters(x)
    x_hat = oracle.real(oracle.codes(x, scale, zero_point), scale, zero_point).float()
    shares = expect_results(split_error(x, x_hat, scale, zero_point), "clipping", "rounding")
    total = sum(expect_number(share, "a share") for share in shares)
    expect_close(total, oracle.mse(x, x_hat), "clipping + rounding", relative=1e-4)


@law("03.4", "outside the range is clipping, everything else is rounding")
@cases(*inputs.ORDINARY, *inputs.ONE_SIDED, *inputs.DTYPES)
def test_who_is_clipped(split_error, x):
    scale, zero_point = oracle.some_parameters(x)
    x_hat = oracle.real(oracle.codes(x, scale, zero_point), scale, zero_point).float()
    expected = oracle.shares(x, x_hat, scale, zero_point)
    got = split_error(x, x_hat, scale, zero_point)
    expect_shares(got, *expected, relative=1e-4)


@law("03.4", "a value inside the range that gets the last code is rounded, not clipped")
def test_rounded_to_an_end(split_error):
    x = torch.tensor([126.75, 127.0, -127.75, -128.0, 3.25])
    x_hat = torch.tensor([127.0, 126.0, -128.0, -126.0, 3.0])
    expect_shares(split_error(x, x_hat, 1.0), 0.0, (0.0625 * 3 + 1 + 4) / 5)


@law("03.4", "a value just outside the range is clipped, below and above")
def test_clipped_at_both_ends(split_error):
    x, x_hat = torch.tensor([127.25, -128.5, 3.25, 200.0]), torch.tensor([127.0, -128.0, 3.0, 127.0])
    expect_shares(split_error(x, x_hat, 1.0), (0.0625 + 0.25 + 73**2) / 4, 0.0625 / 4)


@law("03.4", "the ends of the range are exact to float32")
def test_close_to_the_ends(split_error):
    x, x_hat = torch.tensor([12.699, 12.701, -12.799, -12.801]), torch.tensor([12.0, 12.0, -12.0, -12.0])
    expect_shares(split_error(x, x_hat, 0.1), *oracle.shares(x, x_hat, 0.1), relative=1e-5)


@law("03.4", "an infinite value is infinitely much clipping")
def test_infinite_value(split_error):
    for value in (torch.inf, -torch.inf):
        x, x_hat = torch.tensor([value, 0.25]), torch.tensor([127.0 if value > 0 else -128.0, 0.0])
        clipping, _ = expect_results(split_error(x, x_hat, 1.0), "clipping", "rounding")
        expect_equal(clipping, math.inf, "clipping")


@law("03.4", "an empty share is 0.0")
def test_empty_shares(split_error):
    x, last = torch.tensor([[0.25, -0.5], [1.0, 2.125]]), torch.full((2, 2), 127.0)
    expect_shares(split_error(x, x.round(), 1.0), 0.0, (0.0625 + 0.25 + 0.015625) / 4)
    expect_shares(split_error(x + 500, last, 1.0), oracle.mse(x + 500, last), 0.0)


@law("03.4", "scale, zero point, bits and signed all move the range")
def test_range_moves(split_error):
    x = torch.tensor([-40.0, -3.0, -0.5, 2.5, 9.0, 30.0, 190.0, 300.0])
    for bits, signed in ((8, True), (8, False), (4, True), (4, False), (2, True), (16, True)):
        for scale, zero_point in ((1.0, 0), (0.5, 1), (2.0, -2)):
            q = oracle.codes(x, scale, zero_point, bits=bits, signed=signed)
            x_hat = oracle.real(q, scale, zero_point).float()
            expected = oracle.shares(x, x_hat, scale, zero_point, bits=bits, signed=signed)
            got = split_error(x, x_hat, scale, zero_point, bits=bits, signed=signed)
            expect_shares(got, *expected)


@law("03.4", "every row may have its own range")
def test_ranges_by_row(split_error):
    x, x_hat = torch.tensor([[1.25, 200.0], [1.25, 200.0]]), torch.tensor([[1.0, 127.0], [0.0, 198.0]])
    scale, zero_point = torch.tensor([[1.0], [10.0]]), torch.tensor([[0], [-5]], dtype=torch.int32)
    expect_shares(split_error(x, x_hat, scale, zero_point), 73**2 / 4, (0.0625 + 1.5625 + 4) / 4)


@law("03.4", "any layout and dtype will do, and nothing that is handed in changes")
@cases(*inputs.LAYOUTS, inputs.bfloat16_row, inputs.zero_dim)
def test_split_is_clean(split_error, x):
    x_hat, scale = x.detach().float().round().requires_grad_(), torch.tensor(100.0, requires_grad=True)
    reply = split_error.reply(x, x_hat, scale)
    expect_clean(reply)
    expect_shares(reply.value, 0.0, oracle.mse(x, x_hat), relative=1e-4)


@law("03.4", "tensors that cannot be compared are refused")
def test_split_refuses(split_error):
    x = torch.tensor([[1.0, 2.0, 3.0]])
    expect_raises(split_error, TypeError, x.int(), x, 1.0, naming="x")
    expect_raises(split_error, TypeError, x, x.int(), 1.0, naming="x_hat")
    expect_raises(split_error, ValueError, x, x[0], 1.0, naming="x_hat")
    expect_raises(split_error, ValueError, x[:0], x[:0], 1.0, naming="x")
    expect_raises(split_error, ValueError, x * torch.nan, x, 1.0, naming="x")
    expect_raises(split_error, ValueError, x, x * torch.nan, 1.0, naming="x_hat")
    for scale in NO_SCALES:
        expect_raises(split_error, ValueError, x, x, scale, naming="scale")
    expect_raises(split_error, ValueError, x, x, 0.1, torch.zeros(4, dtype=torch.int32), naming="zero_point")
    expect_raises(split_error, ValueError, x, x, 1.0, bits=1, naming="bits")
