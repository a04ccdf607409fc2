"""A matrix cut into groups, and the same values as a taller matrix in which every row is one group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from .style import CODE, ERROR, FAINT, INK, WASTED, ink_on, new_figure, state

Ints = NDArray[np.int64]
SHADES = (CODE.color, "#f7e3bd")  # neighbouring groups, apart in grey too
CELL = 0.34  # inches


@dataclass(frozen=True)
class GroupCut:
    """Which value belongs to which group."""

    group_size: int
    groups: Ints  # (rows, columns): the number of the group of each value
    pieces: Ints  # (groups, group_size): the place of each value in the flat matrix, -1 where a zero was put

    @property
    def short(self) -> int:
        """Groups with fewer values than ``group_size``."""
        return int((self.pieces < 0).any(axis=1).sum())

    @property
    def crossing(self) -> list[int]:
        """Groups that hold values of more than one row."""
        rows = self.pieces // self.groups.shape[1]
        return [number for number, row in enumerate(rows) if len(set(row[self.pieces[number] >= 0])) > 1]

    @property
    def finding(self) -> str:
        rows, columns = self.groups.shape
        cut = f"{rows} rows of {columns} in groups of {self.group_size}: {len(self.pieces)} scales"
        if self.crossing:
            return f"{cut}, and {len(self.crossing)} of the groups cross a row"
        return f"{cut}, {self.short} of them for a short group" if self.short else f"{cut}, no group is short"


def group_cut(rows: int, columns: int, group_size: int, pad: bool = True) -> GroupCut:
    """Cut a matrix of ``rows`` times ``columns`` into groups of neighbours along its rows.

    Args:
        rows, columns: the matrix.
        group_size: neighbours that share a scale.
        pad: fill every row with zeros until it divides. Without, the values are cut as they follow each other, as a
            bare ``reshape(-1, group_size)`` does.

    Raises:
        ValueError: without padding, the values do not divide into groups.
    """
    places = np.arange(rows * columns).reshape(rows, columns)
    if pad:
        places = np.pad(places, ((0, 0), (0, -columns % group_size)), constant_values=-1)
    pieces = places.reshape(-1, group_size)
    groups = np.empty(rows * columns, dtype=np.int64)
    for number, piece in enumerate(pieces):
        groups[piece[piece >= 0]] = number
    return GroupCut(group_size, groups.reshape(rows, columns), pieces)


def group_cut_figure(cut: GroupCut) -> Figure:
    """Draw the matrix on the left and its groups as rows on the right, each cell with the number of its group."""
    tall, wide = cut.pieces.shape
    rows, columns = cut.groups.shape
    figure = new_figure(height=1.35 + CELL * max(tall, rows + 1))
    left, right = figure.subplots(1, 2, width_ratios=(columns + 0.2, wide + 2.5))
    for row, column in np.ndindex(rows, columns):
        _cell(left, cut, row, column, int(cut.groups[row, column]))
    for number, place in np.ndindex(tall, wide):
        if cut.pieces[number, place] >= 0:
            _cell(right, cut, number, place, number)
        else:
            _padding(right, number, place)
    for number in range(tall):
        right.text(wide + 0.1, number, f"scale {number}", va="center", color=FAINT, fontsize=10)
    for axes, width, name in (
        (left, columns + 0.2, f"the matrix, {rows} x {columns}"),
        (right, wide + 2.5, f"its groups as rows, {tall} x {wide}"),
    ):
        axes.set(xlim=(-0.6, width - 0.6), ylim=(max(tall, rows) - 0.4, -0.6), aspect="equal", anchor="NW")
        axes.set_axis_off()
        axes.set_title(name)
    state(figure, cut.finding)
    return figure


def _cell(axes: Axes, cut: GroupCut, row: int, column: int, number: int) -> None:
    crosses = number in cut.crossing
    color = ERROR.color if crosses else SHADES[number % 2]
    axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=color, edgecolor="white", linewidth=1.2))
    weight = "bold" if crosses else "normal"
    axes.text(column, row, str(number), ha="center", va="center", color=ink_on(color), weight=weight)


def _padding(axes: Axes, row: int, column: int) -> None:
    axes.add_patch(
        Rectangle(
            (column - 0.5, row - 0.5), 1, 1, facecolor=WASTED.color, edgecolor=FAINT, hatch=WASTED.hatch, linewidth=0
        )
    )
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    axes.text(column, row, "0", ha="center", va="center", color=INK, bbox=box, fontsize=10)
