"""An activation range fixed in advance: what lies outside is clipped, and what lies inside is rounded to its steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from labs_lib import affine

from .numbers import fixed
from .style import CODE, ERROR, FAINT, VALUE, new_figure, state
from .widget import Drawn, ratio_slider, show_widget, whole_slider

Floats = NDArray[np.float64]
PARTS = (0.02, 4.0)  # of the measured range: the ends of the sweep
TICKS = (2, 5, 10, 25, 50, 100, 200, 400)  # percent


@dataclass(frozen=True)
class RangePoint:
    """One static range and the two errors that it makes, in squared units of the activations."""

    part: float  # of the measured range
    low: float  # what the first and the last code stand for
    high: float
    clipping: float
    rounding: float
    clipped_share: float  # of all values, 0 to 1

    @property
    def total(self) -> float:
        return self.clipping + self.rounding


@dataclass(frozen=True)
class StaticRange:
    """Activations under one static range, and under a sweep of narrower and wider ones."""

    values: Floats
    bits: int
    now: RangePoint
    sweep: tuple[RangePoint, ...]

    @property
    def best(self) -> RangePoint:
        return min(self.sweep, key=lambda point: point.total)

    @property
    def finding(self) -> str:
        share = fixed(100 * self.now.clipping / self.now.total, 1) if self.now.total else "0.0"
        times = fixed(self.now.total / self.best.total, 1) if self.best.total else "1.0"
        return (
            f"{fixed(100 * self.now.part, 0)} % of the range at {self.bits} bits clips "
            f"{fixed(100 * self.now.clipped_share, 2)} % of the values: {share} % of the error is clipping, "
            f"and it is {times} times the smallest one"
        )


def static_range(x: Tensor, measured: tuple[float, float], part: float = 1.0, bits: int = 8) -> StaticRange:
    """Quantize activations with a part of a measured range, in unsigned codes.

    Args:
        x: activations, any shape.
        measured: the smallest and the largest value of the calibration.
        part: of that range; below 1 it is narrower, above 1 wider.
        bits: width of the codes, 1 to 8.
    """
    parts = np.geomspace(*PARTS, 40).tolist()
    sweep = tuple(_point(x, measured, one, bits) for one in parts)
    return StaticRange(x.detach().flatten().double().numpy(), bits, _point(x, measured, part, bits), sweep)


def static_range_figure(data: StaticRange) -> Figure:
    """Draw the values over the range, and both errors over its width."""
    figure = new_figure(height=5.4)
    above, below = figure.subplots(2, 1, height_ratios=[1, 1.25])
    _draw_values(above, data)
    _draw_errors(below, data)
    state(figure, data.finding)
    return figure


def static_range_widget(x: Tensor, measured: tuple[float, float], part: float = 1.0, bits: int = 8) -> None:
    """Move the range that was fixed in advance, and the bits."""
    controls = {
        "part": ratio_slider("part of the measured range", part, *PARTS),
        "bits": whole_slider("bits of a code", bits, 2, 8),
    }

    def draw(part: float, bits: int) -> Drawn:
        data = static_range(x, measured, part, bits)
        alt = f"histogram of activations over a static range, and its two errors against its width. {data.finding}."
        return Drawn(static_range_figure(data), alt)

    show_widget(controls, draw)


def _point(x: Tensor, measured: tuple[float, float], part: float, bits: int) -> RangePoint:
    scale, zero_point = affine.choose_qparams(part * torch.tensor(measured), bits=bits, signed=False)
    q = affine.quantize(x, scale, zero_point, bits=bits, signed=False)
    x_hat = affine.dequantize(q, scale, zero_point)
    clipping, rounding = affine.split_error(x, x_hat, scale, zero_point, bits=bits, signed=False)
    ends = affine.dequantize(torch.tensor([0, 2**bits - 1]), scale, zero_point)
    half = float(scale) / 2  # what lies nearer than that to an end is rounded to it
    beyond = (x < ends[0] - half) | (x > ends[1] + half)
    return RangePoint(part, float(ends[0]), float(ends[1]), clipping, rounding, float(beyond.double().mean()))


def _draw_values(axes: Axes, data: StaticRange) -> None:
    counts, edges = np.histogram(data.values, 90)
    middle, width = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
    inside = (middle >= data.now.low) & (middle <= data.now.high)
    axes.bar(middle[inside], counts[inside], width[inside], color=VALUE.color, label="inside")
    if not inside.all():
        axes.bar(
            middle[~inside],
            counts[~inside],
            width[~inside],
            color="white",
            edgecolor=ERROR.color,
            hatch=ERROR.hatch,
            label="clipped",
        )
    for end in (data.now.low, data.now.high):
        axes.axvline(end, color=CODE.color, linewidth=2)
    axes.set_yscale("log")
    margin = 0.03 * (edges[-1] - edges[0])
    axes.set_xlim(edges[0] - margin, edges[-1] + margin)
    axes.set_xlabel("activation")
    axes.set_ylabel("values per bin")
    axes.legend(loc="upper right")


def _draw_errors(axes: Axes, data: StaticRange) -> None:
    parts = [100 * point.part for point in data.sweep]
    lowest = data.best.total / 30  # a clipping error of zero has no place on a logarithmic axis
    axes.plot(parts, [max(point.clipping, lowest / 10) for point in data.sweep], "--", color=ERROR.color)
    axes.plot(parts, [point.rounding for point in data.sweep], ":", color=CODE.color, linewidth=2.5)
    axes.plot(parts, [point.total for point in data.sweep], "-", color=VALUE.color, linewidth=2)
    axes.plot([100 * data.now.part], [data.now.total], VALUE.marker, color=VALUE.color, markersize=9)
    axes.axvline(100, color=FAINT, linewidth=1)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(lowest, 2 * max(point.total for point in data.sweep))
    axes.set_xticks(TICKS, [str(tick) for tick in TICKS])
    axes.minorticks_off()
    axes.set_xlabel("part of the measured range, %")
    axes.set_ylabel("mean squared error")
    axes.legend(["clipping", "rounding", "both together", "now"], loc="lower left")
