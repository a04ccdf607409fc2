"""A bit width for each part of a model: what it weighs then, and how far its predictions move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from .numbers import fixed
from .style import CODE, ERROR, FAINT, WASTED, new_figure, state
from .widget import Drawn, choice_slider, show_widget

NEAR = 1.02  # a model that is no more than 2 % larger counts as equally large


@dataclass(frozen=True)
class Budget:
    """One choice of bit widths."""

    attention: int
    mlp: int
    megabytes: float
    nats: float  # mean divergence from the original

    @property
    def name(self) -> str:
        return f"attention {self.attention} bits, MLP {self.mlp} bits"


@dataclass(frozen=True)
class Budgets:
    """All choices that were measured."""

    all: tuple[Budget, ...]

    def find(self, attention: int, mlp: int) -> Budget:
        return next(one for one in self.all if (one.attention, one.mlp) == (attention, mlp))

    def better(self, chosen: Budget) -> Budget | None:
        """The choice with the smallest divergence that is not larger, None where the chosen one is the best."""
        rivals = [one for one in self.all if one.megabytes <= NEAR * chosen.megabytes and one.nats < chosen.nats]
        return min(rivals, key=lambda one: one.nats, default=None)

    @property
    def frontier(self) -> tuple[Budget, ...]:
        """The choices that no smaller one beats, from small to large."""
        kept: list[Budget] = []
        for one in sorted(self.all, key=lambda one: (one.megabytes, one.nats)):
            if not kept or one.nats < kept[-1].nats:
                kept.append(one)
        return tuple(kept)

    def finding(self, attention: int, mlp: int) -> str:
        chosen = self.find(attention, mlp)
        text = f"{chosen.name}: {fixed(chosen.megabytes, 2)} MB, divergence {chosen.nats:.2g}"
        rival = self.better(chosen)
        if rival is None:
            return f"{text}; nothing of this size does better"
        ratio, size = fixed(chosen.nats / rival.nats, 1), fixed(rival.megabytes, 2)
        return f"{text}; {rival.name} is {ratio} times better at {size} MB"


def budgets(measured: Mapping[tuple[int, int], tuple[float, float]]) -> Budgets:
    """Collect the choices.

    Args:
        measured: by (bits of the attention, bits of the MLP), bytes and divergence in nats.

    Raises:
        ValueError: nothing to show, or a divergence that is not positive.
    """
    if not measured or any(nats <= 0 for _, nats in measured.values()):
        raise ValueError(f"there must be choices with positive divergences, got {len(measured)}")
    return Budgets(tuple(Budget(a, m, size / 1e6, nats) for (a, m), (size, nats) in measured.items()))


def budgets_figure(data: Budgets, attention: int, mlp: int) -> Figure:
    """Draw all choices in the plane of size and divergence, and mark one of them."""
    figure = new_figure(height=4.6)
    axes = figure.add_subplot()
    chosen, frontier = data.find(attention, mlp), data.frontier
    sizes, nats = (np.array([getattr(one, name) for one in data.all]) for name in ("megabytes", "nats"))
    axes.plot(
        sizes, nats, WASTED.marker, color=WASTED.color, markeredgecolor=FAINT, markersize=7, label="other choices"
    )
    line = [[getattr(one, name) for one in frontier] for name in ("megabytes", "nats")]
    axes.plot(*line, "-", marker=CODE.marker, color=CODE.color, markersize=8, label="no smaller one is better")
    axes.plot(
        [chosen.megabytes], [chosen.nats], ERROR.marker, color=ERROR.color, markersize=14, label="chosen", linestyle=""
    )
    axes.set_yscale("log")
    axes.set_xlabel("size of the model, MB (1 MB is a million bytes)")
    axes.set_ylabel("mean KL divergence, nats, logarithmic")
    axes.legend(loc="upper right")
    state(figure, data.finding(attention, mlp))
    return figure


def budgets_widget(data: Budgets, attention: int = 4, mlp: int = 4) -> None:
    """Two sliders, one for the bits of each part.

    Args:
        data: every pair of bit widths.
        attention, mlp: where the sliders begin.
    """
    widths = [sorted({getattr(one, part) for one in data.all}, reverse=True) for part in ("attention", "mlp")]
    controls = {
        "attention": choice_slider("bits of the attention", list(map(str, widths[0])), str(attention)),
        "mlp": choice_slider("bits of the MLP", list(map(str, widths[1])), str(mlp)),
    }

    def draw(attention: str, mlp: str) -> Drawn:
        figure = budgets_figure(data, int(attention), int(mlp))
        return Drawn(figure, f"size and divergence of all choices. {data.finding(int(attention), int(mlp))}.")

    show_widget(controls, draw)
