"""Lesson 6: what granularity costs, in bits a weight and in scales."""

from __future__ import annotations

import itertools
from fractions import Fraction

from labs_lib.course.laws import (
    cases,
    expect_close,
    expect_equal,
    expect_number,
    expect_raises,
    expect_true,
    law,
)
from labs_lib.course.laws.inputs import whole_numbers

# What published formats cost: bits, group size, bits of a scale, bits of a zero point, bits a weight.
FORMATS = (
    (4, 32, 16, 0, Fraction(9, 2)),
    (4, 32, 16, 4, Fraction(37, 8)),
    (4, 64, 16, 0, Fraction(17, 4)),
    (4, 128, 16, 0, Fraction(33, 8)),
    (2, 64, 16, 2, Fraction(73, 32)),  # 2.28125
    (2, 16, 16, 2, Fraction(25, 8)),
    (8, 3, 32, 0, Fraction(56, 3)),  # 18.7: the demonstration of the video course
)
SHAPES = ((4, 10), (10, 4), (6, 6), (1, 7), (7, 1), (2, 3, 5), (5, 3, 2), (12,), (1,), (2, 2, 2, 3))
SIZES = (1, 2, 3, 4, 5, 7, 64)
MINILM = ((30522, 384), (512, 384), (384, 384), (1536, 384), (384, 1536))  # the shapes of its matrices


def expect_count(got, expected):
    """A plain int."""
    expect_true(type(got) is int, f"{got!r} ({type(got).__name__})", "a plain int")
    expect_equal(got, expected, "scales")


def groups_of(shape, group_size):
    """Counted one by one: walk along every row and open a group at its start and whenever one is full."""
    count = 0
    for _row in itertools.product(*(range(size) for size in shape[:-1])):
        room = 0
        for _value in range(shape[-1]):
            if room == 0:
                count += 1
                room = group_size
            room -= 1
    return count


@law("06.1", "4 bits in groups of 32 with a float16 scale cost 4.5 bits a weight")
def test_four_and_a_half(bits_per_weight):
    expect_close(bits_per_weight(4, group_size=32), 4.5, "bits")


@law("06.1", "published formats cost what their papers say")
def test_formats(bits_per_weight):
    for bits, group_size, scale_bits, zero_point_bits, expected in FORMATS:
        got = bits_per_weight(bits, group_size=group_size, scale_bits=scale_bits, zero_point_bits=zero_point_bits)
        expect_close(got, float(expected), "bits", relative=1e-12)


@law("06.1", "all codes, scales and zero points of a tensor, divided by its weights")
@cases(whole_numbers)
def test_total(bits_per_weight, x):
    sizes = (1, 128, *x.tolist())
    for bits, group_size, scale_bits, zero_point_bits in itertools.product((1, 3, 8), sizes, (8, 32), (0, 3)):
        groups = 12
        total = groups * (group_size * bits + scale_bits + zero_point_bits)
        got = bits_per_weight(bits, group_size=group_size, scale_bits=scale_bits, zero_point_bits=zero_point_bits)
        expect_close(got, float(Fraction(total, groups * group_size)), "bits", relative=1e-12)


@law("06.1", "groups of twice the size halve what is paid on top of the codes")
def test_halving(bits_per_weight):
    for bits, zero_point_bits in ((4, 0), (2, 8)):
        for size in (1, 16, 96):
            one = expect_number(bits_per_weight(bits, group_size=size, zero_point_bits=zero_point_bits), "bits")
            other = bits_per_weight(bits, group_size=2 * size, zero_point_bits=zero_point_bits)
            expect_close(other, bits + (one - bits) / 2, "bits in groups of twice the size")


@law("06.1", "a scale has 16 bits and a zero point none, unless you say otherwise")
def test_defaults(bits_per_weight):
    for size in (1, 10, 64):
        expect_close(bits_per_weight(8, group_size=size), 8 + 16 / size, "bits")
        expect_close(bits_per_weight(8, group_size=size, scale_bits=32), 8 + 32 / size, "bits")
        expect_close(bits_per_weight(8, group_size=size, zero_point_bits=32), 8 + 48 / size, "bits")


@law("06.1", "codes and parameters need not be whole bits wide")
def test_fractions_of_bits(bits_per_weight):
    expect_close(bits_per_weight(1.6, group_size=128, scale_bits=8), 1.6625, "bits")
    expect_close(bits_per_weight(4, group_size=64, scale_bits=8.125), 4.126953125, "bits")
    expect_close(bits_per_weight(0.5, group_size=7, zero_point_bits=0.5), 0.5 + 16.5 / 7, "bits")


