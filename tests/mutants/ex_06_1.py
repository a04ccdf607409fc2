"""Wrong answers to 06.1, and what to say about each."""

from __future__ import annotations

import math

from labs_lib.course import checked
from labs_lib.course.standins import mutant

FIRST = "4 bits in groups of 32 with a float16 scale cost 4.5 bits a weight"
FORMATS = "published formats cost what their papers say"
FRACTIONS = "codes and parameters need not be whole bits wide"


def check(bits, group_size, scale_bits, zero_point_bits):
    """The given lines of the stub."""
    checked.number("bits", bits, above=0), checked.whole("group_size", group_size)
    checked.number("scale_bits", scale_bits, above=-1), checked.number("zero_point_bits", zero_point_bits, above=-1)


@mutant(
    "E07",
    "06.1",
    law=FIRST,
    says="This matches multiplying the parameters' bits by the group size. A larger group must make "
    "them cheaper: divide.",
    line=r"\* group_size",
)
def multiplies_by_the_group(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return bits + (scale_bits + zero_point_bits) * group_size


@mutant(
    "E08",
    "06.1",
    law=FORMATS,
    says="This matches leaving the zero point out. Asymmetric groups store one as well: add its bits.",
    line=r"scale_bits / group_size",
)
def forgets_the_zero_point(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return bits + scale_bits / group_size


@mutant(
    "zero_point_a_weight",
    "06.1",
    law=FORMATS,
    says="This matches a zero point for every weight. It is stored once a group, as the scale is: divide it too.",
    line=r"\+ zero_point_bits",
)
def a_zero_point_for_every_weight(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return bits + scale_bits / group_size + zero_point_bits


@mutant(
    "scale_a_weight",
    "06.1",
    law=FIRST,
    says="This matches a scale for every weight. The weights of a group share one: divide by group_size.",
    line=r"scale_bits \+ zero_point_bits",
)
def a_scale_for_every_weight(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return float(bits + scale_bits + zero_point_bits)


@mutant(
    "codes_shared",
    "06.1",
    law=FIRST,
    says="This matches dividing the code's bits by the group size as well. Every weight has a code of "
    "its own: only the parameters are shared.",
    line=r"\(bits \+",
)
def shares_the_codes_too(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return (bits + scale_bits + zero_point_bits) / group_size


@mutant(
    "overhead_only",
    "06.1",
    law=FIRST,
    says="This matches the parameters' share alone. Add the bits of the code itself.",
    line=r"return",
)
def answers_with_the_overhead(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return (scale_bits + zero_point_bits) / group_size


@mutant(
    "codes_only",
    "06.1",
    law=FIRST,
    says="This matches the width of a code alone. Scales and zero points are stored too: add their share.",
    line=r"return",
)
def answers_with_the_codes(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return float(bits)


@mutant(
    "floor_division",
    "06.1",
    law=FIRST,
    says="This matches whole-number division, which drops what is left over. Divide with / and not with //.",
    line=r"//",
)
def divides_in_whole_numbers(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return float(bits + (scale_bits + zero_point_bits) // group_size)


@mutant(
    "whole_bits",
    "06.1",
    law=FIRST,
    says="This matches rounding up to whole bits. A weight may pay half a bit: it is a mean over its group.",
    line=r"ceil|round|int\(",
)
def rounds_up(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return float(math.ceil(bits + (scale_bits + zero_point_bits) / group_size))


@mutant(
    "rounded",
    "06.1",
    law=FORMATS,
    says="This matches an answer rounded to two decimals. Return it as it is, and round where you print.",
    line=r"round",
)
def rounds_to_two_decimals(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return round(bits + (scale_bits + zero_point_bits) / group_size, 2)


@mutant(
    "float16_always",
    "06.1",
    law=FORMATS,
    says="This matches scales of 16 bits always. Use scale_bits: float32 scales cost twice as much.",
    line=r"16",
)
def takes_float16_scales(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return bits + (16 + zero_point_bits) / group_size


@mutant(
    "bytes",
    "06.1",
    law=FIRST,
    says="This matches counting the scale in bytes. scale_bits is in bits already: do not divide by 8.",
    line=r"8",
)
def counts_bytes(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return bits + (scale_bits + zero_point_bits) / 8 / group_size


@mutant(
    "whole_codes",
    "06.1",
    law=FRACTIONS,
    says="This matches cutting the width of a code to a whole number. Ternary codes have 1.6 bits: use bits as it is.",
    line=r"int\(",
)
def cuts_the_bits(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return int(bits) + (scale_bits + zero_point_bits) / group_size


@mutant(
    "whole_group",
    "06.1",
    law=FIRST,
    says="This matches the bits of the whole group. Divide them by the number of its weights.",
    line=r"bits \* group_size|group_size \* bits",
)
def answers_for_the_group(bits, *, group_size, scale_bits=16, zero_point_bits=0):
    check(bits, group_size, scale_bits, zero_point_bits)
    return float(bits * group_size + scale_bits + zero_point_bits)
