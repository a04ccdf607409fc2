"""Wrong answers to 15.2, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

TWO_BITS = "the 2-bit codes -2, -1, 0, 1 become 0, 1, 2, 3"
OFFSET = "every code of every width is shifted by 2**(bits-1), whatever else is in the tensor"
EIGHT = "8-bit codes do not wrap around: -128 becomes 0, 0 becomes 128 and 127 becomes 255"
CLEAN = "any layout will do, and nothing that is handed in changes"


@mutant(
    "J15",
    "15.2",
    law=TWO_BITS,
    says="This matches two's complement: the low bits of the codes as they are, so that -1 is the largest. Offset "
    "binary adds 2**(bits-1) and keeps their order.",
    line=r"&|%",
)
def masks_the_low_bits(q, bits):
    q = checked.signed("q", q, bits)
    return (q.to(torch.int16) & 2**bits - 1).to(torch.uint8)


@mutant(
    "J07",
    "15.2",
    law=TWO_BITS,
    says="This matches a bare cast to uint8, in which -1 becomes 255. Add 2**(bits-1) first.",
    line=r"uint8|byte",
)
def casts_only(q, bits):
    q = checked.signed("q", q, bits)
    return q.to(torch.uint8)


@mutant(
    "one_less",
    "15.2",
    law=TWO_BITS,
    says="This matches adding the largest code, 2**(bits-1) - 1. The most negative one then falls below 0: add "
    "2**(bits-1).",
    line=r"-",
)
def adds_the_largest_code(q, bits):
    q = checked.signed("q", q, bits)
    return (q.to(torch.int16) + 2 ** (bits - 1) - 1).to(torch.uint8)


@mutant(
    "whole_range",
    "15.2",
    law=TWO_BITS,
    says="This matches adding 2**bits, the number of all codes. Half of them lie below 0: add 2**(bits-1).",
    line=r"\+",
)
def adds_the_number_of_codes(q, bits):
    q = checked.signed("q", q, bits)
    return (q.to(torch.int16) + 2**bits).to(torch.uint8)


@mutant(
    "four_bits",
    "15.2",
    law=TWO_BITS,
    says="This matches adding 8 whatever bits is, as GGUF's Q4_0 does for 4 bits. Add 2**(bits-1).",
    line=r"\+",
)
def always_adds_eight(q, bits):
    q = checked.signed("q", q, bits)
    return (q.to(torch.int16) + 8).to(torch.uint8)


@mutant(
    "eight_bits",
    "15.2",
    law=TWO_BITS,
    says="This matches adding 128 whatever bits is. The offset is half of the codes of that width: 2**(bits-1).",
    line=r"\+",
)
def always_adds_128(q, bits):
    q = checked.signed("q", q, bits)
    return (q.to(torch.int16) + 128).to(torch.uint8)


@mutant(
    "offset_of_the_data",
    "15.2",
    law=OFFSET,
    says="This matches an offset taken from the smallest code that happens to be there. Nobody can undo it later: the "
    "offset is 2**(bits-1) always.",
    line=r"min",
)
def takes_the_offset_from_the_data(q, bits):
    q = checked.signed("q", q, bits)
    wide = q.to(torch.int16)
    return (wide - (wide.min() if wide.numel() and wide.min() < 0 else -(2 ** (bits - 1)))).to(torch.uint8)


@mutant(
    "magnitude",
    "15.2",
    law=TWO_BITS,
    says="This matches the magnitude of the codes: -1 and 1 have become the same. Shift the codes instead.",
    line=r"abs",
)
def drops_the_sign(q, bits):
    q = checked.signed("q", q, bits)
    return q.to(torch.int16).abs().to(torch.uint8)


@mutant(
    "sign_bit",
    "15.2",
    law=TWO_BITS,
    says="This matches a sign bit in front of the magnitude, in which 0 has two codes and the order is lost. Offset "
    "binary adds 2**(bits-1).",
    line=r"abs|sign|< 0",
)
def sets_a_sign_bit(q, bits):
    q = checked.signed("q", q, bits)
    wide = q.to(torch.int16)
    return (wide.abs() + 2 ** (bits - 1) * (wide < 0)).to(torch.uint8)


@mutant(
    "upside_down",
    "15.2",
    law=TWO_BITS,
    says="This matches codes that are counted from the top: the largest has become 0. The most negative code is 0.",
    line=r"- ",
)
def counts_from_the_top(q, bits):
    q = checked.signed("q", q, bits)
    return (2 ** (bits - 1) - 1 - q.to(torch.int16)).to(torch.uint8)


@mutant(
    "wraps",
    "15.2",
    law=EIGHT,
    says="This matches a sum in int8, which has no 128: for 8 bits it wraps around. Add in int16 or wider.",
    line=r"\+|int8",
)
def adds_in_int8(q, bits):
    q = checked.signed("q", q, bits)
    half = torch.tensor(2 ** (bits - 1)).to(torch.int8)  # 128 becomes -128
    return (q.to(torch.int8) + half).clamp(min=0).to(torch.uint8)


@mutant(
    "stays_int8",
    "15.2",
    law=TWO_BITS,
    says="This matches codes that stay in a signed dtype, where the larger ones of 8 bits are negative. The answer is "
    "uint8.",
    line=r"return",
)
def answers_in_int8(q, bits):
    q = checked.signed("q", q, bits)
    return (q.to(torch.int16) + 2 ** (bits - 1)).to(torch.int8)


@mutant(
    "stays_wide",
    "15.2",
    law=TWO_BITS,
    says="This matches codes that stay in int16. They fit a byte now: turn them into uint8.",
    line=r"return",
)
def answers_in_int16(q, bits):
    q = checked.signed("q", q, bits)
    return q.to(torch.int16) + 2 ** (bits - 1)


@mutant(
    "in_place",
    "15.2",
    law=CLEAN,
    says="This matches += on the codes that were handed in: to(int16) makes no copy where they are int16 already. "
    "Write q + ... instead.",
    line=r"\+=|add_",
)
def adds_in_place(q, bits):
    q = checked.signed("q", q, bits)
    wide = q.to(torch.int16)
    wide += 2 ** (bits - 1)
    return wide.to(torch.uint8)


@mutant(
    "view",
    "15.2",
    law=CLEAN,
    says="This matches view(), which refuses codes that do not lie row by row in memory. Arithmetic needs none.",
    line=r"\.view\(",
)
def uses_view(q, bits):
    q = checked.signed("q", q, bits)
    return (q.view(-1).to(torch.int16) + 2 ** (bits - 1)).to(torch.uint8).view(q.shape)
