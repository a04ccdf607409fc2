"""SmoothQuant's trade on one layer: a factor for each channel moves what is hard to round from x into the weights.

``x W^T = (x / s) (W s)^T`` for every positive ``s``. SmoothQuant takes ``s = max|x|**alpha / max|W|**(1 - alpha)``,
channel by channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import linear

from labs_lib import affine, granularity, inference

from .numbers import fixed
from .style import CODE, ERROR, FAINT, VALUE, new_figure, state
from .widget import Drawn, show_widget, slider

Floats = NDArray[np.float64]
SWEEP = tuple(round(0.05 * step, 2) for step in range(21))


@dataclass(frozen=True)
class Smoothed:
    """One layer at one alpha: the largest magnitude of each channel, and errors in percent of the output."""

    alpha: float
    x_peaks: Floats  # of the smoothed activations, by channel
    w_peaks: Floats  # of the smoothed weights
    activations: float  # error with only the activations in 8 bits
    weights: float  # with only the weights in 8 bits
    both: float


@dataclass(frozen=True)
class Smoothing:
    """One layer as it is, at one alpha, and over a sweep of alphas."""

    plain: Smoothed  # s = 1; its alpha is NaN
    now: Smoothed
    sweep: tuple[Smoothed, ...]

    @property
    def best(self) -> Smoothed:
        return min(self.sweep, key=lambda one: one.both)

    @property
    def finding(self) -> str:
        """The error at this alpha beside that of the unsmoothed layer and the smallest one.

        Not where the smallest is: the bottom of the curve is so flat that another processor may find it elsewhere.
        """
        return (
            f"With alpha {fixed(self.now.alpha, 2)} the error is {fixed(self.now.both, 2)} % "
            f"and not {fixed(self.plain.both, 2)} %; the best alpha has {fixed(self.best.both, 2)} %"
        )


def smoothing(x: Tensor, weight: Tensor, alpha: float, x_peaks: Tensor | None = None) -> Smoothing:
    """Quantize a layer to W8A8 behind the factors of ``alpha``, and of all others.

    Args:
        x: activations (tokens, in).
        weight: (out, in).
        alpha: the migration strength, 0 to 1.
        x_peaks: largest magnitude of each channel, (in,), as calibration saw it; that of ``x`` by default.

    Raises:
        ValueError: a channel whose activations or weights are all zero, for which the formula has no factor.
    """
    x_peaks = x.abs().amax(0) if x_peaks is None else x_peaks
    w_peaks = weight.abs().amax(0)
    if not (x_peaks > 0).all() or not (w_peaks > 0).all():
        raise ValueError("every channel must have an activation and a weight that are not zero")
    exact = linear(x, weight)

    def at(alpha: float) -> Smoothed:
        return _measured(x, weight, exact, x_peaks**alpha / w_peaks ** (1 - alpha), alpha)

    plain = _measured(x, weight, exact, x_peaks.new_ones(()), float("nan"))
    return Smoothing(plain, at(alpha), tuple(at(one) for one in SWEEP))


def smoothing_figure(data: Smoothing) -> Figure:
    """Draw the peaks of all channels on both sides, and the errors over alpha."""
    figure = new_figure(height=5.6)
    grid = figure.add_gridspec(2, 2, height_ratios=[1, 1.25])
    _draw_peaks(figure.add_subplot(grid[0, 0]), data.plain.x_peaks, data.now.x_peaks, "activations")
    _draw_peaks(figure.add_subplot(grid[0, 1]), data.plain.w_peaks, data.now.w_peaks, "weights")
    _draw_errors(figure.add_subplot(grid[1, :]), data)
    state(figure, data.finding)
    return figure


def smoothing_widget(x: Tensor, weight: Tensor, alpha: float = 0.5, x_peaks: Tensor | None = None) -> None:
    """Move alpha: what the activations win, the weights pay."""
    whole = smoothing(x, weight, alpha, x_peaks)
    by_alpha = {one.alpha: one for one in whole.sweep}  # the sweep does not depend on alpha: measured once

    def draw(alpha: float) -> Drawn:
        data = Smoothing(whole.plain, by_alpha[round(alpha, 2)], whole.sweep)
        alt = f"channel peaks of activations and weights, and the error of the layer over alpha. {data.finding}."
        return Drawn(smoothing_figure(data), alt)

    show_widget({"alpha": slider("migration strength alpha", alpha, 0.0, 1.0, 0.05)}, draw)


def _measured(x: Tensor, weight: Tensor, exact: Tensor, s: Tensor, alpha: float) -> Smoothed:
    x, weight = x / s, weight * s
    codes = granularity.quantize_per_channel(weight)
    rounded = affine.dequantize(*inference.quantize_per_token(x))

    def error(y: Tensor) -> float:
        return 100 * float((y - exact).norm() / exact.norm())

    return Smoothed(
        alpha=alpha,
        x_peaks=x.abs().amax(0).double().numpy(),
        w_peaks=weight.abs().amax(0).double().numpy(),
        activations=error(linear(rounded, weight)),
        weights=error(linear(x, affine.dequantize(*codes))),
        both=error(inference.linear_w8a8(x, *codes)),
    )


def _draw_peaks(axes: Axes, before: Floats, now: Floats, name: str) -> None:
    """Channels sorted by their peak, each side in units of its middle channel: flat is easy to round."""
    for peaks, role, label, line in ((before, ERROR, "as they were", ":"), (now, VALUE, "now", "-")):
        ordered = np.sort(peaks / np.median(peaks))
        axes.plot(ordered, line, color=role.color, linewidth=2, label=label)
        axes.plot([len(ordered) - 1], ordered[-1:], role.marker, color=role.color, markersize=7)
    axes.axhline(1, color=FAINT, linewidth=0.8)
    axes.set_yscale("log")
    axes.set_ylim(0.3, 25)
    axes.set_yticks([1, 10], ["1", "10"])
    axes.set_title(f"peaks of the channels: {name}", fontsize=11)
    axes.set_xlabel("channels, sorted")
    axes.set_ylabel("of the middle one")
    axes.legend(loc="upper left", fontsize=9.5)


def _draw_errors(axes: Axes, data: Smoothing) -> None:
    alphas = [one.alpha for one in data.sweep]
    axes.plot(alphas, [one.activations for one in data.sweep], "--", color=ERROR.color, label="activations alone")
    axes.plot(alphas, [one.weights for one in data.sweep], ":", color=CODE.color, linewidth=2.5, label="weights alone")
    axes.plot(alphas, [one.both for one in data.sweep], "-", color=VALUE.color, linewidth=2, label="both in 8 bits")
    axes.plot([data.now.alpha], [data.now.both], VALUE.marker, color=VALUE.color, markersize=9, label="now")
    axes.axhline(data.plain.both, color=FAINT, linewidth=1, label="both, not smoothed")
    axes.set_ylim(0, 1.45 * max(data.plain.both, *(one.both for one in data.sweep)))
    axes.set_xlabel("alpha: 0 gives all to the activations, 1 to the weights")
    axes.set_ylabel("error of the output, %")
    axes.legend(loc="upper center", ncols=3, fontsize=9.5)
