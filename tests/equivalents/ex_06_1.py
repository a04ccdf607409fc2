"""Other right answers to 06.1."""

from __future__ import annotations

from fractions import Fraction

from labs_lib.course.standins import equivalent

from ..mutants.ex_06_1 import check


@equivalent("06.1")
def whole_group_first(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    """All bits of one group, over the number of its weights."""
    check(bits, group_size, scale_bits, zero_point_bits)
    return (group_size * bits + scale_bits + zero_point_bits) / group_size


@equivalent("06.1")
def in_exact_fractions(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return float(Fraction(bits) + (Fraction(scale_bits) + Fraction(zero_point_bits)) / group_size)


@equivalent("06.1")
def weight_by_weight(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    """As a beginner writes it: one share for each parameter, and a sum over the group."""
    check(bits, group_size, scale_bits, zero_point_bits)
    share_of_scale = scale_bits / group_size
    share_of_zero_point = zero_point_bits / group_size
    total = 0.0
    for _weight in range(group_size):
        total += bits + share_of_scale + share_of_zero_point
    return total / group_size
