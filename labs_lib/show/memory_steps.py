"""Memory over the steps of loading a model: what the process wrote itself, and what are pages of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .style import FAINT, INK, VALUE, WASTED, new_figure, state

Floats = NDArray[np.float64]
Readings = Sequence[tuple[int, int]]  # bytes, anonymous and mapped
GAP = 0.06  # of a stage's width, between two stages


@dataclass(frozen=True)
class MemoryWay:
    """One way to a model, stage after stage, in megabytes (a million bytes)."""

    name: str
    stages: tuple[str, ...]
    anonymous: tuple[Floats, ...]  # one array a stage, one reading an entry
    mapped: tuple[Floats, ...]

    @property
    def peak(self) -> float:
        """The most anonymous memory at any time."""
        return max(float(readings.max()) for readings in self.anonymous)

    @property
    def ends_with(self) -> tuple[float, float]:
        """Anonymous and mapped, at the end."""
        return float(self.anonymous[-1][-1]), float(self.mapped[-1][-1])


@dataclass(frozen=True)
class MemorySteps:
    """Several ways to models of as many weights."""

    ways: tuple[MemoryWay, ...]
    weights: int

    def bytes_a_weight(self, megabytes: float) -> float:
        return megabytes * 1e6 / self.weights

    @property
    def finding(self) -> str:
        """The peaks in whole bytes a weight: finer ones would differ at every run."""
        *others, last = [f"{self.bytes_a_weight(way.peak):.0f}" for way in self.ways]
        listed = f"{', '.join(others)} and {last}" if others else last
        return f"At its peak the process has written {listed} bytes a weight"


def memory_steps(ways: Mapping[str, Mapping[str, Readings]], weights: int) -> MemorySteps:
    """Put readings into megabytes.

    Args:
        ways: for each way, in drawing order, its stages; of each, pairs of bytes, anonymous and mapped.
        weights: of the model, to which the peaks are compared.

    Raises:
        ValueError: no ways, a way without stages, a stage without readings.

    Example:
        >>> memory_steps({"copy": {"read": [(0, 0), (8_000_000, 0)]}}, weights=2_000_000).finding
        'At its peak the process has written 4 bytes a weight'
    """
    if not ways or not all(stages and all(stages.values()) for stages in ways.values()):
        raise ValueError("ways must have one or more stages with readings in each")
    return MemorySteps(tuple(_way(name, stages) for name, stages in ways.items()), weights)


def memory_steps_figure(data: MemorySteps, title: str | None = None) -> Figure:
    """Draw one panel a way. All stages are as wide as each other, however long they took."""
    figure = new_figure(height=4.3)
    panels = figure.subplots(1, len(data.ways), sharey=True, squeeze=False)[0]
    for axes, way in zip(panels, data.ways, strict=True):
        _draw(axes, way)
    panels[0].set_ylabel("memory in use, MB")
    panels[0].set_ylim(bottom=0)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower left", ncols=2)
    state(figure, title or data.finding)
    return figure


def _way(name: str, stages: Mapping[str, Readings]) -> MemoryWay:
    columns = [np.array(readings, dtype=np.float64).reshape(-1, 2) / 1e6 for readings in stages.values()]
    return MemoryWay(name, tuple(stages), tuple(one[:, 0] for one in columns), tuple(one[:, 1] for one in columns))


def _draw(axes: Axes, way: MemoryWay) -> None:
    for start, (anonymous, mapped) in enumerate(zip(way.anonymous, way.mapped, strict=True)):
        x = start + np.linspace(GAP, 1 - GAP, len(anonymous))
        low, high = np.maximum(anonymous, 0), np.maximum(anonymous, 0) + np.maximum(mapped, 0)
        own = "" if start else "written by the process (anonymous)"
        files = "" if start else "pages of a file (mapped)"
        axes.fill_between(x, low, color=VALUE.color, linewidth=0, label=own)
        axes.fill_between(x, low, high, facecolor=WASTED.color, hatch=WASTED.hatch, edgecolor=FAINT, lw=0, label=files)
        if start:
            axes.axvline(start, color=FAINT, linewidth=0.8, linestyle=":")
    axes.set_xticks([start + 0.5 for start in range(len(way.stages))], [_wrapped(stage) for stage in way.stages])
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(0, len(way.stages))
    axes.set_title(way.name, fontsize=11.5, color=INK)


def _wrapped(stage: str) -> str:
    return stage.replace(" ", "\n", 1)
