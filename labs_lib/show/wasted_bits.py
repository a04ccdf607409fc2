"""Codes stored one a byte, as bits: which of the eight say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from torch import Tensor

from .bit_rows import SMALL, blank
from .numbers import fixed
from .style import CODE, FAINT, INK, WASTED, ink_on, new_figure, state


@dataclass(frozen=True)
class ByteBits:
    """The bytes of one tensor of codes. Positions run from bit 7, on the left, down to bit 0."""

    name: str
    first: tuple[int, ...]  # the codes that are shown
    patterns: NDArray[np.uint8]  # (shown, 8), their bits
    ones: NDArray[np.float64]  # (8,), percent of all codes with a 1 there
    idle: NDArray[np.bool_]  # (8,), always the same, or always equal to the bit below it
    count: int

    @property
    def always_zero(self) -> bool:
        """Whether every idle bit is 0 in all codes; else they are copies of the sign."""
        return bool((self.ones[self.idle] == 0).all())


@dataclass(frozen=True)
class WastedBits:
    """The same codes in one or several ways to store them."""

    ways: tuple[ByteBits, ...]

    @property
    def finding(self) -> str:
        parts = []
        for way in self.ways:
            what = "are always 0" if way.always_zero else "repeat the sign"
            parts.append(f"{int(way.idle.sum())} {what} in {way.name}")
        return f"Of the 8 bits of a byte {' and '.join(parts)} ({self.ways[0].count:,} codes)"


def wasted_bits(tensors: Mapping[str, Tensor], shown: int = 8) -> WastedBits:
    """Look at the bits of every code.

    Args:
        tensors: int8 or uint8 codes of any shape, by the name of how they are stored.
        shown: how many codes to draw, from the first on.

    Raises:
        ValueError: no tensors, or one that is empty or has elements of more than a byte.

    Example:
        >>> wasted_bits({"uint8": torch.tensor([1, 0, 3, 2], dtype=torch.uint8)}).ways[0].idle.sum()
        6
    """
    if not tensors:
        raise ValueError("tensors must hold at least one tensor")
    return WastedBits(tuple(_byte_bits(name, codes, shown) for name, codes in tensors.items()))


def wasted_bits_figure(data: WastedBits) -> Figure:
    """Draw the first codes of every way as rows of eight cells, and below how often each bit is 1."""
    figure = new_figure(height=1.7 + 0.36 * len(data.ways[0].first))
    for axes, way in zip(figure.subplots(1, len(data.ways), squeeze=False)[0], data.ways, strict=True):
        _draw(axes, way)
    state(figure, data.finding)
    return figure


def _byte_bits(name: str, codes: Tensor, shown: int) -> ByteBits:
    if codes.element_size() != 1 or codes.numel() == 0:
        raise ValueError(f"{name} must hold codes of one byte each, got {codes.dtype} of shape {tuple(codes.shape)}")
    flat = codes.flatten().contiguous()
    bits = np.unpackbits(flat.numpy().view(np.uint8)).reshape(-1, 8)
    constant = (bits == bits[0]).all(axis=0)
    copies = np.append((bits[:, :-1] == bits[:, 1:]).all(axis=0), False)
    first = tuple(int(code) for code in flat[:shown])
    return ByteBits(name, first, bits[:shown], 100 * bits.mean(axis=0), constant | copies, len(bits))


def _draw(axes: Axes, way: ByteBits) -> None:
    blank(axes)
    rows = len(way.first)
    axes.set_title(way.name)
    axes.set_xlim(-2.4, 8.1)
    axes.set_ylim(rows + 0.8, -1.1)
    for place in range(8):
        axes.text(place + 0.5, -0.8, str(7 - place), ha="center", va="center", fontsize=SMALL, color=FAINT)
        ones = fixed(float(way.ones[place]), 0)
        axes.text(place + 0.5, rows + 0.2, ones, ha="center", va="center", fontsize=10, color=INK)
    axes.text(-0.2, -0.8, "bit", ha="right", va="center", fontsize=SMALL, color=FAINT)
    axes.text(-0.2, rows + 0.2, "ones, %", ha="right", va="center", fontsize=10, color=INK)
    for y, (code, pattern) in enumerate(zip(way.first, way.patterns, strict=True)):
        axes.text(-0.2, y, f"code {code}", ha="right", va="center", fontsize=10)
        for place, digit in enumerate(pattern):
            role = WASTED if way.idle[place] else CODE
            cell = Rectangle((place, y - 0.42), 1, 0.84, facecolor=role.color, edgecolor="white")
            axes.add_patch(cell)
            if way.idle[place]:
                cell.set_hatch(role.hatch)
            ink = FAINT if way.idle[place] else ink_on(role.color)
            axes.text(place + 0.5, y, str(digit), ha="center", va="center", family="monospace", color=ink)
