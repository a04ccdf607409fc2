"""Other right answers to 15.1."""

from __future__ import annotations

import itertools

import numpy as np
import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import equivalent


@equivalent("15.1")
def strided(codes, bits):
    """Every 8 // bits-th code at once, shifted into its place."""
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    per_byte = 8 // bits
    codes = nn.functional.pad(codes.to(torch.uint8), (0, -codes.shape[-1] % per_byte))
    packed = codes[..., 0::per_byte].clone()
    for place in range(1, per_byte):
        packed |= codes[..., place::per_byte] << place * bits
    return packed


@equivalent("15.1")
def by_numpy(codes, bits):
    """The bits of every code, packed by numpy.packbits, which fills a last byte with zeros too."""
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    values = codes.numpy().astype(np.uint8)
    single = np.unpackbits(values[..., None], axis=-1, bitorder="little")[..., :bits]
    flat = single.reshape(*values.shape[:-1], values.shape[-1] * bits)
    return torch.from_numpy(np.packbits(flat, axis=-1, bitorder="little"))


@equivalent("15.1")
def as_a_number(codes, bits):
    """A byte as a number in base 2**bits, summed in int64."""
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    per_byte, columns = 8 // bits, -(-codes.shape[-1] * bits // 8)
    wide = torch.zeros(*codes.shape[:-1], columns * per_byte, dtype=torch.int64)
    wide[..., : codes.shape[-1]] = codes
    worth = (2**bits) ** torch.arange(per_byte)
    return (wide.reshape(*codes.shape[:-1], columns, per_byte) * worth).sum(-1).to(torch.uint8)


@equivalent("15.1")
def code_by_code(codes, bits):
    """As the video course writes it, for rows of any number and any length."""
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    per_byte = 8 // bits
    packed = torch.zeros(*codes.shape[:-1], -(-codes.shape[-1] // per_byte), dtype=torch.uint8)
    for index in itertools.product(*map(range, codes.shape)):
        byte, place = divmod(index[-1], per_byte)
        packed[(*index[:-1], byte)] |= int(codes[index]) << bits * place
    return packed
