"""Other right answers to 16.1."""

from __future__ import annotations

import itertools

import numpy as np
import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent


@equivalent("16.1")
def stacked(packed, bits, length):
    """Every place at once; the places become a last axis, which is flattened into the row."""
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [(packed >> shift) & 2**bits - 1 for shift in range(0, 8, bits)]
    return torch.stack(places, dim=-1).flatten(-2)[..., :length]


@equivalent("16.1")
def strided(packed, bits, length):
    """Into zeros, every 8 // bits-th code at once."""
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    per_byte = 8 // bits
    codes = packed.new_zeros(*packed.shape[:-1], packed.shape[-1] * per_byte)
    for place in range(per_byte):
        codes[..., place::per_byte] = packed >> place * bits & (1 << bits) - 1
    return codes[..., :length].contiguous()


@equivalent("16.1")
def by_table(packed, bits, length):
    """A row of codes for each of the 256 bytes, by division with remainder, looked up."""
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    base = 2**bits
    digits = [[byte // base**place % base for place in range(8 // bits)] for byte in range(256)]
    return torch.tensor(digits, dtype=torch.uint8)[packed.long()].flatten(-2)[..., :length]


@equivalent("16.1")
def by_numpy(packed, bits, length):
    """Single bits by numpy.unpackbits, put together again in groups."""
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    single = np.unpackbits(packed.numpy(), axis=-1, count=length * bits, bitorder="little")
    codes = np.packbits(single.reshape(*packed.shape[:-1], length, bits), axis=-1, bitorder="little")
    return torch.from_numpy(codes[..., 0])


@equivalent("16.1")
def code_by_code(packed, bits, length):
    """As a beginner writes it, for rows of any number and any length."""
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    codes = torch.zeros(*packed.shape[:-1], length, dtype=torch.uint8)
    for index in itertools.product(*map(range, codes.shape)):
        byte, bit = divmod(index[-1] * bits, 8)
        codes[index] = int(packed[(*index[:-1], byte)]) // 2**bit % 2**bits
    return codes
