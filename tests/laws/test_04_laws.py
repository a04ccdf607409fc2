"""Lesson 4: choose the scale and the zero point of a tensor."""

from __future__ import annotations

import torch

from labs_lib.course.laws import (
    cases,
    expect_at_most,
    expect_clean,
    expect_close,
    expect_equal,
    expect_raises,
    expect_results,
    expect_tensor,
    inputs,
    law,
)

from . import oracle
from .expectations import (
    expect_codes,
    expect_half_step,
    expect_scale,
    expect_zero_at_its_code,
    expect_zero_point,
)
from .oracle import T, widths_for

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
REFERENCE_CODES = torch.tensor([[-23, -81, 127], [-51, 6, -128], [-77, 114, -8]], dtype=torch.int8)


def expect_qparams(got, bits=8, signed=True):
    """A scale and a zero point, as a pair of 0-dim tensors."""
    scale, zero_point = expect_results(got, "scale", "zero_point")
    return expect_scale(scale), expect_zero_point(zero_point, bits=bits, signed=signed)


def expect_quantized(got, x, bits=8, signed=True):
    """Codes that belong to the parameters beside them."""
    q, scale, zero_point = expect_results(got, "q", "scale", "zero_point")
    scale, zero_point = expect_scale(scale), expect_zero_point(zero_point, bits=bits, signed=signed)
    return expect_codes(q, x, scale, zero_point, bits=bits, signed=signed), scale, zero_point


@law("04.1", "the tensor T has scale 3.5788 and zero point -77")
def test_reference_parameters(choose_qparams):
    scale, zero_point = expect_results(choose_qparams(T), "scale", "zero_point")
    expect_scale(scale, 3.578823433)
    expect_equal(zero_point, torch.tensor(-77, dtype=torch.int32), "zero_point")


@law("04.1", "the scale is the range, widened to contain 0, divided by the number of steps")
@cases(*RANGED)
def test_scale(choose_qparams, x):
    for bits, signed in widths_for(x):
        scale, _ = expect_results(choose_qparams(x, bits=bits, signed=signed), "scale", "zero_point")
        expect_scale(scale, oracle.step(x, bits=bits))


@law("04.1", "the zero point is where 0.0 lands when the low end of the range lands on the first code")
@cases(*RANGED)
def test_zero_point(choose_qparams, x):
    for bits, signed in widths_for(x):
        _, zero_point = expect_results(choose_qparams(x, bits=bits, signed=signed), "scale", "zero_point")
        zero_point = expect_zero_point(zero_point, bits=bits, signed=signed)
        expect_zero_at_its_code(zero_point, x, bits=bits, signed=signed)


@law("04.1", "values from 10 to 20, or from -6 to -1, keep a code for 0.0")
def test_one_sided(choose_qparams):
    for x, step, zero_point in (([10.0, 20.0, 12.5], 20 / 255, -128), ([-6.0, -1.0, -2.5], 6 / 255, 127)):
        scale, code = expect_results(choose_qparams(torch.tensor(x)), "scale", "zero_point")
        expect_scale(scale, step)
        expect_equal(code, torch.tensor(zero_point, dtype=torch.int32), "zero_point")


@law("04.1", "the zero point is rounded to the nearest code")
def test_zero_point_is_nearest(choose_qparams):
    for low, zero_point in ((-76.499, -52), (-76.501, -51), (-3.25, -125), (-3.75, -124)):  # the scale is 1
        _, code = expect_results(choose_qparams(torch.tensor([low, low + 255])), "scale", "zero_point")
        expect_equal(code, torch.tensor(zero_point, dtype=torch.int32), "zero_point")


@law("04.1", "every value comes back within half a step")
@cases(*inputs.FINITE)
def test_half_a_step(choose_qparams, x):
    for bits, signed in widths_for(x):
        scale, zero_point = expect_qparams(choose_qparams(x, bits=bits, signed=signed), bits, signed)
        q = oracle.codes(x, scale, zero_point, bits=bits, signed=signed)
        expect_half_step(x, oracle.real(q, scale, zero_point), oracle.step(x, bits=bits))


@law("04.1", "a tensor of zeros has a positive scale, and so has one of equal values")
def test_no_width(choose_qparams):
    for value in (0.0, -0.0, 5.0, -3.0, 1e-30):
        expect_qparams(choose_qparams(torch.full((3, 2), value)))


@law("04.1", "the smallest numbers of float32 have a scale too")
@cases(inputs.subnormal)
def test_subnormal(choose_qparams, x):
    scale, _ = expect_qparams(choose_qparams(x))
    expect_at_most(scale, NEAR_THE_SMALLEST, "scale")


