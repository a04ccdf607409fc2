"""Lesson 8: one scale for every few neighbours of a row, and the way back."""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
from torch import Tensor

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
from .expectations import SCALE_TOLERANCE
from .groups import expect_group_scales, expect_groups, group_steps, largest_of_groups, spread
from .oracle import T

BITS = (8, 4, 2, 16, 3)
SIZES = (1, 2, 3, 4, 5, 7, 64)  # of groups: dividing the rows of the cases or not, and longer than they are
RANKED = (*inputs.ORDINARY, *inputs.ONE_SIDED, *inputs.DTYPES)
EXTREME = (inputs.constant, inputs.one_element, inputs.tiny, inputs.huge)
NEAR_THE_SMALLEST = 1e-37  # the smallest normal float32 is 1.18e-38; a scale may stop there, or be finer
ROW_CODES = torch.tensor([[33, -2, 127], [40, 127, -79], [0, 127, 46]], dtype=torch.int8)
ROW_SCALES = torch.tensor([[5.737007681], [2.326771685], [5.390551181]])
CLOSE = 1e-6  # of a product of a code and a scale


@law("08.1", "T in groups of 3 is T row by row: the same codes, the same scales")
def test_reference_groups(quantize_per_group):
    q, scale = expect_results(quantize_per_group(T, 3), "q", "scale")
    expect_equal(q, ROW_CODES, "q")
    expect_close(scale, ROW_SCALES, "scale", relative=SCALE_TOLERANCE)


@law("08.1", "a row of five in groups of two has three scales, the last one for a single value")
def test_a_row_of_five(quantize_per_group):
    x = torch.tensor([[1.27, -0.3, 0.4, 12.7, -0.127], [-2.54, 1.0, 0.0, 0.127, 25.4]])
    q, scale = expect_results(quantize_per_group(x, 2), "q", "scale")
    expect_close(scale, torch.tensor([[0.01, 0.1, 0.001], [0.02, 0.001, 0.2]]), "scale", relative=SCALE_TOLERANCE)
    expect_equal(q, torch.tensor([[127, -30, 4, 127, -127], [-127, 50, 0, 127, 127]], dtype=torch.int8), "q")


@law("08.1", "there are ceil(n / group_size) scales for every row of n, and the codes keep the shape of x")
def test_shapes(quantize_per_group):
    for shape in ((5,), (4, 6), (1, 7), (7, 1), (2, 3, 5), (2, 1, 3, 4)):
        x = torch.arange(1, math.prod(shape) + 1, dtype=torch.float32).reshape(shape)
        for group_size in SIZES:
            q, scale = expect_results(quantize_per_group(x, group_size), "q", "scale")
            expect_tensor(q, "q", shape=shape, dtype=torch.int8)
            groups = math.ceil(shape[-1] / group_size)
            expect_tensor(scale, "scale", shape=(*shape[:-1], groups), dtype=torch.float32)


@law("08.1", "the scale of a group puts its largest magnitude on the largest code, at every width")
@cases(*RANKED, *EXTREME)
def test_scales(quantize_per_group, x):
    for bits, group_size in itertools.product(BITS, (2, 3, 64)):
        _, scale = expect_results(quantize_per_group(x, group_size, bits=bits), "q", "scale")
        expect_group_scales(scale, x, group_size, bits=bits)


@law("08.1", "every value has the code that is nearest in its own group, at every width")
@cases(*RANKED, *EXTREME)
def test_codes(quantize_per_group, x):
    for bits, group_size in itertools.product(BITS, (3, 4)):
        expect_groups(quantize_per_group(x, group_size, bits=bits), x, group_size, bits=bits)


@law("08.1", "groups run along the rows, in a square matrix too")
def test_along_the_last_axis(quantize_per_group):
    columns = torch.tensor([1.0, 2.0, 40.0, 80.0])
    x = columns * torch.tensor([[1.27], [2.54], [-5.08], [12.7]])
    for matrix in (x, x.T):
        expect_groups(quantize_per_group(matrix, 2), matrix, 2)


