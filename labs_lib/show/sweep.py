"""Clipping error and rounding error against the scale: the trade that every choice of a scale makes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from labs_lib import affine

from .numbers import fixed
from .style import CODE, ERROR, FAINT, VALUE, new_figure, state


@dataclass(frozen=True)
class SweepPoint:
    """One scale (zero point 0) and its two errors, in squared units of the tensor."""

    scale: float
    clipping: float
    rounding: float
    clipped_share: float  # of all values, 0 to 1

    @property
    def total(self) -> float:
        return self.clipping + self.rounding


@dataclass(frozen=True)
class Sweep:
    """All scales tried, smallest first; the last is the widest, which clips nothing."""

    points: tuple[SweepPoint, ...]
    bits: int

    @property
    def widest(self) -> SweepPoint:
        return self.points[-1]

    @property
    def best(self) -> SweepPoint:
        return min(self.points, key=lambda point: point.total)

    @property
    def finding(self) -> str:
        ratio = fixed(self.widest.total / self.best.total, 1)
        share = fixed(100 * self.best.clipped_share, 2)
        best = f"At {self.bits} bits the best scale clips {share} % of the weights"
        return f"{best}; clipping none costs {ratio} times its error"


def error_sweep(x: Tensor, bits: int, count: int = 60) -> Sweep:
    """Quantize ``x`` with ``count`` scales and split the error of each.

    Args:
        x: real values, any shape.
        bits: width of the signed codes.
        count: scales from a twentieth of the widest to the widest, evenly spaced in ratio.
    """
    _, q_max = affine.q_range(bits)
    widest = float(x.abs().max()) / q_max
    points = []
    for ratio in torch.logspace(-1.301, 0, count, dtype=torch.float64).tolist():
        scale = widest * ratio
        x_hat = affine.dequantize(affine.quantize(x, scale, bits=bits), scale)
        clipping, rounding = affine.split_error(x, x_hat, scale, bits=bits)
        beyond = (x > q_max * scale) | (x < -(q_max + 1) * scale)
        points.append(SweepPoint(scale, clipping, rounding, float(beyond.double().mean())))
    return Sweep(tuple(points), bits)


def error_sweep_figure(sweep: Sweep) -> Figure:
    """Draw both errors and their sum over the scale, on logarithmic axes."""
    figure = new_figure(height=4.4)
    axes = figure.add_subplot()
    scales = [point.scale for point in sweep.points]
    lowest = sweep.best.total / 30  # a clipping error of zero has no place on a logarithmic axis
    axes.plot(scales, [max(point.clipping, lowest / 10) for point in sweep.points], "--", color=ERROR.color)
    axes.plot(scales, [point.rounding for point in sweep.points], ":", color=CODE.color, linewidth=2.5)
    axes.plot(scales, [point.total for point in sweep.points], "-", color=VALUE.color, linewidth=2)
    axes.plot([sweep.best.scale], [sweep.best.total], VALUE.marker, color=VALUE.color, markersize=9)
    axes.axvline(sweep.widest.scale, color=FAINT, linewidth=1)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(lowest, 2 * max(point.total for point in sweep.points))
    axes.set_xlabel("scale (real units per code step, logarithmic)")
    axes.set_ylabel("mean squared error")
    labels = [
        "clipping",
        "rounding",
        "both together",
        f"best: scale {fixed(sweep.best.scale)}",
        "nothing clipped",
    ]
    axes.legend(labels, loc="upper center")
    state(figure, sweep.finding)
    return figure