@law("04.1", "any layout will do, nothing that is handed in changes, and no autograd graph comes out")
@cases(*inputs.LAYOUTS, inputs.bfloat16, inputs.zero_dim)
def test_choose_is_clean(choose_qparams, x):
    reply = choose_qparams.reply(x)
    expect_clean(reply)
    _, zero_point = expect_qparams(reply.value)
    expect_scale(reply.value[0], oracle.step(x))
    expect_zero_at_its_code(zero_point, x)


@law("04.1", "an empty tensor, NaN and infinity have no range and are refused")
@cases(*inputs.REFUSED)
def test_choose_refuses_values(choose_qparams, x):
    expect_raises(choose_qparams, ValueError, x, naming="x")


@law("04.1", "integers, impossible widths and values beyond float32 are refused")
def test_choose_refuses_types(choose_qparams):
    expect_raises(choose_qparams, TypeError, torch.tensor([1, 2, 3]), naming="x")
    expect_raises(choose_qparams, ValueError, torch.tensor([1e300], dtype=torch.float64), naming="x")
    for bits, signed in ((1, True), (17, True), (9, False)):
        expect_raises(choose_qparams, ValueError, T, bits=bits, signed=signed, naming="bits")


@law("04.2", "the tensor T has the reference codes, scale 3.5788 and zero point -77")
def test_reference_codes(quantize_asymmetric):
    q, scale, zero_point = expect_results(quantize_asymmetric(T), "q", "scale", "zero_point")
    expect_equal(q, REFERENCE_CODES, "q")
    expect_scale(scale, 3.578823433)
    expect_equal(zero_point, torch.tensor(-77, dtype=torch.int32), "zero_point")


@law("04.2", "T comes back with a mean squared error of 1.5730")
def test_reference_error(quantize_asymmetric):
    q, scale, zero_point = expect_quantized(quantize_asymmetric(T), T)
    expect_close(oracle.mse(T, oracle.real(q, scale, zero_point)), 1.5730, "mse", relative=1e-4)


@law("04.2", "scale and zero point are those of the range, for all bits and signed")
@cases(*RANGED)
def test_parameters_of_the_range(quantize_asymmetric, x):
    for bits, signed in widths_for(x):
        got = quantize_asymmetric(x, bits=bits, signed=signed)
        _, scale, zero_point = expect_results(got, "q", "scale", "zero_point")
        expect_scale(scale, oracle.step(x, bits=bits))
        zero_point = expect_zero_point(zero_point, bits=bits, signed=signed)
        expect_zero_at_its_code(zero_point, x, bits=bits, signed=signed)


@law("04.2", "the codes belong to the scale and the zero point beside them")
@cases(*inputs.FINITE)
def test_codes_belong(quantize_asymmetric, x):
    for bits, signed in widths_for(x):
        expect_quantized(quantize_asymmetric(x, bits=bits, signed=signed), x, bits, signed)


@law("04.2", "every value comes back within half a step")
@cases(*inputs.FINITE)
def test_round_trip(quantize_asymmetric, x):
    for bits, signed in widths_for(x):
        got = quantize_asymmetric(x, bits=bits, signed=signed)
        q, scale, zero_point = expect_results(got, "q", "scale", "zero_point")
        q = expect_tensor(q, "q", shape=x.shape, dtype=oracle.code_dtype(bits, signed))
        x_hat = oracle.real(q, expect_scale(scale), expect_zero_point(zero_point, bits=bits, signed=signed))
        expect_half_step(x, x_hat, oracle.step(x, bits=bits))


@law("04.2", "zeros come back as zeros")
def test_zeros(quantize_asymmetric):
    for x in (torch.zeros(3, 2), torch.tensor([0.0, 0.3, -7.1]), torch.tensor([0.0, 12.7])):
        q, scale, zero_point = expect_quantized(quantize_asymmetric(x), x)
        expect_equal(oracle.real(q, scale, zero_point)[x == 0], x[x == 0].double(), "x_hat where x is 0.0")


@law("04.2", "any layout will do, nothing that is handed in changes, and no autograd graph comes out")
@cases(*inputs.LAYOUTS, inputs.bfloat16, inputs.zero_dim)
def test_quantize_is_clean(quantize_asymmetric, x):
    reply = quantize_asymmetric.reply(x)
    expect_clean(reply)
    expect_quantized(reply.value, x)


@law("04.2", "what has no range is refused, and so are integers and impossible widths")
@cases(*inputs.REFUSED)
def test_quantize_refuses(quantize_asymmetric, x):
    expect_raises(quantize_asymmetric, ValueError, x, naming="x")
    expect_raises(quantize_asymmetric, TypeError, torch.tensor([1, 2, 3]), naming="x")
    expect_raises(quantize_asymmetric, ValueError, T, bits=9, signed=False, naming="bits")
