"""Other right answers to 15.2."""

from __future__ import annotations

import numpy as np
import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent


@equivalent("15.2")
def turns_the_sign_bit_over(q, bits):
    """The low bits in two's complement; the highest of them turned over is offset binary."""
    q = checked.signed("q", q, bits)
    return ((q.to(torch.uint8) & 2**bits - 1) ^ 1 << bits - 1).to(torch.uint8)


@equivalent("15.2")
def lets_uint8_wrap(q, bits):
    """A sum in uint8 is right up to whole turns of 256, and the result lies within one turn."""
    q = checked.signed("q", q, bits)
    return q.to(torch.uint8) + torch.tensor(2 ** (bits - 1), dtype=torch.uint8)


@equivalent("15.2")
def by_table(q, bits):
    """Looks every code up; negative ones count from the table's end."""
    q = checked.signed("q", q, bits)
    half = 2 ** (bits - 1)
    table = torch.cat([torch.arange(half, 2 * half), torch.arange(half)]).to(torch.uint8)
    return table[q.long()]


@equivalent("15.2")
def one_by_one(q, bits):
    """Python's whole numbers, which never wrap."""
    q = checked.signed("q", q, bits)
    shifted = [code + (1 << bits) // 2 for code in q.flatten().tolist()]
    return torch.from_numpy(np.array(shifted, dtype=np.uint8)).reshape(q.shape)
