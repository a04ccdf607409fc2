"""Where the error of a matrix sits when all weights, the rows or the columns share a scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from labs_lib import affine, granularity

from .heatmap import ERRORS
from .numbers import digits_for, fixed
from .style import ERROR, INK, VALUE, new_figure, state
from .widget import Drawn, choice_slider, show_widget, whole_slider

Floats = NDArray[np.float64]
NAMES = {
    "tensor": "one scale for all",
    "row": "one a row (dim=0)",
    "column": "one a column (dim=1)",
    "wrong": "row scales on columns",
}


@dataclass(frozen=True)
class ChannelErrors:
    """A matrix, symmetrically quantized in one of the four ways."""

    way: str
    bits: int
    error: Floats  # (rows, columns), |x - x_hat|
    row_largest: Floats  # largest magnitude of each row
    column_largest: Floats
    db: float  # SQNR

    @property
    def name(self) -> str:
        return NAMES[self.way]

    @property
    def coarsest_half_step(self) -> float:
        """Half a step of one scale for all: no rounding error is larger, whoever shares."""
        return float(self.row_largest.max()) / affine.q_range(self.bits)[1] / 2


def channel_errors(x: Tensor, way: str, bits: int = 8) -> ChannelErrors:
    """Quantize a matrix with the learner's functions.

    Args:
        x: (rows, columns), real values.
        way: "tensor", "row", "column", or "wrong": the scales of the rows without their second dimension, which line
            up with the columns. Only a square matrix lets that happen.
        bits: width of the codes.

    Raises:
        ValueError: another ``way``, or a matrix that is not square for "wrong".
    """
    if way not in NAMES:
        raise ValueError(f"way must be one of {', '.join(NAMES)}, got {way!r}")
    if way == "tensor":
        q, scale = affine.quantize_symmetric(x, bits=bits)
    elif way == "wrong":
        scale = granularity.choose_scale_per_channel(x, bits=bits).flatten()
        q = affine.quantize(x, scale, bits=bits)
    else:
        q, scale = granularity.quantize_per_channel(x, dim=0 if way == "row" else 1, bits=bits)
    x_hat = affine.dequantize(q, scale)
    magnitudes = x.detach().double().abs().numpy()
    error = (x.double() - x_hat.double()).abs().numpy()
    return ChannelErrors(way, bits, error, magnitudes.max(1), magnitudes.max(0), affine.sqnr_db(x, x_hat))


def channel_errors_figure(several: Sequence[ChannelErrors]) -> Figure:
    """Draw the rows' largest magnitudes beside one error map for each, all in one scale of colours."""
    figure = new_figure(height=3.1 + 0.5 * (len(several) == 1))
    panels = figure.subplots(1, len(several) + 1, width_ratios=[0.6, *[1.0] * len(several)], squeeze=False)[0]
    _bars(panels[0], several[0])
    limit = several[0].coarsest_half_step
    for axes, one in zip(panels[1:], several, strict=True):
        image = axes.imshow(one.error, cmap=ERRORS, vmin=0, vmax=limit, aspect="auto", interpolation="nearest")
        axes.set_title(f"{one.name}\n{fixed(one.db, 1)} dB", fontsize=11)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel("columns")
        for spine in axes.spines.values():
            spine.set_visible(True)
    bar = figure.colorbar(image, ax=panels[-1], shrink=0.9, extend="max")
    bar.set_label("|error|")
    bar.set_ticks([0, limit], labels=["0", fixed(limit, digits_for(limit))])
    state(figure, finding(several))
    return figure


def finding(several: Sequence[ChannelErrors]) -> str:
    """The SQNR of each."""
    parts = [f"{one.name.partition(' (')[0]} {fixed(one.db, 1)} dB" for one in several]
    return f"SQNR at {several[0].bits} bits: {', '.join(parts)}"


def channel_errors_widget(x: Tensor, bits: int = 8, way: str = "tensor") -> None:
    """Show the error map of ``x`` (square), with controls for the bits and for who shares a scale."""
    keys = {name: key for key, name in NAMES.items()}
    controls = {
        "name": choice_slider("who shares a scale", list(keys), NAMES[way]),
        "bits": whole_slider("bits", bits, 2, 8),
    }

    def draw(name: str, bits: int) -> Drawn:
        one = channel_errors(x, keys[name], bits)
        beyond = 100 * float((one.error > 1.01 * one.coarsest_half_step).mean())
        said = finding([one])
        alt = (
            f"error of each weight. {said}. {fixed(beyond, 1)} % are off by more than half a step of one scale for all."
        )
        return Drawn(channel_errors_figure([one]), alt)

    show_widget(controls, draw)


def _bars(axes: Axes, one: ChannelErrors) -> None:
    """Largest magnitude of each row, at the height of its row in the map."""
    rows = np.arange(len(one.row_largest))
    axes.barh(rows, one.row_largest, height=0.8, color=VALUE.color, edgecolor=INK, linewidth=0.3)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_ylabel("rows")
    axes.set_xlabel("largest |x|")
    axes.invert_xaxis()
    axes.spines["left"].set_visible(False)
    axes.spines["right"].set_visible(True)
    axes.spines["right"].set_color(ERROR.color if one.way == "wrong" else INK)
