"""Numbers as rows of bits under each other, and in colour which code every bit belongs to.

Lesson 15 and 16 shift codes into bytes and out of them. Rows have up to 32 bits, the lowest on the right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .style import CODE, ERROR, FAINT, INK, VALUE, WASTED, hide_scale, ink_on, new_figure, state

FREE, STRAY = -1, -2  # owners of bits that belong to no code: filled with zeros, or copies of a sign
HEIGHT = 0.64  # inches of a row
LABELS, VALUES = 0.9, 0.34  # room beside the cells, in widths of all of them
SMALL = 8.5  # points
PALE = ("#ececec", "#cfd6e0")  # outside of a frame: bits of no code, bits of one


@dataclass(frozen=True)
class BitRow:
    """One number as cells."""

    label: str  # what it is, or what made it of the row above
    value: int  # not negative: 255 for the int8 -1
    owners: tuple[int, ...]  # of each bit, lowest first: the index of its code, FREE or STRAY
    now: int | None = None  # the code in motion, drawn apart; None gives neighbours two colours
    frame: tuple[int, int] | None = None  # lowest bit and number of bits that are kept; others are drawn pale

    def keeps(self, bit: int) -> bool:
        """Whether a bit is inside the frame, or there is none."""
        return self.frame is None or self.frame[0] <= bit < sum(self.frame)

    @property
    def pattern(self) -> str:
        """The bits as text, most significant first, one for each owner."""
        return f"{self.value % 2 ** len(self.owners):0{len(self.owners)}b}"


def owners_of(codes: Iterable[int], bits: int, width: int = 8) -> tuple[int, ...]:
    """The owners of a row in which codes stand side by side, the first of ``codes`` in the lowest bits.

    Args:
        codes: indexes of codes, FREE or STRAY; each owns ``bits`` cells.
        width: cells of the row; what is left is FREE.

    Example:
        >>> owners_of([0, 1], bits=2, width=6)
        (0, 0, 1, 1, -1, -1)
    """
    owned = tuple(code for code in codes for _ in range(bits))
    return owned + (FREE,) * (width - len(owned))


def bit_rows_figure(rows: Sequence[BitRow], bits: int, finding: str) -> Figure:
    """Draw rows of cells, codes of ``bits`` bits named below theirs, and the value of each row at its end."""
    figure = new_figure(height=0.9 + HEIGHT * len(rows))
    draw_rows(figure.add_subplot(), rows, bits)
    state(figure, finding)
    return figure


def draw_rows(axes: Axes, rows: Sequence[BitRow], bits: int) -> None:
    """The same on axes of their own."""
    blank(axes)
    widest = max(len(row.owners) for row in rows)
    axes.set_xlim(-LABELS * widest, (1 + VALUES) * widest)
    axes.set_ylim(len(rows) - 0.4, -0.85)
    for bit in range(0, widest, 1 if widest <= 8 else bits):
        axes.text(widest - bit - 0.5, -0.45, str(bit), ha="center", va="bottom", fontsize=SMALL, color=FAINT)
    axes.text(-0.03 * widest, -0.45, "bit", ha="right", va="bottom", fontsize=SMALL, color=FAINT)
    for y, row in enumerate(rows):
        for bit, (owner, digit) in enumerate(zip(row.owners, reversed(row.pattern), strict=True)):
            color = _color(owner, row.now) if row.keeps(bit) else PALE[owner >= 0]
            draw_cell(axes, widest - 1 - bit, y, digit, color, 11.5 if widest <= 8 else 8)
        for low in range(0, len(row.owners), bits):
            _draw_name(axes, row.owners[low], widest - low, y, bits, "code " if bits > 1 and widest <= 8 else "")
        axes.text(-0.03 * widest, y, row.label, ha="right", va="center", color=INK)
        axes.text(1.02 * widest, y, f"= {row.value}", va="center", color=INK)
        if row.frame is not None:
            low, wide = row.frame
            corner = (widest - low - wide, y - 0.33)
            axes.add_patch(Rectangle(corner, wide, 0.66, fill=False, edgecolor=INK, linewidth=2.2, zorder=3))


def draw_cell(axes: Axes, left: float, y: float, digit: str, color: str, size: float = 11.5, width: float = 1) -> None:
    """One bit; a white cell gets an outline."""
    edge = FAINT if color == "white" else "white"
    axes.add_patch(Rectangle((left, y - 0.3), width, 0.6, facecolor=color, edgecolor=edge))
    middle, ink = left + width / 2, ink_on(color)
    axes.text(middle, y, digit, ha="center", va="center", family="monospace", fontsize=size, color=ink)


def blank(axes: Axes) -> None:
    """Axes without scales."""
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    hide_scale(axes)


def _draw_name(axes: Axes, owner: int, right: float, y: float, bits: int, before: str) -> None:
    """The name of a code below its cells, and a gap to the left of them."""
    if owner != FREE:
        name = "sign" if owner == STRAY else f"{before}{owner}"
        axes.text(right - bits / 2, y + 0.36, name, ha="center", va="top", fontsize=SMALL, color=FAINT)
        axes.plot([right - bits] * 2, [y - 0.31, y + 0.31], color="white", linewidth=3)


def _color(owner: int, now: int | None) -> str:
    if owner < 0:
        return (ERROR if owner == STRAY else WASTED).color
    apart = owner % 2 == 1 if now is None else owner == now
    return (CODE if apart else VALUE).color
