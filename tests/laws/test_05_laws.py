"""Lesson 5: symmetric quantization, and a measure of error that does not depend on the scale."""

from __future__ import annotations

import itertools
import math

import torch

from labs_lib.course.laws import (
    cases,
    expect_at_most,
    expect_clean,
    expect_close,
    expect_equal,
    expect_number,
    expect_raises,
    expect_results,
    expect_tensor,
    inputs,
    law,
)

from . import oracle
from .expectations import expect_codes, expect_half_step, expect_scale
from .oracle import T

BITS = (8, 4, 2, 16, 3)
RANGED = (
    *inputs.ORDINARY,
    *inputs.ONE_SIDED,
    *inputs.DTYPES,
    inputs.constant,
    inputs.one_element,
    inputs.zero_dim,
    inputs.tiny,
    inputs.huge,
)
NEAR_THE_SMALLEST = 1e-37  # the smallest normal float32 is 1.18e-38; a scale may stop there, or be finer
REFERENCE_CODES = torch.tensor([[33, -2, 127], [16, 52, -32], [0, 119, 43]], dtype=torch.int8)
DECIBEL_ERROR = 1e-4  # float32 sums are off by a millionth, which is 0.000004 dB


def expect_symmetric(got, x, bits=8):
    """Codes that belong to the scale beside them, none of them the most negative."""
    q, scale = expect_results(got, "q", "scale")
    scale = expect_scale(scale)
    return expect_codes(q, x, scale, bits=bits, restricted=True), scale


@law("05.1", "the tensor T has scale 728.6 / 127")
def test_reference_scale(choose_scale):
    expect_scale(choose_scale(T), 5.737007681)


@law("05.1", "the scale puts the largest magnitude on the largest code")
@cases(*RANGED)
def test_scale(choose_scale, x):
    for bits in BITS:
        expect_scale(choose_scale(x, bits=bits), oracle.symmetric_step(x, bits=bits))


@law("05.1", "the sign does not matter, and neither does the side of the largest value")
def test_sign(choose_scale):
    for x in ([-12.7, 3.0], [12.7, -3.0], [-12.7, -3.0], [-12.7], [0.0] * 5000 + [-12.7]):
        expect_scale(choose_scale(torch.tensor(x)), 0.1)


@law("05.1", "fewer bits, larger steps: 1/127, 1/7 and 1/1 of the largest magnitude")
def test_bits(choose_scale):
    for bits, step in ((8, 2 / 127), (4, 2 / 7), (2, 2.0), (16, 2 / 32767)):
        expect_scale(choose_scale(torch.tensor([0.5, -2.0]), bits=bits), step)


@law("05.1", "a tensor of zeros has a positive scale")
def test_zeros(choose_scale):
    expect_scale(choose_scale(torch.zeros(3, 2)))
    expect_scale(choose_scale(torch.tensor(-0.0)))


@law("05.1", "the smallest numbers of float32 have a scale too")
@cases(inputs.subnormal)
def test_subnormal(choose_scale, x):
    scale = expect_scale(choose_scale(x))
    expect_at_most(scale, NEAR_THE_SMALLEST, "scale")


@law("05.1", "any layout will do, nothing that is handed in changes, and no autograd graph comes out")
@cases(*inputs.LAYOUTS, inputs.bfloat16, inputs.zero_dim)
def test_choose_is_clean(choose_scale, x):
    reply = choose_scale.reply(x)
    expect_clean(reply)
    expect_scale(reply.value, oracle.symmetric_step(x))


@law("05.1", "an empty tensor, NaN and infinity have no range and are refused")
@cases(*inputs.REFUSED)
def test_choose_refuses_values(choose_scale, x):
    expect_raises(choose_scale, ValueError, x, naming="x")


@law("05.1", "integers, impossible widths and values beyond float32 are refused")
def test_choose_refuses_types(choose_scale):
    expect_raises(choose_scale, TypeError, torch.tensor([1, 2, 3]), naming="x")
    expect_raises(choose_scale, ValueError, torch.tensor([1e300], dtype=torch.float64), naming="x")
    for bits in (1, 17, 0):
        expect_raises(choose_scale, ValueError, T, bits=bits, naming="bits")


