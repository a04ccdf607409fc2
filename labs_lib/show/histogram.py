"""The distribution of weights over the grid of values that the codes stand for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from labs_lib import affine

from .style import CODE, ERROR, VALUE, new_figure, state

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Histogram:
    """Counts of values in equal bins, and the codes' grid (empty without a scale)."""

    counts: NDArray[np.int64]
    edges: Floats  # one more than counts, in real units
    grid: Floats  # what every code stands for, smallest code first
    clipped: int  # values outside of the grid's ends


def histogram(
    x: Tensor,
    scale: Tensor | float | None = None,
    zero_point: Tensor | int = 0,
    bits: int = 8,
    bins: int = 120,
) -> Histogram:
    """Count the values of ``x`` (any shape, floating), over the grid of one scale and zero point."""
    flat = x.detach().flatten().double()
    counts, edges = np.histogram(flat.numpy(), bins)
    if scale is None:
        return Histogram(counts, edges, np.array([]), 0)
    q_min, q_max = affine.q_range(bits)
    grid = affine.dequantize(torch.arange(q_min, q_max + 1), scale, zero_point).double()
    clipped = int(((flat < grid[0]) | (flat > grid[-1])).sum())
    return Histogram(counts, edges, grid.numpy(), clipped)


def histogram_figure(data: Histogram, title: str, xlabel: str = "weight", log: bool = False) -> Figure:
    """Draw the bars, hatched where the codes do not reach, over a row of ticks, one for each code.

    Args:
        data: from ``histogram``.
        title: the finding, such as "One outlier costs 5 bits".
        xlabel: what is counted, with its unit.
        log: a logarithmic scale of counts, for tails that would vanish.
    """
    figure = new_figure(height=3.6)
    if data.grid.size:
        axes, ruler = figure.subplots(2, 1, sharex=True, height_ratios=[7, 1])
        _draw_grid(ruler, data)
        ruler.set_xlabel(xlabel)
    else:
        axes = figure.add_subplot()
        axes.set_xlabel(xlabel)
    _draw_bars(axes, data)
    axes.set_ylabel("values per bin")
    axes.set_yscale("log" if log else "linear")
    margin = 0.02 * (data.edges[-1] - data.edges[0])  # so that a code at the last value can be seen
    axes.set_xlim(data.edges[0] - margin, data.edges[-1] + margin)
    state(figure, title)
    return figure


def _draw_bars(axes: Axes, data: Histogram) -> None:
    middle, width = (data.edges[:-1] + data.edges[1:]) / 2, np.diff(data.edges)
    inside = np.ones(len(middle), dtype=bool)
    if data.grid.size:
        inside = (middle >= data.grid[0]) & (middle <= data.grid[-1])
    axes.bar(middle[inside], data.counts[inside], width[inside], color=VALUE.color)
    if not inside.all():
        axes.bar(
            middle[~inside],
            data.counts[~inside],
            width[~inside],
            color="white",
            edgecolor=ERROR.color,
            hatch=ERROR.hatch,
            label=f"{data.clipped:,} values are clipped",
        )
        axes.legend(loc="upper right")


def _draw_grid(axes: Axes, data: Histogram) -> None:
    width = 2 if len(data.grid) <= 64 else 0.8
    axes.vlines(data.grid, 0, 1, color=CODE.color, linewidth=width, snap=False)
    axes.set_ylim(0, 1)
    axes.set_yticks([0.5], ["codes"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
