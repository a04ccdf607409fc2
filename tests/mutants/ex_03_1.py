"""Wrong answers to 03.1, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import code_dtype

EIGHT = "8 bits have the codes -128 to 127, or 0 to 255 without a sign"
OTHERS = "the narrowest and the widest codes: -2 to 1, 0 to 1, -32768 to 32767"
COUNT = "there are 2**bits codes, two plain ints say which"
START = "half of the signed codes are negative, no unsigned one is"


@mutant(
    "reads_the_dtype",
    "03.1",
    law=COUNT,
    says="This matches the range of the dtype that stores the codes. Four-bit codes also live in an "
    "int8, but there are only 16 of them: compute the ends from bits.",
    line=r"iinfo",
)
def reads_the_dtype(bits=8, signed=True):
    bits = checked.bits(bits, signed)
    info = torch.iinfo(code_dtype(bits, signed))
    return info.min, info.max


@mutant(
    "A09",
    "03.1",
    law=COUNT,
    says="This matches a largest code of 2**(bits-1). Zero takes one of the codes, so the last one is one less.",
    line=r"2\s*\*\*|<<|pow",
)
def one_code_too_many(bits=8, signed=True):
    bits = checked.bits(bits, signed)
    if not signed:
        return 0, 2**bits
    return -(2 ** (bits - 1)), 2 ** (bits - 1)


@mutant(
    "A08",
    "03.1",
    law=EIGHT,
    says="This matches codes that are always signed. Without a sign they start at 0: look at the argument signed.",
    line=r"return|signed",
)
def always_signed(bits=8, signed=True):
    bits = checked.bits(bits, signed)
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


@mutant(
    "always_eight",
    "03.1",
    law=OTHERS,
    says="This matches 8 bits whatever was asked for. Compute both ends from the argument bits.",
    line=r"127|255|iinfo",
)
def always_eight(bits=8, signed=True):
    bits = checked.bits(bits, signed)
    return (-128, 127) if signed else (0, 255)


@mutant(
    "restricted",
    "03.1",
    law=COUNT,
    says="This matches the restricted range, which leaves out the most negative code. q_range has all "
    "2**bits codes; the restricted range comes in lesson 5.",
    line=r"-",
)
def restricted_range(bits=8, signed=True):
    bits = checked.bits(bits, signed)
    q_max = 2 ** (bits - 1) - 1 if signed else 2**bits - 1
    return (-q_max if signed else 0), q_max


@mutant(
    "C07",
    "03.1",
    law=EIGHT,
    says="This matches signed ends of 2**bits. The sign takes one bit: use 2**(bits-1).",
    line=r"\*\*\s*bits|<<\s*bits",
)
def forgets_the_sign_bit(bits=8, signed=True):
    bits = checked.bits(bits, signed)
    if not signed:
        return 0, 2**bits - 1
    return -(2**bits), 2**bits - 1


@mutant(
    "xor",
    "03.1",
    law=EIGHT,
    says="This matches 2^bits, which is exclusive or in Python. A power is written 2**bits.",
    line=r"\^",
)
def caret_for_a_power(bits=8, signed=True):
    bits = checked.bits(bits, signed)
    if not signed:
        return 0, (2 ^ bits) - 1
    return -(2 ^ (bits - 1)), (2 ^ (bits - 1)) - 1


@mutant(
    "floats",
    "03.1",
    law=COUNT,
    says="This matches ends that are floats: / always gives a float. Use // or a power with one bit less.",
    line=r"/",
)
def float_ends(bits=8, signed=True):
    bits = checked.bits(bits, signed)
    if not signed:
        return 0, 2**bits - 1
    return -(2**bits) / 2, 2**bits / 2 - 1


@mutant(
    "largest_first",
    "03.1",
    law=START,
    says="This matches (q_max, q_min). The smaller end comes first.",
    line=r"return",
)
def largest_first(bits=8, signed=True):
    bits = checked.bits(bits, signed)
    if not signed:
        return 2**bits - 1, 0
    return 2 ** (bits - 1) - 1, -(2 ** (bits - 1))
