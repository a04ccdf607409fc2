"""What enters a layer, token by token and channel by channel: outliers are lines, not points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from .numbers import fixed
from .style import ERROR, VALUE, new_figure, state

Floats = NDArray[np.float64]
STANDS_OUT = 4.0  # times the typical channel: more than the largest of tiny-lm's own in its first block
HEIGHTS = LinearSegmentedColormap.from_list("heights", ["#dcdcdc", VALUE.color])  # darker is higher, in grey too


@dataclass(frozen=True)
class Surface:
    """The magnitudes of the activations of one layer, (tokens, channels)."""

    name: str
    magnitudes: Floats

    @property
    def peaks(self) -> Floats:
        """The largest magnitude of each channel."""
        return self.magnitudes.max(axis=0)

    @property
    def typical(self) -> float:
        """That of the channel in the middle when all are sorted."""
        return float(np.median(self.peaks))

    @property
    def ratio(self) -> float:
        """The largest channel in units of the typical one."""
        return float(self.peaks.max()) / self.typical

    @property
    def outliers(self) -> tuple[int, ...]:
        """Channels that stand out, in the order of the axis."""
        return tuple(np.flatnonzero(self.peaks > STANDS_OUT * self.typical).tolist())


@dataclass(frozen=True)
class Surfaces:
    """The same layer of several models on the same tokens."""

    surfaces: tuple[Surface, ...]

    @property
    def finding(self) -> str:
        """How many channels of the last model stand out, and how far, beside the first."""
        first, last = self.surfaces[0], self.surfaces[-1]
        count = len(last.outliers)
        return (
            f"{count} of {last.magnitudes.shape[1]} channels of {last.name} stand out, by up to "
            f"{fixed(last.ratio, 1)} times the typical channel; in {first.name} "
            f"{len(first.outliers) or 'none'} of them, and the largest is at {fixed(first.ratio, 1)}"
        )


def activation_surfaces(activations: Mapping[str, Tensor]) -> Surfaces:
    """Collect the activations.

    Args:
        activations: by model, what enters one layer, (tokens, channels), all of one shape.

    Raises:
        ValueError: no matrices, or of several shapes, or a typical channel of zeros.
    """
    shapes = {tuple(x.shape) for x in activations.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2:
        raise ValueError(f"activations must be matrices of one shape, got {sorted(shapes)}")
    surfaces = tuple(Surface(name, x.detach().double().abs().numpy()) for name, x in activations.items())
    if any(surface.typical == 0 for surface in surfaces):
        raise ValueError("the typical channel must not be all zeros")
    return Surfaces(surfaces)


def activation_surfaces_figure(data: Surfaces) -> Figure:
    """Draw one surface a model, side by side, on one scale: the height is the magnitude, darker is higher."""
    figure = new_figure(height=4.1)
    largest = max(float(surface.magnitudes.max()) for surface in data.surfaces)
    for place, surface in enumerate(data.surfaces):
        axes = figure.add_subplot(1, len(data.surfaces), place + 1, projection="3d")
        _draw(axes, surface, largest, named=place == 0)
    state(figure, data.finding)
    return figure


def _draw(axes: Any, surface: Surface, largest: float, named: bool) -> None:
    tokens, channels = surface.magnitudes.shape
    channel, token = np.meshgrid(np.arange(channels), np.arange(tokens))
    axes.plot_surface(
        channel,
        token,
        surface.magnitudes,
        cmap=HEIGHTS,
        norm=PowerNorm(0.5, 0, largest),  # the root: else the slopes of a narrow wall are as pale as the floor
        rcount=tokens,
        ccount=channels,
    )
    for outlier in surface.outliers:
        highest = int(surface.magnitudes[:, outlier].argmax())
        height = surface.magnitudes[highest, outlier]
        axes.text(outlier, highest, 1.04 * height, str(outlier), ha="center", color=ERROR.color, fontweight="bold")
    axes.set_zlim(0, largest)
    axes.set_box_aspect((1.6, 0.9, 0.75), zoom=1.0)
    axes.view_init(elev=24, azim=-68)
    axes.set_title(surface.name, y=0.93)
    axes.set_xlabel("channel")
    axes.set_ylabel("token", labelpad=8)
    if named:
        axes.set_zlabel("magnitude")
    axes.set_yticks(range(0, tokens, max(1, tokens // 30) * 10))
    axes.tick_params(labelsize=10)