@law("08.1", "a group holds neighbours, not every other value")
def test_neighbours(quantize_per_group):
    small, large = torch.full((2, 4), 0.127), torch.full((2, 4), 127.0)
    expect_groups(quantize_per_group(torch.cat([small, large], dim=1), 4), torch.cat([small, large], dim=1), 4)
    alternating = torch.stack([small, large], dim=-1).reshape(2, 8)
    expect_groups(quantize_per_group(alternating, 4), alternating, 4)


@law("08.1", "a group never crosses a row, even where the whole tensor could be cut evenly")
def test_rows_are_apart(quantize_per_group):
    x = torch.tensor([[1.0], [1000.0], [0.001]]) * torch.linspace(-1, 2, 10)
    for group_size in (6, 15, 4, 30):  # 30 values in all
        expect_groups(quantize_per_group(x, group_size), x, group_size)
    tall = x.T  # rows of 3, in 10 rows
    for group_size in (2, 5, 6, 10):
        expect_groups(quantize_per_group(tall, group_size), tall, group_size)


@law("08.1", "a row is quantized as if it stood alone")
def test_rows_stand_alone(quantize_per_group):
    x = torch.tensor([[0.3, -4.0, 2.0, 7.0, 0.1], [900.0, 3.0, -8.0, 0.5, 0.2], [0.0, 0.0, 0.01, -0.02, 1.0]])
    for group_size in (2, 3, 4):
        q, scale = expect_groups(quantize_per_group(x, group_size), x, group_size)
        for index, row in enumerate(x):
            alone, its_scale = expect_groups(quantize_per_group(row, group_size), row, group_size)
            expect_equal(alone, q[index], f"q of row {index} alone")
            expect_close(its_scale, scale[index], f"scale of row {index} alone", relative=SCALE_TOLERANCE)


@law("08.1", "a short last group is a group like the others: its own largest value has the largest code")
def test_short_groups(quantize_per_group):
    x = torch.tensor([[5.0, -2.0, 100.0, 0.25], [-0.5, 0.125, 3.0, -800.0], [1.0, 1.0, 1.0, 1e-3]])
    for bits in (8, 4, 2):
        q, _ = expect_groups(quantize_per_group(x, 3, bits=bits), x, 3, bits=bits)
        expected = x[:, 3].sign() * (2 ** (bits - 1) - 1)
        expect_equal(q[:, 3].double(), expected.double(), "q of the last column, each value alone in its group")


@law("08.1", "groups as long as a row, or longer, are rows")
def test_long_groups(quantize_per_group):
    for x in (T, T[:, :2], T[0]):
        for group_size in (x.shape[-1], x.shape[-1] + 1, 1000):
            q, scale = expect_results(quantize_per_group(x, group_size), "q", "scale")
            expect_tensor(scale, "scale", shape=(*x.shape[:-1], 1), dtype=torch.float32)
            expect_groups((q, scale), x, group_size)


@law("08.1", "in groups of one every value but 0 has the largest code, and comes back")
def test_groups_of_one(quantize_per_group):
    q, scale = expect_groups(quantize_per_group(T, 1), T, 1)
    expect_equal(q, (127 * T.sign()).to(torch.int8), "q")
    expect_close(oracle.real(q, scale), T.double(), "x_hat", relative=SCALE_TOLERANCE)


@law("08.1", "no value moves by more than half a step of its group")
@cases(*RANKED)
def test_half_a_step(quantize_per_group, x):
    for bits, group_size in ((8, 3), (4, 4), (2, 2)):
        q, scale = expect_groups(quantize_per_group(x, group_size, bits=bits), x, group_size, bits=bits)
        x_hat = oracle.real(q, spread(scale, group_size, x.shape[-1]))
        bound = spread(group_steps(x, group_size, bits=bits), group_size, x.shape[-1]) / 2
        width = torch.as_tensor(np.abs(oracle.array(x)))
        expect_at_most((x.detach().double() - x_hat).abs(), bound + oracle.SLACK * width, "|x - x_hat|")