@law("05.2", "the tensor T has the reference codes and scale 5.7370")
def test_reference_codes(quantize_symmetric):
    q, scale = expect_results(quantize_symmetric(T), "q", "scale")
    expect_equal(q, REFERENCE_CODES, "q")
    expect_scale(scale, 5.737007681)


@law("05.2", "T comes back with a mean squared error of 2.5092")
def test_reference_error(quantize_symmetric):
    q, scale = expect_symmetric(quantize_symmetric(T), T)
    expect_close(oracle.mse(T, oracle.real(q, scale)), 2.5092, "mse", relative=1e-4)


@law("05.2", "the most negative code is never produced")
@cases(*inputs.FINITE)
def test_restricted_range(quantize_symmetric, x):
    negative = -x.detach().abs()
    for bits in (2, 8):
        q, _ = expect_results(quantize_symmetric(negative, bits=bits), "q", "scale")
        q = expect_tensor(q, "q", shape=x.shape, dtype=oracle.code_dtype(bits, True))
        expect_at_most(-q.double(), 2 ** (bits - 1) - 1, "-q")


@law("05.2", "the scale is that of the largest magnitude, for all bits")
@cases(*RANGED)
def test_scale_beside_the_codes(quantize_symmetric, x):
    for bits in BITS:
        _, scale = expect_results(quantize_symmetric(x, bits=bits), "q", "scale")
        expect_scale(scale, oracle.symmetric_step(x, bits=bits))


@law("05.2", "every value comes back within half a step")
@cases(*inputs.FINITE)
def test_round_trip(quantize_symmetric, x):
    for bits in BITS:
        q, scale = expect_symmetric(quantize_symmetric(x, bits=bits), x, bits)
        expect_half_step(x, oracle.real(q, scale), oracle.symmetric_step(x, bits=bits))


@law("05.2", "negating x negates the codes and keeps the scale")
@cases(inputs.straddling, inputs.offset, inputs.largest_is_negative, inputs.bfloat16_row)
def test_negation(quantize_symmetric, x):
    q, scale = expect_symmetric(quantize_symmetric(x), x)
    negated, same_scale = expect_symmetric(quantize_symmetric(-x), -x)
    expect_equal(negated, -q, "q of -x")
    expect_equal(same_scale, scale, "scale of -x")


@law("05.2", "half a step goes to the even integer")
def test_ties(quantize_symmetric):
    x = torch.tensor([127.0, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5])  # the scale is 1
    expected = torch.tensor([127, 0, 2, 2, 0, -2, -2], dtype=torch.int8)
    expect_equal(expect_symmetric(quantize_symmetric(x), x)[0], expected, "q")


@law("05.2", "zeros come back as zeros")
def test_zeros_stay(quantize_symmetric):
    for x in (torch.zeros(3, 2), torch.tensor([0.0, 0.3, -7.1]), torch.tensor([0.0, 12.7])):
        q, scale = expect_symmetric(quantize_symmetric(x), x)
        expect_equal(oracle.real(q, scale)[x == 0], x[x == 0].double(), "x_hat where x is 0.0")


@law("05.2", "any layout will do, nothing that is handed in changes, and no autograd graph comes out")
@cases(*inputs.LAYOUTS, inputs.bfloat16, inputs.zero_dim)
def test_quantize_is_clean(quantize_symmetric, x):
    reply = quantize_symmetric.reply(x)
    expect_clean(reply)
    expect_symmetric(reply.value, x)


@law("05.2", "what has no range is refused, and so are integers and impossible widths")
@cases(*inputs.REFUSED)
def test_quantize_refuses(quantize_symmetric, x):
    expect_raises(quantize_symmetric, ValueError, x, naming="x")
    expect_raises(quantize_symmetric, TypeError, torch.tensor([1, 2, 3]), naming="x")
    expect_raises(quantize_symmetric, ValueError, T, bits=1, naming="bits")


@law("05.3", "a hundred times as much signal power as noise power is 20 dB")
def test_twenty_decibels(sqnr_db):
    expect_close(sqnr_db(torch.tensor([3.0, 4.0]), torch.tensor([3.0, 4.5])), 20.0, "dB")
    expect_close(sqnr_db(torch.tensor([[10.0]]), torch.tensor([[9.0]])), 20.0, "dB")