@law("06.1", "without a scale and a zero point only the codes are left")
def test_codes_alone(bits_per_weight):
    for bits in (1, 4, 1.6, 16):
        expect_close(bits_per_weight(bits, group_size=3, scale_bits=0), bits, "bits")


@law("06.1", "the answer is a float, even where it is whole")
def test_kind(bits_per_weight):
    for sizes in ({"group_size": 1}, {"group_size": 16}, {"group_size": 8, "scale_bits": 0}):
        got = bits_per_weight(8, **sizes)
        expect_true(type(got) is float, f"{got!r} ({type(got).__name__})", "a float")


@law("06.1", "a width or a group that cannot be is refused")
def test_bits_refuse(bits_per_weight):
    for bits in (0, -4, float("nan"), float("inf")):
        expect_raises(bits_per_weight, ValueError, bits, group_size=32, naming="bits")
    for size in (0, -1, 2.5):
        expect_raises(bits_per_weight, ValueError, 4, group_size=size, naming="group_size")
    expect_raises(bits_per_weight, ValueError, 4, group_size=32, scale_bits=-1, naming="scale_bits")
    expect_raises(bits_per_weight, ValueError, 4, group_size=32, zero_point_bits=-1, naming="zero_point_bits")


@law("06.2", "4 rows of 10: one scale for the tensor, 4 or 10 for channels, 12 for groups of 4")
def test_four_rows_of_ten(count_scales):
    expect_count(count_scales((4, 10), "tensor"), 1)
    expect_count(count_scales((4, 10), "channel"), 4)
    expect_count(count_scales((4, 10), "channel", dim=1), 10)
    expect_count(count_scales((4, 10), "group", group_size=4), 12)


@law("06.2", "a tensor has one scale, whatever its shape")
def test_one_a_tensor(count_scales):
    for shape in (*SHAPES, *MINILM, ()):
        expect_count(count_scales(shape, "tensor"), 1)


@law("06.2", "channels are counted along dim, which may count from the end")
def test_channels(count_scales):
    for shape in (*SHAPES, *MINILM):
        expect_count(count_scales(shape, "channel"), shape[0])
        for dim, size in enumerate(shape):
            expect_count(count_scales(shape, "channel", dim=dim), size)
            expect_count(count_scales(shape, "channel", dim=dim - len(shape)), size)


@law("06.2", "a group never crosses a row, and the last one of a row may be short")
@cases(whole_numbers)
def test_groups(count_scales, x):
    for shape in (*SHAPES, tuple(x.tolist()[:2])):
        for size in SIZES:
            expect_count(count_scales(shape, "group", group_size=size), groups_of(shape, size))


@law("06.2", "groups run along the last axis, whatever dim says")
def test_groups_ignore_dim(count_scales):
    for dim in (1, 0, -1):
        expect_count(count_scales((2, 3, 5), "group", dim=dim, group_size=2), 18)
        expect_count(count_scales((4, 10), "group", dim=dim, group_size=4), 12)


@law("06.2", "groups as long as a row are rows, and groups of one are values")
def test_ends(count_scales):
    for rows, length in MINILM:
        expect_count(count_scales((rows, length), "group", group_size=length), rows)
        expect_count(count_scales((rows, length), "group", group_size=10 * length), rows)
        expect_count(count_scales((rows, length), "group", group_size=1), rows * length)


@law("06.2", "a matrix of a real model has as many groups of 128 as its rows hold")
def test_real_shapes(count_scales):
    for rows, length in MINILM:
        expect_count(count_scales((rows, length), "group", group_size=128), rows * length // 128)
        expect_count(count_scales((rows, length), "group", group_size=100), rows * (length // 100 + 1))


@law("06.2", "a shape may be a tuple or a list")
def test_lists(count_scales):
    expect_count(count_scales([3, 5], "tensor"), 1)
    expect_count(count_scales([3, 5], "channel", dim=1), 5)
    expect_count(count_scales([3, 5], "group", group_size=4), 6)


@law("06.2", "what cannot be counted is refused")
def test_count_refuses(count_scales):
    for word in ("row", "", "Tensor"):
        expect_raises(count_scales, ValueError, (4, 10), word, naming="granularity")
    for dim in (2, -3):
        expect_raises(count_scales, ValueError, (4, 10), "channel", dim=dim, naming="dim")
    for size in (None, 0, -4):
        expect_raises(count_scales, ValueError, (4, 10), "group", group_size=size, naming="group_size")
    for shape in ((0, 3), (3, 0), (3, -1)):
        for granularity in ("tensor", "channel"):
            expect_raises(count_scales, ValueError, shape, granularity, naming="shape")
    expect_raises(count_scales, ValueError, (), "group", group_size=4, naming="shape")
    expect_raises(count_scales, ValueError, (), "channel", naming="dim")
