"""The same values under a symmetric and an asymmetric ruler: where the marks fall, and which are wasted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from labs_lib import affine

from .codes import CodeUse, code_use
from .numbers import digits_for, fixed
from .style import CODE, FAINT, INK, VALUE, WASTED, hide_scale, new_figure, state

Floats = NDArray[np.float64]
MOST_MARKS = 32  # more could not be told apart


@dataclass(frozen=True)
class Ruler:
    """One mode's marks, one for each code, smallest first."""

    use: CodeUse
    grid: Floats  # what each code stands for, in real units
    x_hat: Floats  # what each value comes back as

    @property
    def reached(self) -> tuple[int, int]:
        """The places in ``grid`` of the smallest and the largest code that a value has."""
        hit = np.flatnonzero(self.use.counts)
        return int(hit[0]), int(hit[-1])


@dataclass(frozen=True)
class TwoRulers:
    """Some values, and both rulers laid over them."""

    x: Floats
    symmetric: Ruler
    asymmetric: Ruler

    @property
    def finding(self) -> str:
        one, other = self.symmetric.use, self.asymmetric.use
        digits, unused = digits_for(other.scale), other.out_of_reach or "none"
        return (
            f"At {one.bits} bits symmetric has no use for {one.out_of_reach} of {len(one.codes)} codes, "
            f"asymmetric for {unused}: "
            f"a step of {fixed(one.scale, digits)} against {fixed(other.scale, digits)}"
        )


def two_rulers(x: Tensor, bits: int = 4) -> TwoRulers:
    """Quantize ``x`` (any shape, floating) in both modes with the learner's functions; keep the marks.

    Raises:
        ValueError: more than 32 codes, which would be a grey bar and not a ruler.
    """
    if 2**bits > MOST_MARKS:
        raise ValueError(f"bits must be at most 5, to keep the marks apart, got {bits}")
    flat = x.detach().flatten()
    return TwoRulers(flat.double().numpy(), _ruler(flat, "symmetric", bits), _ruler(flat, "asymmetric", bits))


def two_rulers_figure(rulers: TwoRulers) -> Figure:
    """Draw the values once over each ruler, both on one real line."""
    figure = new_figure(height=4.9)
    panels = figure.subplots(2, 1, sharex=True)
    for axes, ruler in zip(panels, (rulers.symmetric, rulers.asymmetric), strict=True):
        _draw(axes, rulers.x, ruler, digits_for(rulers.asymmetric.use.scale))
    panels[1].set_xlabel("real value")
    state(figure, rulers.finding)
    return figure


def _ruler(x: Tensor, mode: str, bits: int) -> Ruler:
    use = code_use(x, mode, bits)
    codes = torch.from_numpy(use.codes)
    grid = affine.dequantize(codes, use.scale, use.zero_point).double().numpy()
    nearest = affine.quantize(x, use.scale, use.zero_point, bits=bits)
    return Ruler(use, grid, affine.dequantize(nearest, use.scale, use.zero_point).double().numpy())


def _draw(axes: Axes, x: Floats, ruler: Ruler, digits: int) -> None:
    use, half = ruler.use, ruler.use.scale / 2
    first, last = ruler.reached
    for low, high in [(0, first - 1), (last + 1, len(ruler.grid) - 1)]:
        if high >= low:
            left, right = ruler.grid[low] - half, ruler.grid[high] + half
            axes.axvspan(left, right, facecolor=WASTED.color, edgecolor=FAINT, hatch=WASTED.hatch, linewidth=0)
            label = f"{high - low + 1} codes that no value needs"
            box = {"facecolor": "white", "edgecolor": "none", "pad": 2}
            axes.text((left + right) / 2, 0.78, label, ha="center", va="center", bbox=box)
    axes.axvline(0.0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    for value, back in zip(x, ruler.x_hat, strict=True):
        axes.plot([value, back], [0.78, 0.12], color=VALUE.color, linewidth=0.9)
    axes.plot(x, np.full(len(x), 0.78), VALUE.marker, color=VALUE.color, markersize=7, linestyle="")
    axes.vlines(ruler.grid, -0.12, 0.12, color=FAINT, linewidth=1.5)
    axes.plot(ruler.x_hat, np.zeros(len(x)), CODE.marker, color=CODE.color, markeredgecolor=INK, linestyle="")
    for mark, code in zip(ruler.grid, use.codes, strict=True):
        axes.text(mark, -0.2, str(code), ha="center", va="top", color=INK, fontsize=10)
    axes.set_ylim(-0.55, 1.05)
    axes.set_title(f"{use.mode}: zero point {use.zero_point}, step {fixed(use.scale, digits)}")
    hide_scale(axes)