@law("05.3", "equal tensors have infinitely many decibels")
def test_no_noise(sqnr_db):
    for x in (T, torch.zeros(4), torch.tensor(1e-30)):
        expect_equal(sqnr_db(x, x.clone()), math.inf, "dB")


@law("05.3", "a difference in the last bits still counts")
def test_little_noise(sqnr_db):
    x, x_hat = torch.tensor([1.0, -2.0]), torch.tensor([1.0 + 2.0**-20, -2.0 + 2.0**-21])
    expect_close(sqnr_db(x, x_hat), oracle.decibels(x, x_hat), "dB", absolute=DECIBEL_ERROR)


@law("05.3", "noise without a signal is minus infinity")
def test_no_signal(sqnr_db):
    expect_equal(sqnr_db(torch.zeros(3), torch.tensor([0.0, 0.1, 0.0])), -math.inf, "dB")


@law("05.3", "it is 10 * log10 of signal power over noise power")
@cases(*inputs.ORDINARY, *inputs.ONE_SIDED, *inputs.DTYPES, inputs.one_element)
def test_definition(sqnr_db, x):
    values = x.detach().double()
    for noise in (0.3, 0.01, 2.5):
        x_hat = (values - noise * values * torch.linspace(1, -0.5, x.numel()).reshape(x.shape)).float()
        expect_close(sqnr_db(x, x_hat), oracle.decibels(x, x_hat), "dB", absolute=DECIBEL_ERROR)


@law("05.3", "the first tensor is the signal, the second is not")
def test_which_is_the_signal(sqnr_db):
    one, other = torch.tensor([1.0, -2.0, 2.0]), torch.tensor([10.0, 4.0, -7.0])
    expect_close(sqnr_db(one, other), oracle.decibels(one, other), "dB", absolute=DECIBEL_ERROR)
    expect_close(sqnr_db(other, one), oracle.decibels(other, one), "dB", absolute=DECIBEL_ERROR)


@law("05.3", "one factor on both tensors changes nothing, however large or small")
def test_scaling(sqnr_db):
    x, x_hat = torch.tensor([3.0, -4.0, 0.5]), torch.tensor([3.125, -4.0, 0.25])
    for factor in (1.0, 1e-3, 1e4, 1e25, 1e-25, -1.0):
        got = sqnr_db(x * factor, x_hat * factor)
        expect_close(got, oracle.decibels(x * factor, x_hat * factor), "dB", absolute=DECIBEL_ERROR)


@law("05.3", "one bit more is worth about 6 dB")
def test_six_decibels(sqnr_db):
    x = torch.linspace(-1, 1, 4001)
    decibels = []
    for bits in range(4, 10):
        step = oracle.symmetric_step(x, bits=bits)
        x_hat = oracle.real(oracle.codes(x, step, bits=bits), step).float()
        decibels.append(expect_number(sqnr_db(x, x_hat), f"dB at {bits} bits"))
    for fewer, more in itertools.pairwise(decibels):
        expect_close(more - fewer, 6.3, "dB of one more bit", relative=0, absolute=0.5)


@law("05.3", "any layout and dtype will do, and nothing that is handed in changes")
@cases(*inputs.LAYOUTS, inputs.bfloat16, inputs.zero_dim, inputs.float64)
def test_decibels_are_clean(sqnr_db, x):
    x_hat = (x.detach().float() * 0.9).requires_grad_()
    reply = sqnr_db.reply(x, x_hat)
    expect_clean(reply)
    expect_close(reply.value, oracle.decibels(x, x_hat), "dB", absolute=DECIBEL_ERROR)


@law("05.3", "tensors that cannot be compared are refused")
def test_decibels_refuse(sqnr_db):
    x = torch.tensor([1.0, 2.0])
    expect_raises(sqnr_db, TypeError, torch.tensor([1, 2]), x, naming="x")
    expect_raises(sqnr_db, TypeError, x, torch.tensor([1, 2]), naming="x_hat")
    expect_raises(sqnr_db, ValueError, x, torch.tensor([[1.0, 2.0]]), naming="x_hat")
    expect_raises(sqnr_db, ValueError, x[:0], x[:0], naming="x")
    expect_raises(sqnr_db, ValueError, torch.tensor([1.0, torch.nan]), x, naming="x")
    expect_raises(sqnr_db, ValueError, x, torch.tensor([1.0, torch.nan]), naming="x_hat")
