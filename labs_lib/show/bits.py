"""A number's bits as cells: what sign, exponent and mantissa (or two's complement) make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .style import CODE, FAINT, INK, VALUE, WASTED, hide_scale, ink_on, new_figure, state


@dataclass(frozen=True)
class Format:
    """How a number format spends its bits. Integers have neither dtype nor exponent."""

    bits: int
    exponent: int = 0
    dtype: torch.dtype | None = None

    @property
    def fields(self) -> tuple[tuple[str, int], ...]:
        """Names and widths, most significant first."""
        if self.dtype is None:
            return ("sign", 1), ("two's complement", self.bits - 1)
        return ("sign", 1), ("exponent", self.exponent), ("mantissa", self.bits - 1 - self.exponent)


FORMATS = {
    "fp32": Format(32, 8, torch.float32),
    "fp16": Format(16, 5, torch.float16),
    "bf16": Format(16, 8, torch.bfloat16),
    "int8": Format(8),
    "int4": Format(4),
    "int2": Format(2),
}
FIELD_COLORS = {
    "sign": VALUE.color,
    "exponent": CODE.color,
    "mantissa": WASTED.color,
    "two's complement": WASTED.color,
}


@dataclass(frozen=True)
class Bits:
    """One number in one format."""

    format: str
    wanted: float
    stored: float  # what the bits stand for
    pattern: str  # "0" and "1", most significant first

    @property
    def error(self) -> float:
        return abs(self.stored - self.wanted)


def bits_of(value: float, format: str) -> Bits:
    """Store a number in a format and read its bits.

    Args:
        value: any real number for a floating format (PyTorch rounds it), a whole number for an integer one.
        format: a name in ``FORMATS``.

    Raises:
        ValueError: an unknown format, or a value that an integer format does not have.

    Example:
        >>> bits_of(-2, "int4").pattern, bits_of(1.0, "bf16").pattern
        ('1110', '0011111110000000')
    """
    if format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}")
    kind = FORMATS[format]
    if kind.dtype is None:
        limit = 2 ** (kind.bits - 1)
        if value != int(value) or not -limit <= value < limit:
            raise ValueError(f"value must be a whole number from {-limit} to {limit - 1} for {format}, got {value}")
        number, stored = int(value), float(value)
    else:
        cell = torch.tensor(value, dtype=kind.dtype)
        number, stored = int(cell.view(torch.int32 if kind.bits == 32 else torch.int16)), float(cell)
    return Bits(format, float(value), stored, f"{number % 2**kind.bits:0{kind.bits}b}")


def bits_figure(rows: Sequence[Bits], title: str | None = None) -> Figure:
    """Draw one row of cells for each number; the title says how far each is off unless another is given."""
    figure = new_figure(height=0.8 + 0.72 * len(rows))
    axes = figure.add_subplot()
    axes.set_xlim(-0.2, 43)
    axes.set_ylim(len(rows) - 0.35, -0.45)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    hide_scale(axes)
    axes.set_yticks(range(len(rows)), [row.format for row in rows])
    axes.tick_params(axis="y", length=0)
    for y, row in enumerate(rows):
        left = 0
        for name, width in FORMATS[row.format].fields:
            for index in range(left, left + width):
                axes.add_patch(Rectangle((index, y - 0.3), 1, 0.6, facecolor=FIELD_COLORS[name], edgecolor="white"))
                ink = ink_on(FIELD_COLORS[name])
                axes.text(
                    index + 0.5,
                    y,
                    row.pattern[index],
                    ha="center",
                    va="center",
                    color=ink,
                    family="monospace",
                )
            label = name if name in ("sign", "two's complement") else f"{name}, {width} bits"
            place, side = (left + 0.95, "right") if name == "sign" else (left + 0.15, "left")
            axes.text(place, y + 0.34, label, ha=side, va="top", fontsize=8.5, color=FAINT)
            left += width
        axes.text(max(left, 10) + 0.6, y, f"= {row.stored:.9g}", va="center", color=INK)
    state(figure, title or bits_finding(rows))
    return figure


def bits_finding(rows: Sequence[Bits]) -> str:
    """How far each number is off, said once for each number and not for each format."""
    wanted = {f"{row.wanted:g}" for row in rows}
    if len(wanted) == 1:
        return f"{wanted.pop()} is " + ", ".join(f"{_off(row)} in {row.format}" for row in rows)
    return "; ".join(f"{row.wanted:g} is {_off(row)} in {row.format}" for row in rows)


def _off(row: Bits) -> str:
    return f"off by {row.error:.1e}" if row.error else "exact"