@law("08.1", "an outlier changes its own group and no other")
def test_outlier(quantize_per_group):
    x = torch.sin(1.3 * torch.arange(1, 41)).reshape(4, 10)
    spoiled = x.clone()
    spoiled[1, 5] = -4000.0
    others = torch.ones(4, 10, dtype=torch.bool)
    others[1, 4:8] = False
    q, scale = expect_groups(quantize_per_group(x, 4), x, 4)
    spoiled_q, spoiled_scale = expect_groups(quantize_per_group(spoiled, 4), spoiled, 4)
    expect_equal(spoiled_q[others], q[others], "q outside the outlier's group")
    same = torch.tensor([[True] * 3, [True, False, True], [True] * 3, [True] * 3])
    expect_equal(spoiled_scale[same], scale[same], "scale of the other groups")


@law("08.1", "the largest magnitude counts, whatever its sign, and the most negative code is never produced")
@cases(*RANKED)
def test_restricted_range(quantize_per_group, x):
    negative = -x.detach().abs()
    for bits in BITS:
        expect_groups(quantize_per_group(negative, 3, bits=bits), negative, 3, bits=bits)


@law("08.1", "half a step goes to the even integer")
def test_ties(quantize_per_group):
    x = torch.tensor([[127.0, 0.5, 1.5, 2.5], [-127.0, -0.5, -1.5, -2.5]])  # the scale is 1
    expected = torch.tensor([[127, 0, 2, 2], [-127, 0, -2, -2]], dtype=torch.int8)
    expect_equal(expect_groups(quantize_per_group(x, 4), x, 4)[0], expected, "q")


@law("08.1", "a group of zeros has a positive scale and comes back as zeros")
def test_zero_groups(quantize_per_group):
    for x in (torch.zeros(3, 5), torch.tensor([[0.0, -0.0, 3.0, 4.0, 0.0], [1.0, 2.0, 0.0, 0.0, 5.0]])):
        q, scale = expect_groups(quantize_per_group(x, 2), x, 2)
        expect_equal(oracle.real(q, spread(scale, 2, 5))[x == 0], torch.zeros_like(x[x == 0]).double(), "x_hat")


@law("08.1", "tiny groups beside ordinary ones keep a scale that fits them")
@cases(inputs.subnormal, inputs.tiny)
def test_tiny_groups(quantize_per_group, x):
    beside = torch.cat([x, torch.ones(4)])
    q, scale = expect_groups(quantize_per_group(beside, 4), beside, 4)
    expect_tensor(q, "q", shape=beside.shape, dtype=torch.int8)
    fits = torch.as_tensor(largest_of_groups(x, 4)) / 127 + NEAR_THE_SMALLEST
    expect_at_most(scale[: len(fits)], fits, "scale of a tiny group")


@law("08.1", "any layout and any rank will do, nothing that is handed in changes, and no autograd graph comes out")
@cases(*inputs.LAYOUTS, inputs.bfloat16, inputs.three_dim, inputs.offset)
def test_quantize_is_clean(quantize_per_group, x):
    for group_size in (2, 4, 5):
        reply = quantize_per_group.reply(x, group_size)
        expect_clean(reply)
        expect_groups(reply.value, x, group_size)


@law("08.1", "an empty tensor, NaN and infinity have no range and are refused")
@cases(*inputs.REFUSED)
def test_quantize_refuses_values(quantize_per_group, x):
    expect_raises(quantize_per_group, ValueError, x, 2, naming="x")


@law("08.1", "what has no last axis, no width or no group size is refused")
def test_quantize_refuses(quantize_per_group):
    expect_raises(quantize_per_group, ValueError, torch.tensor(1.0), 2, naming="x")
    expect_raises(quantize_per_group, ValueError, torch.empty(3, 0), 2, naming="x")
    expect_raises(quantize_per_group, TypeError, torch.tensor([[1, 2, 3]]), 2, naming="x")
    expect_raises(quantize_per_group, ValueError, torch.tensor([1e300], dtype=torch.float64), 2, naming="x")
    for group_size in (0, -1, -3):
        expect_raises(quantize_per_group, ValueError, T, group_size, naming="group_size")
    for bits in (1, 17, 0):
        expect_raises(quantize_per_group, ValueError, T, 2, bits=bits, naming="bits")


