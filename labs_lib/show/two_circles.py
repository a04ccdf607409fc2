"""All patterns of a few bits on two circles: what they stand for in two's complement and in offset binary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import CODE, ERROR, FAINT, INK, VALUE, new_figure, state

MOST = 4  # bits: two circles of 16 patterns fit beside each other


@dataclass(frozen=True)
class TwoCircles:
    """Both numbers of every pattern, in the order of the patterns, and one pattern to look at."""

    bits: int
    patterns: tuple[str, ...]
    twos_complement: tuple[int, ...]
    offset_binary: tuple[int, ...]
    marked: int

    @property
    def finding(self) -> str:
        return (
            f"One pattern, two numbers: {self.patterns[self.marked]} is {self.twos_complement[self.marked]} in two's "
            f"complement and {self.offset_binary[self.marked]} in offset binary"
        )


def two_circles(bits: int, pattern: str) -> TwoCircles:
    """Read every pattern both ways.

    Args:
        bits: 2 to 4.
        pattern: the one to mark, such as ``"1111"``.

    Raises:
        ValueError: ``bits`` out of range, or ``pattern`` is not one of that many bits.

    Example:
        >>> two_circles(2, "11").twos_complement, two_circles(2, "11").offset_binary
        ((0, 1, -2, -1), (-2, -1, 0, 1))
    """
    if not 2 <= bits <= MOST:
        raise ValueError(f"bits must be from 2 to {MOST}, got {bits}")
    half, count = 2 ** (bits - 1), 2**bits
    patterns = tuple(f"{code:0{bits}b}" for code in range(count))
    if pattern not in patterns:
        raise ValueError(f"pattern must be {bits} zeros and ones, got {pattern!r}")
    signed = tuple(code - count if code >= half else code for code in range(count))
    return TwoCircles(bits, patterns, signed, tuple(code - half for code in range(count)), patterns.index(pattern))


def two_circles_figure(data: TwoCircles) -> Figure:
    """Draw the patterns clockwise from 00.. at the top, each with its number, and where the numbers jump."""
    figure = new_figure(height=4.9)
    half = 2 ** (data.bits - 1)
    readings = {"two's complement": (data.twos_complement, half - 0.5), "offset binary": (data.offset_binary, -0.5)}
    for axes, (name, (numbers, jump)) in zip(figure.subplots(1, 2), readings.items(), strict=True):
        axes.set_aspect("equal")
        axes.set_xlim(-1.5, 1.5)
        axes.set_ylim(-1.45, 1.45)
        axes.set_axis_off()
        axes.text(0, 0, f"{name}\n{data.patterns[data.marked]} is {numbers[data.marked]}", ha="center", va="center")
        _draw_codes(axes, data, numbers)
        _draw_jump(axes, jump, len(numbers))
    state(figure, data.finding)
    return figure


def _draw_codes(axes: Axes, data: TwoCircles, numbers: tuple[int, ...]) -> None:
    for code, (number, pattern) in enumerate(zip(numbers, data.patterns, strict=True)):
        x, y = _place(code, len(numbers))
        role = VALUE if number >= 0 else CODE
        axes.plot(x, y, role.marker, color=role.color, markersize=9)
        if code == data.marked:
            axes.plot(x, y, "o", markerfacecolor="none", markeredgecolor=ERROR.color, markersize=18, markeredgewidth=2)
        axes.text(1.2 * x, 1.2 * y, str(number), ha="center", va="center", color=INK, fontweight="bold")
        axes.text(0.8 * x, 0.8 * y, pattern, ha="center", va="center", color=FAINT, fontsize=9, family="monospace")


def _draw_jump(axes: Axes, place: float, count: int) -> None:
    ends = np.array([_place(place, count, radius) for radius in (0.68, 1.34)])
    axes.plot(*ends.T, color=ERROR.color, linewidth=2, linestyle=(0, (3, 2)))
    x, y = ends[1]
    axes.text(x + 0.05 * np.sign(x), y, "the jump", color=ERROR.color, ha="left" if x > 0 else "right", va="center")


def _place(code: float, count: int, radius: float = 1.0) -> tuple[float, float]:
    angle = np.pi / 2 - 2 * np.pi * code / count
    return float(radius * np.cos(angle)), float(radius * np.sin(angle))
