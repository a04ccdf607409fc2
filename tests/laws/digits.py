"""What lessons 15 and 16 must come to: a byte is a number, and the codes in it are its digits in base ``2**bits``.

Plain arithmetic on wide integers, without a shift or a mask.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Generator, Tensor

from labs_lib.course.laws import inputs

WIDTHS = (2, 4, 1, 8)  # of codes that fill a byte exactly
SIGNED = (2, 4, 8, 3, 7, 5, 6)  # widths that signed codes can have


def packed_bytes(codes: Tensor, bits: int) -> Tensor:
    """The bytes of a row of codes, the lowest digit first; digits that are missing at the end are 0."""
    per_byte, values = 8 // bits, codes.numpy().astype(np.int64)
    columns = -(-values.shape[-1] // per_byte)
    digits = np.zeros((*values.shape[:-1], columns * per_byte), dtype=np.int64)
    digits[..., : values.shape[-1]] = values
    worth = (2**bits) ** np.arange(per_byte)
    return torch.as_tensor((digits.reshape(*values.shape[:-1], columns, per_byte) * worth).sum(-1)).to(torch.uint8)


def codes_of(packed: Tensor, bits: int, length: int) -> Tensor:
    """The first ``length`` digits of every row of bytes."""
    worth = (2**bits) ** np.arange(8 // bits)
    digits = packed.numpy().astype(np.int64)[..., None] // worth % 2**bits
    row = digits.reshape(*packed.shape[:-1], packed.shape[-1] * (8 // bits))
    return torch.as_tensor(row[..., :length]).to(torch.uint8)


def random_bytes(g: Generator, *shape: int) -> Tensor:
    return torch.randint(256, shape, generator=g, dtype=torch.uint8)


def row_of_13(g: Generator) -> Tensor:
    """No width but 8 divides it evenly."""
    return random_bytes(g, 13)


def row_of_16(g: Generator) -> Tensor:
    return random_bytes(g, 16)


def one_in_a_row(g: Generator) -> Tensor:
    return random_bytes(g, 1)


def matrix(g: Generator) -> Tensor:
    return random_bytes(g, 4, 11)


def tall(g: Generator) -> Tensor:
    """Rows of a single value."""
    return random_bytes(g, 9, 1)


def square(g: Generator) -> Tensor:
    return random_bytes(g, 8, 8)


def cube(g: Generator) -> Tensor:
    return random_bytes(g, 2, 3, 5)


def all_ones(g: Generator) -> Tensor:
    """Every bit of every byte is set."""
    return torch.full((3, 10), 255, dtype=torch.uint8)


ROWS = (row_of_13, row_of_16, one_in_a_row, matrix, tall, square, cube, all_ones)


def layouts(high: int, *, low: int = 0, dtype: torch.dtype = torch.uint8) -> Iterator[tuple[str, Tensor]]:
    """Integers from ``low`` to ``high - 1`` that do not lie row by row in memory, with what is special about each."""
    g = inputs.generator(0, f"layouts from {low} to {high}")

    def numbers(*shape: int) -> Tensor:
        return torch.randint(low, high, shape, generator=g, dtype=dtype)

    yield "stored column by column", numbers(8, 8).T
    yield "stored column by column, in 10 rows", numbers(3, 10).T
    yield "dimensions exchanged", numbers(2, 3, 8).transpose(0, 2)
    yield "every other number of a row", numbers(16)[::2]
    yield "every other column", numbers(3, 16)[:, ::2]
    yield "a row that begins at an odd place in memory", numbers(9)[1:]
    yield "rows that begin at odd places in memory", numbers(3, 9)[:, 1:]
    yield "one number stretched to eight", numbers(1).expand(8)
    yield "one row stretched to three", numbers(8).expand(3, 8)
