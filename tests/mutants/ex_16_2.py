"""Wrong answers to 16.2, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

TWO_BITS = "the 2-bit codes 0, 1, 2, 3 become -2, -1, 0, 1"
ZERO = "the code 2**(bits-1) stands for 0, and 0 for the most negative one"
CLEAN = "any layout will do, and nothing that is handed in changes"


@mutant(
    "J15",
    "16.2",
    law=TWO_BITS,
    says="This matches sign extension, the way back from two's complement. Our codes are offset binary: take "
    "2**(bits-1) away from each.",
    line=r"where|>=|\^",
)
def extends_the_sign(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    wide = codes.to(torch.int16)
    return torch.where(wide >= 2 ** (bits - 1), wide - 2**bits, wide).to(torch.int8)


@mutant(
    "J13",
    "16.2",
    law=TWO_BITS,
    says="This matches a bare cast to int8: no code of less than 8 bits gets its sign. Take 2**(bits-1) away first.",
    line=r"int8|view|char",
)
def casts_only(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    return codes.to(torch.int8)


@mutant(
    "one_less",
    "16.2",
    law=TWO_BITS,
    says="This matches taking away the largest code, 2**(bits-1) - 1. Every code is one too high then: take away "
    "2**(bits-1).",
    line=r"-",
)
def takes_one_less(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    return (codes.to(torch.int16) - (2 ** (bits - 1) - 1)).to(torch.int8)


@mutant(
    "whole_range",
    "16.2",
    law=TWO_BITS,
    says="This matches taking 2**bits away, the number of all codes. to_unsigned added half of that: 2**(bits-1).",
    line=r"-",
)
def takes_the_number_of_codes(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    return (codes.to(torch.int16) - 2**bits).to(torch.int8)


@mutant(
    "adds",
    "16.2",
    law=TWO_BITS,
    says="This matches the offset added a second time. to_unsigned added it: take it away again.",
    line=r"\+",
)
def adds_the_offset_again(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    return (codes.to(torch.int16) + 2 ** (bits - 1)).to(torch.int8)


@mutant(
    "four_bits",
    "16.2",
    law=TWO_BITS,
    says="This matches taking 8 away whatever bits is, which is right for 4 bits. Take 2**(bits-1) away.",
    line=r"-",
)
def always_takes_eight(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    return (codes.to(torch.int16) - 8).to(torch.int8)


@mutant(
    "eight_bits",
    "16.2",
    law=TWO_BITS,
    says="This matches taking 128 away whatever bits is. The offset is half of the codes of that width: 2**(bits-1).",
    line=r"-",
)
def always_takes_128(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    return (codes.to(torch.int16) - 128).to(torch.int8)


@mutant(
    "offset_of_the_data",
    "16.2",
    law=ZERO,
    says="This matches an offset taken from the largest code that happens to be there. The offset is 2**(bits-1) "
    "always.",
    line=r"max",
)
def takes_the_offset_from_the_data(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    wide = codes.to(torch.int16)
    return (wide - ((int(wide.max()) + 1) // 2 if wide.numel() else 0)).to(torch.int8)


@mutant(
    "upside_down",
    "16.2",
    law=TWO_BITS,
    says="This matches codes that are counted from the top: 0 has become the largest. 0 is the most negative code.",
    line=r"-",
)
def counts_from_the_top(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    return (2 ** (bits - 1) - 1 - codes.to(torch.int16)).to(torch.int8)


@mutant(
    "sign_bit",
    "16.2",
    law=TWO_BITS,
    says="This matches a sign bit in front of a magnitude. Offset binary has none: take 2**(bits-1) away.",
    line=r"where|&|>=",
)
def reads_a_sign_bit(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    half, wide = 2 ** (bits - 1), codes.to(torch.int16)
    return torch.where(wide >= half, half - wide, wide).to(torch.int8)


@mutant(
    "wraps",
    "16.2",
    law=TWO_BITS,
    says="This matches a difference in uint8, which has nothing below 0: 0 - 2 wraps around to 254. Subtract in int16.",
    line=r"-",
)
def subtracts_in_uint8(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    half = 2 ** (bits - 1)
    return (codes.to(torch.uint8) - half).clamp(max=half - 1).to(torch.int8)


@mutant(
    "stays_uint8",
    "16.2",
    law=TWO_BITS,
    says="This matches an answer in the codes' own dtype: uint8 has no negative numbers. The answer is int8.",
    line=r"return",
)
def answers_in_the_dtype_of_the_codes(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    return codes - 2 ** (bits - 1)


@mutant(
    "stays_wide",
    "16.2",
    law=TWO_BITS,
    says="This matches codes that stay in int16. They fit int8: turn them into it.",
    line=r"return",
)
def answers_in_int16(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    return codes.to(torch.int16) - 2 ** (bits - 1)


@mutant(
    "in_place",
    "16.2",
    law=CLEAN,
    says="This matches -= on the codes that were handed in: to(int16) makes no copy where they are int16 already. "
    "Write codes - ... instead.",
    line=r"-=|sub_",
)
def subtracts_in_place(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    wide = codes.to(torch.int16)
    wide -= 2 ** (bits - 1)
    return wide.to(torch.int8)


@mutant(
    "view",
    "16.2",
    law=CLEAN,
    says="This matches view(), which refuses codes that do not lie row by row in memory. Arithmetic needs none.",
    line=r"\.view\(",
)
def uses_view(codes, bits):
    codes = checked.unsigned("codes", codes, bits)
    return (codes.view(-1).to(torch.int16) - 2 ** (bits - 1)).to(torch.int8).view(codes.shape)
