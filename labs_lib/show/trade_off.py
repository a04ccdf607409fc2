"""What smaller groups buy and what they cost: error and metadata bits of one matrix, granularity by granularity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from labs_lib import affine, granularity

from .numbers import fixed
from .sharing import shared_round_trip
from .style import CODE, FAINT, INK, VALUE, new_figure, state


@dataclass(frozen=True)
class TradePoint:
    """One matrix with one scale for every ``group_size`` neighbours."""

    name: str
    group_size: int
    overhead: float  # bits a weight, on top of the code
    mse: float
    db: float  # SQNR


@dataclass(frozen=True)
class TradeOff:
    """All group sizes tried, largest first."""

    bits: int
    points: tuple[TradePoint, ...]

    def gain(self, index: int) -> float:
        """Decibels that a point has over the one before it."""
        return self.points[index].db - self.points[index - 1].db

    def price(self, index: int) -> float:
        """Bits a weight that it costs more."""
        return self.points[index].overhead - self.points[index - 1].overhead

    @property
    def finding(self) -> str:
        """The first step and the last one."""
        last = len(self.points) - 1
        first_fall, last_fall = (self.points[index - 1].mse / self.points[index].mse for index in (1, last))
        return (
            f"One scale a row instead of one a matrix divides the error by {fixed(first_fall, 0)} for "
            f"{fixed(self.price(1), 2)} bits a weight; {self.points[last].name} instead of "
            f"{self.points[last - 1].group_size} by {fixed(last_fall, 1)} for {fixed(self.price(last), 2)}"
        )


def trade_off(x: Tensor, bits: int, sizes: Sequence[int], scale_bits: int = 16) -> TradeOff:
    """Quantize a matrix at several granularities.

    Args:
        x: (rows, columns), real values.
        bits: width of the signed codes.
        sizes: groups along a row, each a divisor of the row's length; the tensor and the row come before them.
        scale_bits: 16 stores the scales as float16, 32 as float32.

    Raises:
        ValueError: a size does not divide the row.
    """
    columns = x.shape[1]
    if any(columns % size for size in sizes):
        raise ValueError(f"sizes must divide {columns}, got {list(sizes)}")
    names = {x.numel(): "one scale a matrix", columns: "one a row"}
    names |= {size: f"groups of {size}" for size in sizes}
    points = []
    for size, name in names.items():
        regions = torch.arange(x.numel()).div(size, rounding_mode="floor").reshape(x.shape)
        x_hat = shared_round_trip(x, regions, bits=bits, scale_bits=scale_bits)
        overhead = granularity.bits_per_weight(bits, group_size=size, scale_bits=scale_bits) - bits
        mse = float((x.double() - x_hat.double()).square().mean())
        points.append(TradePoint(name, size, overhead, mse, affine.sqnr_db(x, x_hat)))
    return TradeOff(bits, tuple(points))


def trade_off_figure(data: TradeOff) -> Figure:
    """Draw the error over the metadata bits, one column a granularity."""
    figure = new_figure(height=4.8)
    error, bits = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    places = np.arange(len(data.points))
    error.plot(places, [point.mse for point in data.points], color=VALUE.color, marker=VALUE.marker, markersize=8)
    error.set_yscale("log")
    error.set_ylabel("MSE, logarithmic")
    error.grid(axis="y", color="#e6e6e6")
    error.set_title(f"mean squared error at {data.bits} bits", fontsize=11)
    overheads = [point.overhead for point in data.points]
    bits.bar(places, overheads, width=0.6, color=CODE.color, hatch=CODE.hatch, edgecolor=INK)
    for place, overhead in zip(places, overheads, strict=True):
        bits.text(place, overhead, fixed(overhead, 3), ha="center", va="bottom", color=INK)
    bits.set_ylim(0, 1.25 * max(overheads))
    bits.set_ylabel("bits a weight")
    bits.set_title("what the scales cost", fontsize=11)
    bits.set_xticks(
        places, [point.name.replace("one scale a", "one a").replace("groups of", "groups\nof") for point in data.points]
    )
    bits.tick_params(axis="x", length=0)
    for axes in (error, bits):
        axes.set_axisbelow(True)
        axes.spines["bottom"].set_color(FAINT)
    state(figure, data.finding)
    return figure
