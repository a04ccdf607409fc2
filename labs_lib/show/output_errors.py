"""The relative error of every output of a layer, as a histogram: two ways to quantize the same layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import NDArray
from torch import Tensor

from .style import CODE, ERROR, INK, VALUE, Role, new_figure, state

Floats = NDArray[np.float64]
ROLES: tuple[Role, ...] = (ERROR, CODE, VALUE)
BINS = 48


@dataclass(frozen=True)
class OutputErrors:
    """For each way to quantize, the error of each output channel over its size, both as root mean squares."""

    ways: Mapping[str, Floats]

    def median(self, way: str) -> float:
        return float(np.median(self.ways[way]))

    @property
    def finding(self) -> str:
        parts = [
            f"{way}: median {_percent(self.median(way))}, worst {_percent(float(errors.max()))}"
            for way, errors in self.ways.items()
        ]
        return "; ".join(parts)


def output_errors(reference: Tensor, outputs: Mapping[str, Tensor]) -> OutputErrors:
    """Compare outputs with those of the float layer, channel by channel.

    Args:
        reference: (tokens, channels), no channel all zero.
        outputs: by the name of the way, same shape.

    Raises:
        ValueError: shapes differ.
    """
    wide = reference.double()
    size = wide.square().mean(0).sqrt()
    ways = {}
    for way, output in outputs.items():
        if output.shape != reference.shape:
            raise ValueError(f"{way} must have shape {tuple(reference.shape)}, got {tuple(output.shape)}")
        ways[way] = ((output.double() - wide).square().mean(0).sqrt() / size).clamp(min=1e-12).numpy()
    return OutputErrors(ways)


def output_errors_figure(data: OutputErrors, title: str | None = None) -> Figure:
    """Draw the histograms one under the other, on one logarithmic axis, each with its median."""
    figure = new_figure(height=1.4 + 1.5 * len(data.ways))
    panels = figure.subplots(len(data.ways), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    everything = 100 * np.concatenate(list(data.ways.values()))
    edges = np.geomspace(everything.min() / 1.05, everything.max() * 1.05, BINS)
    for axes, (way, errors), role in zip(panels, data.ways.items(), ROLES, strict=False):
        axes.hist(100 * errors, bins=edges, color=role.color, edgecolor=INK, linewidth=0.4, hatch=role.hatch)
        axes.axvline(100 * data.median(way), color=INK, linewidth=1.4, linestyle=(0, (4, 3)))
        axes.set_title(f"{way}: median {_percent(data.median(way))}")
        axes.set_ylabel("outputs")
    panels[-1].set_xscale("log")
    panels[-1].xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    panels[-1].xaxis.set_major_formatter("{x:g}")
    panels[-1].xaxis.set_minor_formatter(NullFormatter())
    panels[-1].set_xlabel("error of an output, % of its size (logarithmic)")
    state(figure, title or data.finding)
    return figure


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"
