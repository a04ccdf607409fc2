"""How far the predictions of several models move at each bit width."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .numbers import fixed
from .style import CODE, ERROR, FAINT, VALUE, new_figure, state

STYLES = ((VALUE, "-"), (ERROR, "--"), (CODE, "-."))


@dataclass(frozen=True)
class Divergences:
    """One curve a model, over the same bit widths, from many bits to few."""

    bits: tuple[int, ...]
    curves: Mapping[str, NDArray[np.float64]]  # nats a token

    def ratio(self, bits: int) -> float:
        """How many times as far the last model moves as the first one."""
        first, *_, last = self.curves.values()
        place = self.bits.index(bits)
        return float(last[place] / first[place])

    @property
    def finding(self) -> str:
        first, *_, last = self.curves
        parts = [f"{fixed(self.ratio(bits), 1)} times as far at {bits} bits" for bits in (self.bits[0], self.bits[-1])]
        return f"Rounding moves {last} {' and '.join(parts)} as {first}"


def divergences(curves: Mapping[str, Mapping[int, float]]) -> Divergences:
    """Collect the curves, each a divergence by bit width.

    Raises:
        ValueError: fewer than two models or more than three, different bit widths, or a divergence that is not
            positive and finite.
    """
    widths = {tuple(sorted(curve, reverse=True)) for curve in curves.values()}
    if not 2 <= len(curves) <= len(STYLES) or len(widths) != 1:
        raise ValueError(f"there must be two or three models with the same bit widths, got {list(curves)}, {widths}")
    bits = widths.pop()
    found = {name: np.array([curve[width] for width in bits], dtype=np.float64) for name, curve in curves.items()}
    if not all((np.isfinite(curve) & (curve > 0)).all() for curve in found.values()):
        raise ValueError("divergences must be positive and finite")
    return Divergences(bits, found)


def divergences_figure(data: Divergences, title: str | None = None) -> Figure:
    """Draw the curves over falling bit widths, on a logarithmic axis, each point with its number."""
    figure = new_figure(height=4.4)
    axes = figure.add_subplot()
    for (name, curve), (role, line) in zip(data.curves.items(), STYLES, strict=False):
        axes.plot(data.bits, curve, line, marker=role.marker, color=role.color, markersize=8, label=name)
        above = name == list(data.curves)[-1]
        for bits, value in zip(data.bits, curve, strict=True):
            place, side = ((0, 9), "bottom") if above else ((0, -10), "top")
            axes.annotate(f"{value:.2g}", (bits, value), place, textcoords="offset points", ha="center", va=side)
    axes.set_yscale("log")
    axes.margins(y=0.16)
    axes.set_xticks(data.bits)
    axes.set_xlim(data.bits[0] + 0.5, data.bits[-1] - 0.5)  # fewer bits to the right
    axes.grid(axis="y", color="#e6e6e6")
    axes.set_axisbelow(True)
    axes.spines["bottom"].set_color(FAINT)
    axes.set_xlabel("bits of a weight, one scale a row")
    axes.set_ylabel("mean KL divergence, nats, logarithmic")
    axes.legend(loc="upper left")
    state(figure, title or data.finding)
    return figure
