"""The largest weight of a row on its way to a code, in the arithmetic of a narrow float: where int8 wraps around.

The scale is largest / 127, rounded to the dtype. The quotient largest / scale is rounded to the dtype as well. Between
64 and 128 neighbouring bfloat16 numbers are half a step apart, so a quotient above 127.25 becomes 127.5 or more, rounds
to 128, and no int8 is 128.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from .style import CODE, ERROR, FAINT, INK, VALUE, new_figure, state
from .widget import Drawn, show_widget, toggle, whole_slider

Floats = NDArray[np.float64]
NAMES = {torch.bfloat16: "bfloat16", torch.float16: "float16", torch.float32: "float32"}


@dataclass(frozen=True)
class Significands:
    """One row for each significand of a dtype, its largest weight positive."""

    dtype: torch.dtype
    largest: Floats  # the row's largest weight
    scale: Floats
    exact: Floats  # largest / scale, not rounded
    quotient: Floats  # the same, in the dtype
    stored: NDArray[np.int64]  # the code, after a cast to int8 without a clamp

    @property
    def flips(self) -> NDArray[np.bool_]:
        """Where a positive weight got a negative code."""
        return self.stored < 0

    @property
    def finding(self) -> str:
        count, name = int(self.flips.sum()), NAMES[self.dtype]
        of = f"{count} of {len(self.largest):,} significands of {name}"
        if count == 0:
            return f"In {name} arithmetic no largest weight reaches 128 steps: {of}"
        low, high = self.largest[self.flips].min(), self.largest[self.flips].max()
        return f"{of} turn the largest weight of a row negative: {low:.4g} to {high:.4g}"

    def story(self, index: int) -> str:
        """One row in words: scale, quotient, code, and what the code comes back as."""
        code, back = int(self.stored[index]), self.stored[index] * self.scale[index]
        rounded = round(self.quotient[index])
        wrapped = "" if code == rounded else f" = {rounded} wrapped around"
        return (
            f"{self.largest[index]:.5g} / {self.scale[index]:.4g} = {self.exact[index]:.2f}, "
            f"in {NAMES[self.dtype]} {self.quotient[index]:.6g}: code {code}{wrapped}, comes back as {back:.4g}"
        )


def significands(dtype: torch.dtype = torch.bfloat16, exponent: int = 0, count: int | None = None) -> Significands:
    """Quantize rows whose largest weight runs through every significand of a dtype, as the video course does.

    Args:
        dtype: bfloat16, float16 or float32: of the weights, the scale and the division.
        exponent: the largest weights lie between 2**exponent and twice that.
        count: how many, evenly spaced from 1 to 2; by default all that the dtype has, or 128 for float32.

    Example:
        >>> int(significands().flips.sum())
        21
    """
    count = count or (128 if dtype == torch.float32 else round(1 / torch.finfo(dtype).eps))
    values = (2.0**exponent * (1 + torch.arange(count) / count)).to(dtype)
    scale = (values.float() / 127).to(dtype)
    quotient = values / scale
    stored = torch.round(quotient).to(torch.int32).to(torch.int8)  # through int32: it wraps around on any processor
    largest, scales, quotients = (_array(one) for one in (values, scale, quotient))
    return Significands(dtype, largest, scales, largest / scales, quotients, stored.long().numpy())


def significands_figure(data: Significands, chosen: int | None = None) -> Figure:
    """Draw quotients over significands, exact and rounded, and mark one of them."""
    figure = new_figure(height=4.4)
    axes = figure.add_subplot()
    start, name = data.largest[0], NAMES[data.dtype]
    x, flips = data.largest / start, data.flips
    axes.axhline(127.25, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    if data.dtype == torch.bfloat16:
        axes.text(2.0, 127.27, "above 127.25 the nearest bfloat16 is 127.5", ha="right", va="bottom", color=FAINT)
    jumps = np.flatnonzero(np.abs(np.diff(data.exact)) > 0.2) + 1  # no line across them
    axes.plot(np.insert(x, jumps, np.nan), np.insert(data.exact, jumps, np.nan), color=VALUE.color, label="exact")
    for part, role, size, label in (
        (~flips, CODE, 4.5, f"rounded to {name}"),
        (flips, ERROR, 6.0, "rounded, becomes 128, stored as -128"),
    ):
        if part.any():
            axes.plot(x[part], data.quotient[part], role.marker, color=role.color, markersize=size, mew=0, label=label)
    if chosen is not None:
        axes.plot(x[chosen], data.quotient[chosen], "o", color="none", markeredgecolor=INK, markersize=14, mew=1.6)
    axes.set_ylim(126.3, 127.7)
    axes.set_xlim(0.99, 2.01)
    axes.set_yticks([126.5, 127, 127.5])
    axes.set_ylabel("largest weight / scale, steps")
    power = "" if start == 1 else f", times {start:.4g}"
    axes.set_xlabel(f"significand of the row's largest weight{power}")
    figure.legend(loc="outside lower center", ncols=3)
    state(figure, data.finding)
    return figure


def significands_widget(index: int = 51, exponent: int = 0) -> None:
    """Choose the largest weight by its significand and its power of two, and the arithmetic."""
    controls = {
        "index": whole_slider("significand, in 128ths above 1", index, 0, 127),
        "exponent": whole_slider("power of two", exponent, -20, 20),
        "wide": toggle("compute in float32", False),
    }

    def draw(index: int, exponent: int, wide: bool) -> Drawn:
        data = significands(torch.float32 if wide else torch.bfloat16, exponent, 128)
        return Drawn(significands_figure(data, index), f"{data.finding}. Marked: {data.story(index)}.")

    show_widget(controls, draw)


def _array(x: Tensor) -> Floats:
    values: Floats = x.double().numpy()
    return values
