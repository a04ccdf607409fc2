"""Real values on a line, under it what the codes stand for, and an arrow from each to where it lands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from labs_lib import affine

from .numbers import digits_for, fixed
from .style import CODE, ERROR, FAINT, INK, VALUE, new_figure, state
from .widget import Drawn, ratio_slider, show_widget, whole_slider

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NumberLine:
    """Some values under one scale and zero point. Arrays are 1-dim, in real units where not said."""

    x: Floats
    q: NDArray[np.int64]  # the code of each value
    x_hat: Floats  # what each code comes back as
    clipped: NDArray[np.bool_]  # the value lies outside of what the codes can represent
    grid: Floats  # what every code stands for, smallest code first
    q_min: int
    scale: float
    zero_point: int
    bits: int
    zero_hat: float  # what 0.0 comes back as

    @property
    def q_max(self) -> int:
        return self.q_min + len(self.grid) - 1

    @property
    def finding(self) -> str:
        """What the learner should see, with the numbers of this very picture."""
        error, digits = np.abs(self.x - self.x_hat), digits_for(self.scale)
        half = f"half a step is {fixed(self.scale / 2, digits)}"
        kept, lost = error[~self.clipped], error[self.clipped]
        if not lost.size:
            return f"No value is clipped; none moves by more than {fixed(kept.max(), digits)} ({half})"
        clipped = f"{lost.size} of {error.size} values clipped, by up to {fixed(lost.max(), digits)}"
        if not kept.size:
            return f"{clipped} ({half})"
        return f"{clipped}; no other moves by more than {fixed(kept.max(), digits)} ({half})"


def number_line(x: Tensor, scale: float, zero_point: int = 0, bits: int = 8) -> NumberLine:
    """Quantize ``x`` (any shape, floating) with the learner's functions; keep all that the figure shows."""
    q_min, q_max = affine.q_range(bits)
    flat = x.detach().flatten()
    q = affine.quantize(flat, scale, zero_point, bits=bits)
    grid = affine.dequantize(torch.arange(q_min, q_max + 1), scale, zero_point)
    zero = affine.dequantize(affine.quantize(torch.zeros(1), scale, zero_point, bits=bits), scale, zero_point)
    return NumberLine(
        x=flat.double().numpy(),
        q=q.long().numpy(),
        x_hat=affine.dequantize(q, scale, zero_point).double().numpy(),
        clipped=((flat < grid.min()) | (flat > grid.max())).numpy(),
        grid=grid.double().numpy(),
        q_min=q_min,
        scale=float(scale),
        zero_point=int(zero_point),
        bits=bits,
        zero_hat=float(zero),
    )


def number_line_figure(line: NumberLine) -> Figure:
    """Draw it. The view depends on the values alone, so that a slider moves the codes and not the paper."""
    figure = new_figure(height=3.9)
    axes = figure.add_subplot()
    low, high = min(line.x.min(), 0.0), max(line.x.max(), 0.0)
    margin = 0.12 * ((high - low) or 1.0)
    axes.set_xlim(low - margin, high + margin)
    axes.set_ylim(-0.95, 1.6)
    axes.set_xlabel(f"real value (one code step is {fixed(line.scale)})")
    axes.set_yticks([1, 0], ["real values", "what the\ncodes stand for"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    _draw_zero(axes, line)
    _draw_codes(axes, line)
    for kept, role, label in [(~line.clipped, VALUE, "kept"), (line.clipped, ERROR, "clipped")]:
        _draw_arrows(axes, line, kept, role.color)
        axes.plot(line.x[kept], np.ones(kept.sum()), role.marker, color=role.color, markersize=8, label=label)
    axes.legend(loc="upper right", ncols=2, bbox_to_anchor=(1.0, 1.04))
    state(figure, line.finding)
    return figure


def number_line_widget(x: Tensor, scale: float, zero_point: int = 0, bits: int = 8) -> None:
    """Show the number line of ``x`` with sliders for bits, scale and zero point."""
    q_min, q_max = affine.q_range(bits)
    controls: dict[str, Any] = {
        "bits": whole_slider("bits", bits, 2, 8),
        "scale": ratio_slider("scale (real units per step)", scale, scale / 20, scale * 200),
        "zero_point": whole_slider("zero point (code of 0.0)", zero_point, q_min, q_max),
    }

    def fit_zero_point(change: Any) -> None:
        controls["zero_point"].min, controls["zero_point"].max = affine.q_range(change["new"])

    controls["bits"].observe(fit_zero_point, names="value")

    def draw(**values: Any) -> Drawn:
        line = number_line(x, **values)
        settings = f"{line.bits} bits, scale {fixed(line.scale)}, zero point {line.zero_point}"
        return Drawn(number_line_figure(line), f"number line, {settings}. {line.finding}.")

    show_widget(controls, draw)


def _draw_codes(axes: Axes, line: NumberLine) -> None:
    """A tick for every code in view, as many of their numbers as have room, and where the codes end."""
    left, right = axes.get_xlim()
    seen = np.flatnonzero((line.grid >= left) & (line.grid <= right))
    axes.vlines(line.grid[seen], -0.12, 0.12, color=FAINT, linewidth=1.2 if len(seen) <= 64 else 0.5, snap=False)
    labels = max(1, 14 * (line.grid[seen].max() - line.grid[seen].min()) / (right - left)) if seen.size else 1
    for index in seen[:: max(1, round(len(seen) / labels))]:
        axes.text(line.grid[index], -0.22, str(line.q_min + index), ha="center", va="top", color=FAINT)
    for place, side, code, end in [
        (0.0, "left", line.q_min, line.grid[0]),
        (1.0, "right", line.q_max, line.grid[-1]),
    ]:
        if left <= end <= right:
            axes.vlines(end, -0.2, 0.2, color=INK, linewidth=2.5)
        text = f"code {code} stands for {fixed(end, digits_for(line.scale))}"
        corner = axes.text(place, 0.04, text, ha=side, va="bottom", transform=axes.transAxes)
        corner.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.5})
    axes.plot(line.x_hat, np.zeros(len(line.x)), CODE.marker, color=CODE.color, markersize=7, markeredgecolor=INK)


def _draw_arrows(axes: Axes, line: NumberLine, chosen: NDArray[np.bool_], color: str) -> None:
    left, right = axes.get_xlim()
    for x, x_hat in zip(line.x[chosen], line.x_hat[chosen], strict=True):
        if left <= x_hat <= right:
            axes.annotate(
                "",
                xy=(x_hat, 0.13),
                xytext=(x, 0.94),
                arrowprops={"arrowstyle": "->", "color": color, "linewidth": 1.2},
            )


def _draw_zero(axes: Axes, line: NumberLine) -> None:
    axes.axvline(0.0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    lost = f"0.0 comes back as {fixed(line.zero_hat, digits_for(line.scale))}"
    text = f"0.0 has code {line.zero_point}" if line.zero_hat == 0 else lost
    axes.text(0.0, 1.52, f" {text}", va="top", color=INK)
