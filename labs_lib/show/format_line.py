"""Which numbers a format has in an interval: where they lie, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .bits import FORMATS
from .numbers import digits_for, fixed
from .style import CODE, INK, VALUE, new_figure, state

Floats = NDArray[np.float64]
SEPARATE = 300  # more ticks than this would run together: they become a strip, dark where dense


@dataclass(frozen=True)
class FormatLine:
    """The numbers of one format in ``[low, high]``."""

    format: str
    low: float
    high: float
    count: int
    values: Floats | None  # in rising order; None for fp32, which has too many to list
    step: float | None  # the distance of neighbours, for integers under a scale


def format_line(format: str, low: float, high: float) -> FormatLine:
    """List the numbers of a format from ``low`` to ``high``, both included.

    Integers get the symmetric scale that covers the interval: ``max(|low|, |high|) / (2**(b-1) - 1)``.

    Raises:
        ValueError: an unknown format, or an empty interval.

    Example:
        >>> format_line("bf16", 1.0, 2.0).count
        129
    """
    if format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}")
    if not low < high:
        raise ValueError(f"low must be smaller than high, got {low} and {high}")
    kind = FORMATS[format]
    if kind.bits == 32:
        return FormatLine(format, low, high, _count_float32(low, high), None, None)
    step = None
    if kind.dtype is None:
        limit = 2 ** (kind.bits - 1)
        step = max(abs(low), abs(high)) / (limit - 1)
        every = np.arange(-limit, limit) * step
    else:
        patterns = torch.arange(-(2**15), 2**15).to(torch.int16)
        every = np.unique(patterns.view(kind.dtype).double().numpy())  # -0.0 and 0.0 are one number
    values = every[(every >= low) & (every <= high)]  # NaN and infinities drop out
    return FormatLine(format, low, high, len(values), values, step)


def format_line_figure(lines: Sequence[FormatLine], log: bool = False, title: str | None = None) -> Figure:
    """Draw one row for each format over the same interval, on a linear or a logarithmic scale.

    Raises:
        ValueError: ``log`` with an interval that is not all positive.
    """
    low, high = lines[0].low, lines[0].high
    if log and low <= 0:
        raise ValueError(f"low must be positive on a logarithmic scale, got {low}")
    figure = new_figure(height=1.3 + 0.55 * len(lines))
    axes = figure.add_subplot()
    axes.set_xscale("log" if log else "linear")
    axes.set_xlim(low, high)
    axes.set_ylim(len(lines) - 0.4, -0.5)
    for y, line in enumerate(lines):
        if line.values is not None and line.count <= SEPARATE:
            color, width = (VALUE.color, 1.0) if line.step is None else (CODE.color, 1.6)
            axes.vlines(line.values, y - 0.28, y + 0.28, color=color, linewidth=width, clip_on=False)
        text = f"{line.count:,} value{'' if line.count == 1 else 's'}"
        axes.text(1.015, y, text, va="center", color=INK, transform=axes.get_yaxis_transform())
    _draw_strips(axes, lines, np.geomspace(low, high, 601) if log else np.linspace(low, high, 601), log)
    axes.set_yticks(range(len(lines)), [_label(line) for line in lines])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("real value" + (" on a logarithmic scale" if log else "") + "; darker strips are denser")
    state(figure, title or format_line_finding(lines))
    return figure


def density(line: FormatLine, places: Floats) -> Floats:
    """How many numbers the format has for each unit of the real line, near each place (0 beyond its last)."""
    if line.values is None:
        return 1.0 / np.spacing(np.abs(places).astype(np.float32)).astype(np.float64)
    after = np.searchsorted(line.values, places)
    inside = (after > 0) & (after < len(line.values))
    gaps = np.diff(line.values)[np.clip(after - 1, 0, len(line.values) - 2)]
    return np.where(inside, 1.0 / gaps, 0.0)


def format_line_finding(lines: Sequence[FormatLine]) -> str:
    """How many numbers each format has there."""
    counts = ", ".join(f"{line.format} {line.count:,}" for line in lines)
    return f"Numbers from {lines[0].low:g} to {lines[0].high:g}: {counts}"


def _draw_strips(axes: Axes, lines: Sequence[FormatLine], edges: Floats, log: bool) -> None:
    """Rows with too many numbers for ticks: one shade darker is twice as dense, on one scale for all rows."""
    places = (edges[:-1] + edges[1:]) / 2
    rows = {y: density(line, places) for y, line in enumerate(lines) if line.values is None or line.count > SEPARATE}
    if not rows:
        return
    shades = LinearSegmentedColormap.from_list("density", ["#dfe5ef", VALUE.color])
    octaves = {y: np.ma.log2(np.ma.masked_equal(row * (places if log else 1.0), 0)) for y, row in rows.items()}
    low, high = min(row.min() for row in octaves.values()), max(row.max() for row in octaves.values())
    for y, row in octaves.items():
        axes.pcolormesh(edges, [y - 0.28, y + 0.28], row[None, :], cmap=shades, vmin=low, vmax=max(high, low + 1))


def _label(line: FormatLine) -> str:
    return line.format if line.step is None else f"{line.format}, step {fixed(line.step, digits_for(line.step))}"


def _count_float32(low: float, high: float) -> int:
    """How many float32 numbers lie in ``[low, high]``: put in order, their bit patterns count them."""
    ends = np.array([low, high], dtype=np.float32)
    if float(ends[0]) < low:  # float(): NumPy would round the bound to float32 first
        ends[0] = np.nextafter(ends[0], np.float32(np.inf))
    if float(ends[1]) > high:
        ends[1] = np.nextafter(ends[1], np.float32(-np.inf))
    patterns = ends.view(np.int32).astype(np.int64)
    order = np.where(patterns < 0, -(patterns + 2**31), patterns)  # negative numbers count downwards from -0.0
    return int(order[1] - order[0]) + 1
