"""A linear format is a ruler: the same codes, slid and stretched along the real line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .style import CODE, FAINT, new_figure, state

NAMED = 16  # codes: more numbers under the marks would run together


@dataclass(frozen=True)
class EvenGrid:
    """The real values that the codes of a signed integer stand for."""

    scale: float
    zero_point: int
    codes: NDArray[np.int64]
    values: NDArray[np.float64]

    @property
    def reach(self) -> tuple[float, float]:
        return float(self.values[0]), float(self.values[-1])


def even_grid(scale: float, zero_point: int = 0, bits: int = 4) -> EvenGrid:
    """Place the codes of a signed integer: code q stands for ``scale * (q - zero_point)``.

    Example:
        >>> even_grid(0.5, zero_point=-2, bits=2).values.tolist()
        [0.0, 0.5, 1.0, 1.5]
    """
    codes = np.arange(-(2 ** (bits - 1)), 2 ** (bits - 1))
    return EvenGrid(scale, zero_point, codes, scale * (codes - zero_point))


def even_grid_figure(grids: Sequence[EvenGrid], title: str) -> Figure:
    """Draw one ruler for each grid over a common real line, with the code under each mark."""
    figure = new_figure(height=1.3 + 0.85 * len(grids))
    axes = figure.add_subplot()
    low, high = min(grid.reach[0] for grid in grids), max(grid.reach[1] for grid in grids)
    margin = 0.03 * (high - low)
    axes.set_xlim(low - margin, high + margin)
    axes.set_ylim(len(grids) - 0.35, -0.5)
    axes.axvline(0.0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    for y, grid in enumerate(grids):
        axes.hlines(y, *grid.reach, color=CODE.color, linewidth=1.5)
        axes.vlines(grid.values, y - 0.2, y + 0.2, color=CODE.color, linewidth=2.5)
        if len(grid.codes) <= NAMED:
            for code, value in zip(grid.codes, grid.values, strict=True):
                bold = "bold" if code == grid.zero_point else "normal"
                text = axes.text(value, y + 0.27, str(code), ha="center", va="top", fontsize=8.5, weight=bold)
                text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # over the line at 0.0
    axes.set_yticks(range(len(grids)), [_label(grid) for grid in grids])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("real value (under each mark its code; the code of 0.0 is bold)")
    state(figure, title)
    return figure


def _label(grid: EvenGrid) -> str:
    return f"scale {grid.scale:g}\nzero point {grid.zero_point}"