def some_scales(q: Tensor, group_size: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """A different scale for every group."""
    shape = (*q.shape[:-1], math.ceil(q.shape[-1] / group_size))
    return (0.25 + 0.375 * torch.arange(math.prod(shape), dtype=dtype)).reshape(shape)


def expect_values(got: object, q: Tensor, scale: Tensor, group_size: int) -> Tensor:
    """Every code times the scale of its group, in the scale's dtype (float32 or wider)."""
    wanted = oracle.real(q, spread(scale, group_size, q.shape[-1]))
    dtype = torch.promote_types(scale.dtype, torch.float32)
    x_hat = expect_tensor(got, "x_hat", shape=q.shape, dtype=dtype)
    expect_close(x_hat, wanted.to(dtype), "x_hat", relative=CLOSE)
    return x_hat


@law("08.2", "[100, -30, 5] in groups of two, with the scales 0.25 and 2, is [25, -7.5, 10]")
def test_reference_values(dequantize_per_group):
    q, scale = torch.tensor([[100, -30, 5]], dtype=torch.int8), torch.tensor([[0.25, 2.0]])
    expect_equal(dequantize_per_group(q, scale, 2), torch.tensor([[25.0, -7.5, 10.0]]), "x_hat")


@law("08.2", "T comes back from groups of 3 with a mean squared error of 1.8084, and from groups of 2 with 0.0970")
def test_reference_error(dequantize_per_group):
    for group_size, error in ((3, 1.808444), (2, 0.09702)):
        scale = group_steps(T, group_size).float()
        q = oracle.codes(T, spread(scale, group_size, 3))
        x_hat = expect_values(dequantize_per_group(q, scale, group_size), q, scale, group_size)
        expect_close(oracle.mse(T, x_hat), error, "mse", relative=1e-3)


@law("08.2", "a scale stands for its neighbours: [a, b] becomes [a, a, a, b, b, b]")
def test_neighbours_share(dequantize_per_group):
    q = torch.ones(2, 6, dtype=torch.int8)
    scale = torch.tensor([[0.5, 2.0], [8.0, 32.0]])
    expected = torch.tensor([[0.5, 0.5, 0.5, 2.0, 2.0, 2.0], [8.0, 8.0, 8.0, 32.0, 32.0, 32.0]])
    expect_equal(dequantize_per_group(q, scale, 3), expected, "x_hat")


@law("08.2", "the last group may be short, in every row")
def test_short_groups_come_back(dequantize_per_group):
    for length, group_size in ((7, 3), (5, 4), (4, 3), (3, 2), (9, 5), (2, 7)):
        q = torch.arange(1, 3 * length + 1, dtype=torch.int16).reshape(3, length)
        scale = some_scales(q, group_size)
        expect_values(dequantize_per_group(q, scale, group_size), q, scale, group_size)


@law("08.2", "the group size says where a group ends; the shapes do not: two scales for ten codes can be 5 or 9")
def test_group_size_decides(dequantize_per_group):
    q = torch.arange(-10, 10, dtype=torch.int8).reshape(2, 10)
    scale = torch.tensor([[1.0, 64.0], [0.5, 16.0]])
    for group_size in (5, 6, 7, 8, 9):
        expect_values(dequantize_per_group(q, scale, group_size), q, scale, group_size)


@law("08.2", "codes of any integer dtype come back, at both ends of it, and nothing wraps")
@cases(*inputs.CODES)
def test_every_code(dequantize_per_group, x):
    for group_size in (1, 3, 4, 300):
        scale = some_scales(x, group_size)
        expect_values(dequantize_per_group(x, scale, group_size), x, scale, group_size)


@law("08.2", "any rank will do")
def test_ranks(dequantize_per_group):
    for shape in ((5,), (3, 5), (5, 3), (3, 3), (2, 3, 5), (2, 1, 3, 4)):
        q = torch.arange(-7, math.prod(shape) - 7, dtype=torch.int8).reshape(shape)
        for group_size in (1, 2, 3, 5, 8):
            scale = some_scales(q, group_size)
            expect_values(dequantize_per_group(q, scale, group_size), q, scale, group_size)


@law("08.2", "no value that was quantized in groups is further away than half a step")
@cases(*RANKED)
def test_round_trip(dequantize_per_group, x):
    for bits, group_size in ((8, 3), (4, 2), (16, 4)):
        steps = group_steps(x, group_size, bits=bits)
        scale = steps.float()
        q = oracle.codes(x, spread(scale, group_size, x.shape[-1]), bits=bits)
        x_hat = expect_values(dequantize_per_group(q, scale, group_size), q, scale, group_size)
        bound = spread(steps, group_size, x.shape[-1]) / 2
        width = torch.as_tensor(np.abs(oracle.array(x)))
        expect_at_most((x.detach().double() - x_hat.double()).abs(), bound + oracle.SLACK * width, "|x - x_hat|")


@law("08.2", "the values have the scale's dtype, float32 or wider")
def test_value_dtypes(dequantize_per_group):
    q = torch.tensor([[100, -127, 3], [5, 6, -7]], dtype=torch.int8)
    for dtype in (torch.float32, torch.float64, torch.float16, torch.bfloat16):
        scale = some_scales(q, 2, torch.float32).to(dtype)
        expect_values(dequantize_per_group(q, scale, 2), q, scale, 2)
    fine = torch.tensor([[1 / 3, 2 / 3], [1 / 7, 1e-3]], dtype=torch.float64)
    x_hat = dequantize_per_group(q, fine, 2)
    expect_close(x_hat, oracle.real(q, spread(fine, 2, 3)), "x_hat", relative=1e-14)


@law("08.2", "one number as the scale is the scale of every group")
def test_plain_scale(dequantize_per_group):
    q = torch.tensor([[100, -127, 3], [5, 6, -7]], dtype=torch.int8)
    for scale in (0.5, torch.tensor(0.5)):
        expect_equal(dequantize_per_group(q, scale, 2), 0.5 * q.float(), "x_hat")


@law("08.2", "any layout will do, nothing that is handed in changes, and no autograd graph comes out")
@cases(inputs.transposed_codes, inputs.strided_codes, inputs.no_codes)
def test_dequantize_is_clean(dequantize_per_group, x):
    for group_size in (2, 3, 5):
        upright = some_scales(x, group_size)
        sideways = upright.movedim(0, -1).contiguous().movedim(-1, 0)  # the same numbers, stored column by column
        for scale in (upright, sideways, upright.clone().requires_grad_()):
            reply = dequantize_per_group.reply(x, scale, group_size)
            expect_clean(reply)
            expect_values(reply.value, x, scale, group_size)


@law("08.2", "codes that are not integers, and codes without a last axis, are refused")
def test_dequantize_refuses_codes(dequantize_per_group):
    scale = torch.tensor([[0.5, 0.25]])
    expect_raises(dequantize_per_group, TypeError, torch.tensor([[1.0, 2.0, 3.0]]), scale, 2, naming="q")
    expect_raises(dequantize_per_group, TypeError, torch.tensor([[True, False, True]]), scale, 2, naming="q")
    expect_raises(dequantize_per_group, ValueError, torch.tensor(3, dtype=torch.int8), 0.5, 2, naming="q")


@law("08.2", "scales that do not fit the groups, and scales that are no scales, are refused")
def test_dequantize_refuses_scales(dequantize_per_group):
    q = torch.ones(3, 5, dtype=torch.int8)
    for shape in ((3, 2), (3, 4), (3, 5), (3, 1), (1, 3), (3,), (9,), (3, 3, 1)):
        expect_raises(dequantize_per_group, ValueError, q, torch.ones(shape), 2, naming="scale")
    for bad in (0.0, -1.0, math.nan, math.inf):
        scale = torch.ones(3, 3)
        scale[1, 2] = bad
        expect_raises(dequantize_per_group, ValueError, q, scale, 2, naming="scale")
    for group_size in (0, -2):
        expect_raises(dequantize_per_group, ValueError, q, torch.ones(3, 3), group_size, naming="group_size")
