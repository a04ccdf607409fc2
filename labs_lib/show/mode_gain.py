"""What asymmetric gains over symmetric on the same tensor at the same bits, and what the two steps predict.

The symmetric step is ``2 max|x| / (2**b - 2)``, the asymmetric one ``(high - low) / (2**b - 1)``. Rounding
error goes with the square of the step, so the ratio of the steps in decibels is the gain to expect. It has
two factors: the range that symmetric adds on the shorter side, and the most negative code that it gives up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from labs_lib import affine

from .numbers import fixed
from .style import CODE, ERROR, FAINT, INK, VALUE, new_figure, state


@dataclass(frozen=True)
class ModeGain:
    """One tensor at one bit width. All four numbers are decibels."""

    name: str
    bits: int
    symmetric: float  # SQNR
    asymmetric: float  # SQNR
    lopsided: float  # expected gain from leaving out the range that only symmetric covers
    spare_code: float  # expected gain from using all 2**bits codes

    @property
    def gain(self) -> float:
        return self.asymmetric - self.symmetric

    @property
    def expected(self) -> float:
        return self.lopsided + self.spare_code


@dataclass(frozen=True)
class ModeGains:
    """Several tensors at several bit widths, the same for each."""

    gains: tuple[ModeGain, ...]

    @property
    def finding(self) -> str:
        """How well the steps predict the gain, at the most and at the fewest bits."""
        widths = [gain.bits for gain in self.gains]
        most, fewest = max(widths), min(widths)
        off = max(abs(gain.gain - gain.expected) for gain in self.gains if gain.bits == most)
        short = [gain.expected - gain.gain for gain in self.gains if gain.bits == fewest]
        return (
            f"At {most} bits the two steps predict the gain of asymmetric to within {fixed(off, 1)} dB; "
            f"at {fewest} bits it is {fixed(min(short), 1)} to {fixed(max(short), 1)} dB less than predicted"
        )


def mode_gain(name: str, x: Tensor, bits: int) -> ModeGain:
    """Quantize ``x`` (any shape, floating, not all zero) in both modes with the learner's functions."""
    q, scale = affine.quantize_symmetric(x, bits=bits)
    symmetric = affine.sqnr_db(x, affine.dequantize(q, scale))
    q, scale, zero_point = affine.quantize_asymmetric(x, bits=bits)
    asymmetric = affine.sqnr_db(x, affine.dequantize(q, scale, zero_point))
    low, high = min(float(x.min()), 0.0), max(float(x.max()), 0.0)
    lopsided = 20 * math.log10(2 * max(high, -low) / (high - low))
    spare_code = 20 * math.log10((2**bits - 1) / (2**bits - 2))
    return ModeGain(name, bits, symmetric, asymmetric, lopsided, spare_code)


def mode_gains(tensors: Mapping[str, Tensor], bits: Sequence[int] = (8, 4, 3, 2)) -> ModeGains:
    """Every tensor at every bit width, tensor by tensor."""
    return ModeGains(tuple(mode_gain(name, x, width) for name, x in tensors.items() for width in bits))


def mode_gains_figure(data: ModeGains) -> Figure:
    """One panel a tensor, one bar a bit width: the expected gain in its two parts, a mark at the measured."""
    names = list(dict.fromkeys(gain.name for gain in data.gains))
    figure = new_figure(height=4.3)
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        _draw(axes, [gain for gain in data.gains if gain.name == name])
        axes.set_title(name.replace(", ", ",\n"))
    panels[0].set_ylabel("gain of asymmetric, dB")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    state(figure, data.finding)
    return figure


def _draw(axes: Axes, gains: Sequence[ModeGain]) -> None:
    places = np.arange(len(gains))
    lopsided, spare = [gain.lopsided for gain in gains], [gain.spare_code for gain in gains]
    axes.bar(places, lopsided, 0.7, color=VALUE.color, label="predicted: the shorter range")
    axes.bar(
        places,
        spare,
        0.7,
        bottom=lopsided,
        color=CODE.color,
        hatch=CODE.hatch,
        edgecolor=INK,
        linewidth=0.5,
        label="predicted: one code more",
    )
    axes.plot(
        places,
        [gain.gain for gain in gains],
        ERROR.marker,
        color=ERROR.color,
        markeredgecolor="white",
        markersize=11,
        linestyle="",
        label="measured",
        clip_on=False,
    )
    axes.axhline(0, color=FAINT, linewidth=1)
    axes.set_xticks(places, [str(gain.bits) for gain in gains])
    axes.set_xlabel("bits")
