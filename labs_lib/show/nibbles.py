"""One list of 4-bit codes in the bytes of several libraries: which code lies in which half of which byte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .bit_rows import SMALL, blank
from .style import CODE, FAINT, INK, new_figure, state
from .widget import Drawn, show_widget, whole_slider

SHADES = LinearSegmentedColormap.from_list("place in the list", ["#f3f5f9", "#7d97c1"])  # black can be read on all
LENGTH = 32  # codes: the longest unit of a layout, and what can be read in one row


@dataclass(frozen=True)
class NibbleRow:
    """The bytes of one layout."""

    name: str
    halves: tuple[int, ...]  # the code in the low half of byte 0, in its high half, in the low half of byte 1, ...
    stored: bytes

    def place(self, code: int) -> str:
        """Where a code of the list is."""
        byte, high = divmod(self.halves.index(code), 2)
        return f"{'high' if high else 'low'} half of byte {byte}"


@dataclass(frozen=True)
class Nibbles:
    """The same codes in several layouts."""

    codes: tuple[int, ...]
    rows: tuple[NibbleRow, ...]

    @property
    def finding(self) -> str:
        """How many bytes two layouts have in common at most, in the same place."""
        pairs = [(a, b) for index, a in enumerate(self.rows) for b in self.rows[:index]]
        most = max(sum(x == y for x, y in zip(a.stored, b.stored, strict=True)) for a, b in pairs)
        agree = "in no byte do two of them agree" if most == 0 else f"two of them agree in at most {most}"
        return f"The same {len(self.codes)} codes make {len({row.stored for row in self.rows})} rows of bytes: {agree}"

    def found(self, code: int) -> str:
        """Where one code lies in each layout."""
        places = "; ".join(f"{row.name}: {row.place(code)}" for row in self.rows)
        return f"Code {code} is {self.codes[code]:x}. {places}"


def nibbles(codes: Sequence[int], orders: Mapping[str, Sequence[int]]) -> Nibbles:
    """Lay a list out in several orders.

    Args:
        codes: 32 numbers from 0 to 15.
        orders: by name, the codes in the halves of one unit of bytes, low half first; a unit divides 32.

    Raises:
        ValueError: another number of codes, fewer than two orders, or one that is not an order of its unit.
    """
    if len(codes) != LENGTH or not all(0 <= code < 16 for code in codes):
        raise ValueError(f"codes must be {LENGTH} numbers from 0 to 15, got {list(codes)}")
    if len(orders) < 2:
        raise ValueError(f"there must be at least two orders, got {list(orders)}")
    rows = []
    for name, order in orders.items():
        if sorted(order) != list(range(len(order))) or LENGTH % len(order):
            raise ValueError(f"the order of {name} must have each place of its unit once, got {list(order)}")
        halves = tuple(start + place for start in range(0, LENGTH, len(order)) for place in order)
        pairs = zip(halves[::2], halves[1::2], strict=True)
        rows.append(NibbleRow(name, halves, bytes(codes[low] | codes[high] << 4 for low, high in pairs)))
    return Nibbles(tuple(codes), tuple(rows))


def nibbles_figure(data: Nibbles, chosen: int | None = None) -> Figure:
    """Draw each byte as two cells, the high half on the left as hexadecimal digits are written.

    Args:
        data: the rows.
        chosen: a code to follow; the cells of all others fade.
    """
    figure = new_figure(height=1.0 + 0.74 * (1 + len(data.rows)))
    axes = figure.add_subplot()
    blank(axes)
    axes.set_xlim(-6.5, LENGTH + 0.3)
    axes.set_ylim(len(data.rows) + 0.7, -0.4)
    _draw_row(axes, 0, "the list", tuple(range(LENGTH)), [f"{code:x}" for code in data.codes], chosen)
    axes.text(-0.6, 0.52, "code", ha="right", va="center", fontsize=SMALL, color=FAINT)
    for y, row in enumerate(data.rows, start=1):
        halves = tuple(row.halves[place ^ 1] for place in range(LENGTH))  # high half first
        _draw_row(axes, y, row.name, halves, [f"{byte:02x}" for byte in row.stored], chosen)
        axes.text(-0.6, y + 0.52, "byte", ha="right", va="center", fontsize=SMALL, color=FAINT)
    state(figure, data.finding if chosen is None else data.found(chosen))
    return figure


def nibbles_widget(codes: Sequence[int], orders: Mapping[str, Sequence[int]], chosen: int = 5) -> None:
    """One slider: the code to follow."""
    data = nibbles(codes, orders)

    def draw(chosen: int) -> Drawn:
        return Drawn(nibbles_figure(data, chosen), f"{data.found(chosen)}.")

    show_widget({"chosen": whole_slider("place in the list", chosen, 0, LENGTH - 1)}, draw)


def _draw_row(axes: Axes, y: int, name: str, places: Sequence[int], digits: Sequence[str], chosen: int | None) -> None:
    """Cells with the places of the codes in the list, and under them what is written: one digit a code."""
    axes.text(-0.6, y, name, ha="right", va="center", color=INK)
    for left, place in enumerate(places):
        color = "white" if chosen is not None else shade(place)
        color = CODE.color if place == chosen else color
        edge = FAINT if color == "white" else "white"
        axes.add_patch(Rectangle((left, y - 0.3), 1, 0.6, facecolor=color, edgecolor=edge, linewidth=0.8))
        axes.text(left + 0.5, y, str(place), ha="center", va="center", fontsize=SMALL, color=INK)
    wide = LENGTH // len(digits)
    for index, text in enumerate(digits):
        axes.text((index + 0.5) * wide, y + 0.52, text, ha="center", va="center", family="monospace", fontsize=9.5)
        if wide > 1 and index:
            axes.plot([index * wide] * 2, [y - 0.34, y + 0.34], color=INK, linewidth=1.6)


def shade(place: int) -> str:
    """The shade of a place in the list, light at its beginning."""
    red, green, blue, _ = SHADES(place / (LENGTH - 1))
    return f"#{round(255 * red):02x}{round(255 * green):02x}{round(255 * blue):02x}"
