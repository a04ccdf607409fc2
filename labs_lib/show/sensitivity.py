"""Which layers of a model suffer most: what rounding one layer at a time does to the predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .numbers import fixed
from .style import CODE, ERROR, INK, VALUE, new_figure, state


@dataclass(frozen=True)
class Sensitivity:
    """A mean divergence in nats for each layer that was rounded alone, in the order of the model."""

    layers: tuple[str, ...]
    nats: NDArray[np.float64]
    together: float  # with all of these layers rounded at once

    @property
    def worst(self) -> int:
        return int(self.nats.argmax())

    @property
    def shares(self) -> NDArray[np.float64]:
        """The part of each layer in the sum of all, from 0 to 1."""
        return self.nats / self.nats.sum()

    @property
    def finding(self) -> str:
        """How much the worst layer does, and how many of the mildest do as much together."""
        mildest = np.cumsum(np.sort(self.nats))
        equal = int(np.searchsorted(mildest, self.nats[self.worst], side="right"))
        return (
            f"{self.layers[self.worst]} does {fixed(100 * self.shares[self.worst], 0)} % of the damage, "
            f"as much as the {equal} mildest of {len(self.layers)} layers together"
        )


def sensitivity(nats: Mapping[str, float], together: float) -> Sensitivity:
    """Collect the divergences.

    Args:
        nats: by layer, each rounded while all others are as they were.
        together: the divergence with all of them rounded.

    Raises:
        ValueError: fewer than two layers, or a divergence that is negative, infinite or NaN, or all are 0.
    """
    values = np.array(list(nats.values()), dtype=np.float64)
    if len(values) < 2 or not (np.isfinite(values) & (values >= 0)).all() or values.sum() == 0:
        raise ValueError(f"nats must hold two or more divergences, finite, not all of them 0, got {dict(nats)}")
    return Sensitivity(tuple(nats), values, float(together))


def sensitivity_figure(data: Sensitivity, title: str | None = None, *, marked: str = "down") -> Figure:
    """Draw one bar a layer.

    Args:
        data: the divergences.
        title: instead of the finding.
        marked: layers whose name holds this text are drawn in a colour and hatch of their own.
    """
    figure = new_figure(height=1.5 + 0.21 * len(data.layers))
    axes = figure.add_subplot()
    for y, (layer, nats) in enumerate(zip(data.layers, data.nats, strict=True)):
        role = ERROR if y == data.worst else CODE if marked in layer else VALUE
        label = {ERROR: "the worst", CODE: f'others named "{marked}"', VALUE: "all others"}[role]
        axes.barh(y, nats, 0.72, color=role.color, hatch=role.hatch, edgecolor="white", linewidth=0, label=label)
    axes.text(data.nats[data.worst] * 1.01, data.worst, fixed(data.nats[data.worst], 4), va="center", color=INK)
    axes.set_yticks(range(len(data.layers)), data.layers, fontsize=9.5)
    axes.invert_yaxis()
    axes.set_ylim(len(data.layers) - 0.4, -0.6)
    axes.set_xlim(0, 1.12 * data.nats[data.worst])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("mean KL divergence when this layer alone is rounded, nats a token")
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    axes.legend(list(handles.values()), list(handles), loc="lower right")
    state(figure, title or data.finding)
    return figure
