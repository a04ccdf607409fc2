"""From the bytes of a model to the bytes of its quantized form: what each part of it gives up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import nn

from .numbers import fixed
from .style import CODE, FAINT, INK, VALUE, WASTED, ink_on, new_figure, state


@dataclass(frozen=True)
class ByteWaterfall:
    """The parts of one model in megabytes (a million bytes), before and after."""

    parts: tuple[str, ...]
    before: NDArray[np.float64]
    after: NDArray[np.float64]

    @property
    def saved(self) -> NDArray[np.float64]:
        return self.before - self.after

    @property
    def finding(self) -> str:
        """The saving, and the part that is the largest of what stays."""
        stays = int(np.argmax(self.after))
        share = 100 * self.after[stays] / self.after.sum()
        return (
            f"{fixed(self.before.sum(), 1)} MB become {fixed(self.after.sum(), 1)} MB; "
            f"{fixed(share, 0)} % of what is left is {self.parts[stays]}"
        )


def bytes_by(model: nn.Module, part_of: Callable[[str], str]) -> dict[str, int]:
    """Count the bytes of parameters and buffers by part; a tensor with several names counts at the first.

    Args:
        model: any module. Buffers that are not saved with the model count too.
        part_of: from the name of a tensor, such as ``"encoder.layer.0.output.dense.weight"``, to that of its part.
    """
    sizes: dict[str, int] = {}
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        sizes[part_of(name)] = sizes.get(part_of(name), 0) + tensor.nbytes
    return sizes


def byte_waterfall(before: Mapping[str, float], after: Mapping[str, float]) -> ByteWaterfall:
    """Put both counts side by side, the largest saving first.

    Raises:
        ValueError: no parts, or the two counts do not have the same ones.
    """
    if not before or set(before) != set(after):
        raise ValueError(f"before and after must have the same parts, got {sorted(before)} and {sorted(after)}")
    parts = sorted(before, key=lambda part: after[part] - before[part])
    columns = [np.array([sizes[part] for part in parts], dtype=np.float64) / 1e6 for sizes in (before, after)]
    return ByteWaterfall(tuple(parts), *columns)


def byte_waterfall_figure(data: ByteWaterfall, title: str | None = None) -> Figure:
    """Draw the whole before, a step for each part, and the whole after."""
    figure = new_figure(height=1.6 + 0.42 * (len(data.parts) + 2))
    axes = figure.add_subplot()
    total, last = float(data.before.sum()), len(data.parts) + 1
    left = total
    axes.barh(0, total, 0.66, color=VALUE.color)
    for y, (saved, before, after) in enumerate(zip(data.saved, data.before, data.after, strict=True), start=1):
        axes.plot([left, left], [y - 0.67, y + 0.33], color=FAINT, linewidth=1)
        left -= saved
        if saved > 0.002 * total:
            bars = axes.barh(y, saved, 0.66, left=left, color=WASTED.color, edgecolor=FAINT, linewidth=0.8)
            bars[0].set_hatch(WASTED.hatch)
        words = f"{_short(before)} → {_short(after)} MB" if saved else f"{_short(before)} MB, unchanged"
        axes.text(left - 0.01 * total, y, words, ha="right", va="center", color=INK)
    axes.plot([left, left], [last - 0.67, last + 0.33], color=FAINT, linewidth=1)
    axes.barh(last, left, 0.66, color=CODE.color, hatch=CODE.hatch, edgecolor="white", linewidth=0)
    for y, size, role in ((0, total, VALUE), (last, left, CODE)):
        axes.text(
            0.012 * total,
            y,
            f"{fixed(size, 1)} MB",
            va="center",
            color=ink_on(role.color),
            fontweight="bold",
            bbox={"facecolor": role.color, "edgecolor": "none", "pad": 1.5},
        )
    axes.set_yticks(range(last + 1), ["before", *data.parts, "after"])
    axes.invert_yaxis()
    axes.set_xlim(0, total * 1.01)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("size, MB (1 MB is a million bytes); hatched: saved")
    state(figure, title or data.finding)
    return figure


def _short(size: float) -> str:
    """One decimal, but never 0.0 for something."""
    return fixed(size, 1) if size >= 0.05 or not size else "under 0.1"
