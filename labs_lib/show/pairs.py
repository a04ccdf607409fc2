"""One number for each of several things, before and after: two points and a line between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .style import ERROR, FAINT, VALUE, new_figure, state

Floats = NDArray[np.float64]
SAME = 1.05  # a smaller ratio is no difference that a picture could show


@dataclass(frozen=True)
class Pairs:
    """Two positive numbers for each label, in one unit; smaller is better."""

    labels: tuple[str, ...]
    before: Floats
    after: Floats

    @property
    def ratio(self) -> Floats:
        """How many times larger the number was before."""
        return self.before / self.after

    @property
    def improved(self) -> int:
        """How many of them became smaller, by more than 5 %."""
        return int((self.ratio > SAME).sum())

    @property
    def best(self) -> int:
        """Index of the largest ratio."""
        return int(self.ratio.argmax())


def pairs(labels: Sequence[str], before: Sequence[float], after: Sequence[float]) -> Pairs:
    """Collect the two columns.

    Raises:
        ValueError: lengths differ, nothing to show, or a number that is not positive and finite.
    """
    columns = np.array([before, after], dtype=np.float64)
    if not labels or columns.shape != (2, len(labels)):
        raise ValueError(f"before and after must have one number for each of {len(labels)} labels")
    if not (np.isfinite(columns) & (columns > 0)).all():
        raise ValueError(f"numbers must be positive and finite, got {columns.min():g} to {columns.max():g}")
    return Pairs(tuple(labels), columns[0], columns[1])


def pairs_figure(pairs: Pairs, title: str, xlabel: str, names: tuple[str, str] = ("before", "after")) -> Figure:
    """Draw one row a label, from top to bottom, on a logarithmic axis.

    Args:
        pairs: the data.
        title: the finding.
        xlabel: the quantity and its unit.
        names: of the two columns, for the legend.
    """
    figure = new_figure(height=1.7 + 0.27 * len(pairs.labels))
    axes = figure.add_subplot()
    rows = np.arange(len(pairs.labels))
    axes.hlines(rows, pairs.before, pairs.after, color=FAINT, linewidth=1.2, zorder=1)
    for column, role, name in [(pairs.before, ERROR, names[0]), (pairs.after, VALUE, names[1])]:
        axes.plot(column, rows, role.marker, color=role.color, markersize=8, linestyle="none", label=name)
    axes.set_xscale("log")
    axes.set_yticks(rows, pairs.labels)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#e6e6e6")
    axes.set_axisbelow(True)
    axes.set_xlabel(f"{xlabel}, logarithmic")
    figure.legend(loc="outside lower center", ncols=2)
    state(figure, title)
    return figure
