"""The error of a quantized tensor in code steps: flat as the noise model says, or not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from labs_lib import affine

from .numbers import fixed
from .style import CODE, FAINT, VALUE, new_figure, state

Floats = NDArray[np.float64]
MODEL_RMS = math.sqrt(1 / 12)  # in steps: an error that is uniform from -1/2 to 1/2


@dataclass(frozen=True)
class RoundingError:
    """How far the values of one tensor moved, in code steps (asymmetric mode)."""

    bits: int
    count: int  # values
    share: Floats  # of the values, per step of error, in equal bins: 1.0 everywhere when the error is uniform
    edges: Floats  # of the bins, in steps, one more than shares
    rms: float  # root of the mean squared error, in steps
    largest: float  # in steps
    spread: float  # standard deviation of the values, in steps
    at_zero: float  # share of the values that come back as 0.0

    @property
    def to_model(self) -> float:
        """The mean squared error, measured over predicted: 1.0 when ``scale**2 / 12`` is right."""
        return (self.rms / MODEL_RMS) ** 2

    @property
    def to_spread(self) -> float:
        """The root of the mean squared error over the standard deviation of the values."""
        return self.rms / self.spread

    @property
    def finding(self) -> str:
        text = f"{self.bits} bits: {fixed(self.to_model, 3)} times the error of the noise model"
        return f"{text}; {fixed(100 * self.at_zero, 0)} % of the values come back as 0"


def rounding_error(x: Tensor, bits: int, bins: int = 40) -> RoundingError:
    """Quantize ``x`` (any shape, not constant) with the learner's functions, and measure in steps."""
    q, scale, zero_point = affine.quantize_asymmetric(x, bits=bits)
    x_hat = affine.dequantize(q, scale, zero_point).double()
    steps = ((x_hat - x.double()) / scale.double()).flatten().numpy()
    largest = float(np.abs(steps).max())
    reach = max(0.5, largest)  # a value at the end of the range can move by a rounding of float32 more
    counts, edges = np.histogram(steps, bins, (-reach, reach))
    return RoundingError(
        bits=bits,
        count=steps.size,
        share=counts / steps.size / np.diff(edges),
        edges=edges,
        rms=float(np.sqrt(np.mean(steps**2))),
        largest=largest,
        spread=float(x.double().std() / scale),
        at_zero=float((x_hat == 0).double().mean()),
    )


def rounding_error_figure(errors: Sequence[RoundingError], title: str) -> Figure:
    """Draw the distribution of each error beside the flat one of the noise model.

    Args:
        errors: from ``rounding_error``, one panel each, left to right.
        title: the finding.
    """
    figure = new_figure(height=3.7)
    panels = np.atleast_1d(figure.subplots(1, len(errors)))
    for axes, error in zip(panels, errors, strict=True):
        _draw(axes, error)
    panels[0].set_ylabel("share of the values,\nper step of error")
    handles, labels = panels[-1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    state(figure, title)
    return figure


def _draw(axes: Axes, error: RoundingError) -> None:
    axes.stairs(error.share, error.edges, fill=True, color=VALUE.color, label="measured")
    axes.hlines(1.0, -0.5, 0.5, color=CODE.color, linewidth=3, label="noise model: every error equally likely")
    axes.axvline(0.0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    axes.set_xlim(-0.6, 0.6)
    axes.set_ylim(0, 1.15 * max(1.4, float(error.share.max())))
    axes.set_xlabel("error (code steps)")
    axes.set_title(f"{error.bits} bits: RMS error {fixed(error.rms, 3)} steps")
