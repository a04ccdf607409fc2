"""Two ways in which many bits move at once: codes of one word squeezed into a byte, and signs that smear over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from .bit_rows import FREE, STRAY, BitRow, bit_rows_figure, owners_of


@dataclass(frozen=True)
class Squeeze:
    """Rows that end in a byte."""

    rows: tuple[BitRow, ...]
    bits: int
    byte: int
    finding: str


def word_squeeze(codes: Sequence[int], bits: int) -> Squeeze:
    """Read codes that lie one a byte as one integer, and bring them together with shifts of the whole of it.

    Args:
        codes: ``8 // bits`` whole numbers from 0 to ``2**bits - 1``.
        bits: 2 or 4, so that the word has 16 or 32 bits.

    Raises:
        ValueError: another width, another number of codes, or a code that does not fit.

    Example:
        >>> word_squeeze([1, 0, 3, 2], bits=2).byte
        177
    """
    _refuse(codes, bits, 0, 2**bits - 1)
    count = len(codes)
    word = sum(code << 8 * index for index, code in enumerate(codes))
    at = [owner for index in range(count) for owner in owners_of([index], bits)]
    rows, total, owners = [], 0, [FREE] * len(at)
    for index in range(count):
        shift = index * (8 - bits)
        moved = (*at[shift:], *[FREE] * shift)
        rows.append(BitRow(f"word >> {shift}" if shift else "the word", word >> shift, moved))
        total |= word >> shift
        owners = [max(one, other) for one, other in zip(owners, moved, strict=True)]
    rows.append(BitRow("or of all", total, tuple(owners), frame=(0, 8)))
    moves = {1: "One shift of a whole word brings", 3: "Three shifts of a whole word bring"}[count - 1]
    finding = f"{moves} {count} codes together: its lowest byte is {total % 256}"
    return Squeeze(tuple(rows), bits, total % 256, finding)


def sign_smear(codes: Sequence[int], bits: int) -> Squeeze:
    """Shift two's complement codes into a byte as they are: the sign of a negative one reaches to the top.

    Args:
        codes: ``8 // bits`` whole numbers from ``-2**(bits-1)`` to ``2**(bits-1) - 1``.
        bits: 2 or 4.

    Raises:
        ValueError: another width, another number of codes, or a code that does not fit.

    Example:
        >>> sign_smear([-1, 0, 1, -2], bits=2).byte
        255
    """
    half = 2 ** (bits - 1)
    _refuse(codes, bits, -half, half - 1)
    rows, byte, smeared = [], 0, [False] * 8
    for index, code in enumerate(codes):
        place = bits * index
        above = STRAY if code < 0 else FREE
        owners = owners_of([*[FREE] * index, index, *[above] * (len(codes) - 1 - index)], bits)
        byte |= code << place & 255
        smeared = [old or owner == STRAY for old, owner in zip(smeared, owners, strict=True)]
        rows.append(BitRow(f"code {index} is {code}, << {place}", code << place & 255, owners))
    whole = owners_of(range(len(codes)), bits)
    owners = tuple(STRAY if bad else owner for bad, owner in zip(smeared, whole, strict=True))
    rows.append(BitRow("or of all", byte, owners))
    back = [byte >> bits * index & 2**bits - 1 for index in range(len(codes))]
    lost = sum(code % 2**bits != read for code, read in zip(codes, back, strict=True))
    finding = f"Signs smear over the byte: {list(codes)} becomes {byte}, and {lost} of {len(codes)} codes are lost"
    return Squeeze(tuple(rows), bits, byte, finding)


def squeeze_figure(data: Squeeze) -> Figure:
    """Draw the rows of either, with the finding as title."""
    return bit_rows_figure(data.rows, data.bits, data.finding)


def _refuse(codes: Sequence[int], bits: int, low: int, high: int) -> None:
    if bits not in (2, 4):
        raise ValueError(f"bits must be 2 or 4, got {bits}")
    if len(codes) != 8 // bits:
        raise ValueError(f"codes must be {8 // bits} numbers at {bits} bits, got {len(codes)}")
    wrong = [code for code in codes if not low <= code <= high]
    if wrong:
        raise ValueError(f"codes must be from {low} to {high} at {bits} bits, got {wrong[0]}")
