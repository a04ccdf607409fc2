"""Two measures of the same change on several pieces of a text: one wavers around zero, one does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .numbers import fixed
from .style import CODE, FAINT, VALUE, Role, new_figure, state

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TextPieces:
    """One number of each kind for each piece."""

    change: Floats  # of the perplexity, in percent of what it was
    nats: Floats  # mean KL divergence

    @property
    def fell(self) -> int:
        """On how many pieces the perplexity became smaller."""
        return int((self.change < 0).sum())

    @property
    def finding(self) -> str:
        return (
            f"The perplexity fell on {self.fell} of {len(self.change)} pieces; "
            f"the divergence is {fixed(self.nats.max() / self.nats.min(), 1)} times as large on one piece as on "
            "another, and has one sign"
        )


def text_pieces(before: Sequence[float], after: Sequence[float], nats: Sequence[float]) -> TextPieces:
    """Collect perplexities of the original and of the changed model, and the divergences between them.

    Raises:
        ValueError: lengths differ, fewer than two pieces, or a number that is not positive and finite.
    """
    columns = [np.array(column, dtype=np.float64) for column in (before, after, nats)]
    if len({len(column) for column in columns}) > 1 or len(columns[0]) < 2:
        raise ValueError(f"there must be two or more pieces in every column, got {[len(c) for c in columns]}")
    if not all((np.isfinite(column) & (column > 0)).all() for column in columns):
        raise ValueError("perplexities and divergences must be positive and finite")
    return TextPieces(100 * (columns[1] / columns[0] - 1), columns[2])


def text_pieces_figure(data: TextPieces, title: str | None = None) -> Figure:
    """Draw both measures as bars, piece by piece, one panel each."""
    figure = new_figure(height=4.2)
    left, right = figure.subplots(1, 2)
    _bars(left, data.change, VALUE)
    left.axhline(0, color=FAINT, linewidth=1)
    left.set_title("change of the perplexity, %", fontsize=11.5)
    _bars(right, data.nats, CODE)
    right.set_ylim(bottom=0)
    right.set_title("mean KL divergence, nats", fontsize=11.5)
    state(figure, title or data.finding)
    return figure


def _bars(axes: Axes, values: Floats, role: Role) -> None:
    places = range(1, len(values) + 1)
    axes.bar(places, values, 0.7, color=role.color, hatch=role.hatch, edgecolor="white", linewidth=0)
    axes.set_xticks(places)
    axes.tick_params(axis="x", length=0)
    axes.set_xlabel("piece of the text")
    axes.spines["bottom"].set_visible(False)
