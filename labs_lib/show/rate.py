"""Quality against bits per weight: what a bit buys when it is spent on codes, and when it is spent on scales."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from labs_lib import affine

from .bit_curve import DB_PER_BIT
from .error_map import restored, storage
from .style import CODE, ERROR, FAINT, VALUE, Role, new_figure, state

WIDTHS = (2, 3, 4, 5, 6)
SIZES = (128, 64, 32, 16)
SIDES = {"128": ((-6.0, 5.0), "right"), "64": ((-6.0, 5.0), "right"), "one scale for all": ((9.0, -3.0), "left")}


@dataclass(frozen=True)
class RateCurve:
    """One bit width: several group sizes, from the coarsest to the finest."""

    bits: int
    names: tuple[str, ...]  # of the group sizes
    bits_per_weight: tuple[float, ...]
    quality: tuple[float, ...]

    @property
    def best(self) -> int:
        """Which point is furthest above a line of 6.02 dB a bit; the quality must be in dB."""
        return int(np.argmax(np.array(self.quality) - DB_PER_BIT * np.array(self.bits_per_weight)))


@dataclass(frozen=True)
class Rates:
    """Several bit widths, and a level below which there is nothing left."""

    curves: tuple[RateCurve, ...]
    floor: float | None = None

    def curve(self, bits: int) -> RateCurve:
        return next(curve for curve in self.curves if curve.bits == bits)


def rate_curves(x: Tensor, widths: Iterable[int] = WIDTHS, sizes: Sequence[int] = SIZES, scale_bits: int = 16) -> Rates:
    """SQNR of a matrix with one scale a row and with smaller groups, by the learner's functions."""
    columns = x.shape[1]
    chosen = [(str(size) if size < columns else "row", size) for size in (columns, *sizes)]
    curves = []
    for bits in widths:
        db = tuple(affine.sqnr_db(x, restored(x, size, bits)) for _, size in chosen)
        cost = tuple(storage(x, size, bits, scale_bits) for _, size in chosen)
        curves.append(RateCurve(bits, tuple(name for name, _ in chosen), cost, db))
    return Rates(tuple(curves))


def rate_finding(data: Rates) -> str:
    """Down to which group size halving pays, at most bit widths."""
    best = [curve.names[curve.best] for curve in data.curves]
    usual = max(best, key=best.count)
    widths = f"{best.count(usual)} of {len(best)} bit widths"
    return f"Smaller groups pay down to {usual} at {widths}; from there on a bit buys more in the codes"


def rate_figure(data: Rates) -> Figure:
    """Draw SQNR against bits per weight, the dotted lines rising by 6.02 dB a bit."""
    figure = new_figure(height=5.0)
    axes = figure.add_subplot()
    draw_curves(axes, data)
    for curve in data.curves:
        cost, db = curve.bits_per_weight[curve.best], curve.quality[curve.best]
        axes.plot(
            cost,
            db,
            CODE.marker,
            color=CODE.color,
            markersize=11,
            zorder=4,
            label="no other size is above its dotted line",
        )
    draw_slope(axes, data)
    handles, labels = axes.get_legend_handles_labels()
    kept = dict(zip(labels, handles, strict=True))
    axes.legend(list(kept.values()), list(kept), loc="lower right")
    axes.set_ylabel("SQNR, dB")
    state(figure, rate_finding(data))
    return figure


def quality_figure(data: Rates, finding: str, ylabel: str, floor_name: str = "") -> Figure:
    """Draw any quality against bits per weight, with the level at which nothing is left."""
    figure = new_figure(height=4.6)
    axes = figure.add_subplot()
    draw_curves(axes, data, roles=(VALUE, CODE))
    if data.floor is not None:
        axes.axhline(data.floor, color=ERROR.color, linewidth=1.5, linestyle="--", label=floor_name)
        axes.legend(loc="upper left", bbox_to_anchor=(0.0, 0.93))
    axes.set_ylabel(ylabel)
    state(figure, finding)
    return figure


def draw_curves(axes: Axes, data: Rates, roles: Sequence[Role] = (VALUE,)) -> None:
    """A line for each bit width, its group sizes written beside the points of the last one.

    Where one line ends on top of the next, two roles in turn keep them apart.
    """
    for curve, role in zip(data.curves, cycle(roles), strict=False):
        axes.plot(curve.bits_per_weight, curve.quality, marker=role.marker, color=role.color, markersize=7)
        axes.annotate(
            f"{curve.bits} bits",
            (curve.bits_per_weight[0], curve.quality[0]),
            xytext=(-9, -3),
            textcoords="offset points",
            ha="right",
            va="center",
        )
    last = data.curves[-1]
    label_sizes(axes, last.names, last.bits_per_weight, last.quality)
    axes.set_xlabel("bits per weight, float16 scales included")
    axes.set_xlim(left=min(curve.bits_per_weight[0] for curve in data.curves) - 0.6)


def label_sizes(axes: Axes, names: Sequence[str], costs: Sequence[float], levels: Sequence[float]) -> None:
    """Write group sizes beside their points: the coarse ones lie close together and need different sides."""
    for name, cost, level in zip(names, costs, levels, strict=True):
        place, side = SIDES.get(name, ((6.0, -13.0), "left"))
        axes.annotate(name, (cost, level), xytext=place, textcoords="offset points", ha=side, color=FAINT, fontsize=10)


def draw_slope(axes: Axes, data: Rates) -> None:
    """Through the best point of every width: what one more bit of a code would buy."""
    for curve in data.curves:
        cost, db = curve.bits_per_weight[curve.best], curve.quality[curve.best]
        ends = np.array([curve.bits_per_weight[0], curve.bits_per_weight[-1]])
        style: dict[str, Any] = {"color": FAINT, "linewidth": 1.3, "zorder": 1, "label": "6.02 dB a bit"}
        axes.plot(ends, db + DB_PER_BIT * (ends - cost), ":", **style)
