"""Where codes lie in a few bytes: inside of one, over a border, or several sharing one number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .bit_rows import SMALL, blank
from .style import CODE, ERROR, FAINT, INK, VALUE, WASTED, Role, ink_on, new_figure, state
from .widget import Drawn, show_widget, whole_slider

TERNARY = Fraction(8, 5)  # bits of a code when five digits of base 3 share a byte: 3**5 = 243


@dataclass(frozen=True)
class Layout:
    """Codes of one width in some bytes, counted from bit 0 of byte 0."""

    bits: Fraction
    size: int  # bytes
    straddle: bool
    starts: tuple[Fraction, ...]  # the lowest bit of each code

    @property
    def split(self) -> tuple[bool, ...]:
        """Whether each code lies in two bytes."""
        return tuple(start // 8 != (start + self.bits - Fraction(1, 10**6)) // 8 for start in self.starts)

    @property
    def spare(self) -> int:
        """Bits that hold nothing."""
        return int(8 * self.size - len(self.starts) * self.bits)

    @property
    def name(self) -> str:
        width = f"{float(self.bits):g} bit{'' if self.bits == 1 else 's'}"
        return f"{width}, over borders" if self.straddle else width


@dataclass(frozen=True)
class Layouts:
    """Several layouts of the same number of bytes."""

    rows: tuple[Layout, ...]

    @property
    def finding(self) -> str:
        """What the widths that do not divide a byte cost, or that there are none."""
        tight = next((row for row in self.rows if row.spare), None)
        over = next((row for row in self.rows if any(row.split)), None)
        if tight is None:
            width = f"{float(self.rows[0].bits):g} bit{'' if self.rows[0].bits == 1 else 's'}"
            return f"Codes of {width} fill their bytes: no bit is unused, no code lies in two bytes"
        width, left = f"{float(tight.bits):g}", 100 * tight.spare / (8 * tight.size)
        cost = f"Codes of {width} bits leave {left:.1f} % of the bits unused"
        return cost if over is None else f"{cost}, or {sum(over.split)} of {len(over.starts)} lie in two bytes"


def code_layout(bits: int | Fraction, size: int, *, straddle: bool = False) -> Layout:
    """Lay codes into bytes.

    Args:
        bits: 1 to 8, or ``TERNARY``.
        size: how many bytes.
        straddle: go on over the border of a byte instead of leaving the rest of it unused.

    Raises:
        ValueError: another width, or ``size`` below 1.

    Example:
        >>> layout = code_layout(3, size=3, straddle=True)
        >>> len(layout.starts), sum(layout.split), layout.spare
        (8, 2, 0)
    """
    if bits != TERNARY and bits not in range(1, 9):
        raise ValueError(f"bits must be from 1 to 8 or 8/5, got {bits}")
    if size < 1:
        raise ValueError(f"size must be at least 1, got {size}")
    width = Fraction(bits)
    if straddle:
        starts = [index * width for index in range(int(8 * size // width))]
    else:
        starts = [8 * byte + index * width for byte in range(size) for index in range(int(8 // width))]
    return Layout(width, size, straddle, tuple(starts))


def code_layouts(layouts: Sequence[Layout]) -> Layouts:
    """Put layouts under each other.

    Raises:
        ValueError: none, or of different sizes.
    """
    if len({layout.size for layout in layouts}) != 1:
        raise ValueError(f"layouts must have one size, got {[layout.size for layout in layouts]}")
    return Layouts(tuple(layouts))


def code_layouts_figure(data: Layouts) -> Figure:
    """Draw every code as a block as wide as its bits, bit 0 on the right, and borders between the bytes."""
    figure = new_figure(height=1.2 + 0.62 * len(data.rows))
    axes = figure.add_subplot()
    blank(axes)
    wide = 8 * data.rows[0].size
    axes.set_xlim(-0.34 * wide, 1.36 * wide)
    axes.set_ylim(len(data.rows) - 0.4, -0.75)
    for y, row in enumerate(data.rows):
        _draw(axes, row, y)
        axes.text(-0.02 * wide, y, row.name, ha="right", va="center", color=INK)
        split = f", {sum(row.split)} split" if any(row.split) else ""
        spare = f", {row.spare} bits unused" if row.spare else ""
        axes.text(1.02 * wide, y, f"{len(row.starts)} codes{split}{spare}", va="center", color=INK)
    for byte in range(data.rows[0].size + 1):
        axes.plot([8 * byte] * 2, [-0.45, len(data.rows) - 0.55], color=INK, linewidth=2.2)
    for byte in range(data.rows[0].size):
        middle = wide - 8 * byte - 4
        axes.text(middle, -0.5, f"byte {byte}", ha="center", va="bottom", fontsize=SMALL, color=FAINT)
    state(figure, data.finding)
    return figure


def code_layouts_widget(bits: int = 3) -> None:
    """One slider: the width of a code. Above a byte's rest left unused, below codes that go on over it."""

    def draw(bits: int) -> Drawn:
        data = code_layouts([code_layout(bits, bits), code_layout(bits, bits, straddle=True)])
        counts = " and ".join(str(len(row.starts)) for row in data.rows)
        return Drawn(code_layouts_figure(data), f"{data.finding}. In {bits} bytes: {counts} codes.")

    show_widget({"bits": whole_slider("bits of a code", bits, 1, 8)}, draw)


def _draw(axes: Axes, row: Layout, y: int) -> None:
    wide = 8 * row.size
    axes.add_patch(Rectangle((0, y - 0.3), wide, 0.6, facecolor=WASTED.color, hatch=WASTED.hatch, edgecolor="white"))
    for index, (start, split) in enumerate(zip(row.starts, row.split, strict=True)):
        role: Role = ERROR if split else CODE if index % 2 else VALUE
        left = float(wide - start - row.bits)
        axes.add_patch(Rectangle((left, y - 0.3), float(row.bits), 0.6, facecolor=role.color, edgecolor="white"))
        middle, ink = left + _readable(float(left), float(row.bits)), ink_on(role.color)
        axes.text(middle, y, str(index), ha="center", va="center", fontsize=SMALL, color=ink)


def _readable(left: float, bits: float) -> float:
    """Where in a block a number stands free: in the middle of the wider part when a border cuts it."""
    first = 8 - left % 8  # bits up to the border
    if first >= bits:
        return bits / 2
    return first / 2 if first >= bits - first else (first + bits) / 2
