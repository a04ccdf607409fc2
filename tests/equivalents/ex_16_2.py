"""Other right answers to 16.2."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent


@equivalent("16.2")
def lets_uint8_wrap(codes, bits):
    """A difference in uint8 is right up to whole turns of 256, and int8 reads the upper half of a turn as negative."""
    codes = checked.unsigned("codes", codes, bits)
    return (codes.to(torch.uint8) - torch.tensor(2 ** (bits - 1), dtype=torch.uint8)).to(torch.int8)


@equivalent("16.2")
def turns_the_sign_bit_over(codes, bits):
    """Two's complement first, then sign extension."""
    codes = checked.unsigned("codes", codes, bits)
    half = 1 << bits - 1
    low = codes.long() ^ half
    return torch.where(low >= half, low - 2 * half, low).to(torch.int8)


@equivalent("16.2")
def by_table(codes, bits):
    """Looks every code up."""
    codes = checked.unsigned("codes", codes, bits)
    half = 2 ** (bits - 1)
    return torch.arange(-half, half, dtype=torch.int8)[codes.long()]


@equivalent("16.2")
def in_floats(codes, bits):
    """Float32 holds every whole number up to 2**24."""
    codes = checked.unsigned("codes", codes, bits)
    return codes.float().sub(float(1 << bits) / 2).char()
