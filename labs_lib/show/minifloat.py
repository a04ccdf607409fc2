"""Small floats: every way to split a few bits between exponent and mantissa, the integer included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from .style import CODE, INK, VALUE, new_figure, state
from .widget import Drawn, show_widget, whole_slider

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MiniFloat:
    """All values of a format with one sign bit, shrunk so that the largest is 1."""

    exponent_bits: int
    mantissa_bits: int
    values: Floats  # rising, from -1 to 1; +0 and -0 are one value

    @property
    def bits(self) -> int:
        return 1 + self.exponent_bits + self.mantissa_bits

    @property
    def name(self) -> str:
        return f"e{self.exponent_bits}m{self.mantissa_bits}"

    @property
    def gaps(self) -> tuple[float, float]:
        """The smallest and the largest distance of neighbours."""
        steps = np.diff(self.values)
        return float(steps.min()), float(steps.max())

    @property
    def finding(self) -> str:
        narrow, wide = self.gaps
        ratio = wide / narrow
        if ratio < 1.001:
            return f"{self.name}: {len(self.values)} values, all the same distance apart, as integers are"
        return f"{self.name}: {len(self.values)} values; the widest gap is {ratio:,.0f} times the narrowest"


def minifloat(exponent_bits: int, mantissa_bits: int) -> MiniFloat:
    """List the values of a small float without infinities and NaN; without exponent bits it is an integer.

    Raises:
        ValueError: not 0 to 5 exponent bits, or not 2 to 10 bits with the sign.

    Example:
        >>> (6 * minifloat(2, 1).values[7:]).tolist()  # fp4, as e2m1
        [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0]
    """
    if not 0 <= exponent_bits <= 5:
        raise ValueError(f"exponent_bits must be from 0 to 5, got {exponent_bits}")
    if mantissa_bits < 0 or not 2 <= 1 + exponent_bits + mantissa_bits <= 10:
        raise ValueError(f"exponent and mantissa must have 1 to 9 bits together, got {exponent_bits} + {mantissa_bits}")
    exponent = np.arange(2**exponent_bits)[:, None]
    mantissa = np.arange(2**mantissa_bits)[None, :] / 2**mantissa_bits
    subnormal = mantissa * 2.0  # exponent 0 has no leading 1, and the power of exponent 1
    magnitudes = np.where(exponent == 0, subnormal, (1 + mantissa) * 2.0**exponent).ravel()
    magnitudes /= magnitudes.max()
    return MiniFloat(exponent_bits, mantissa_bits, np.unique(np.concatenate([-magnitudes, magnitudes])))


def nearest(x: Tensor, format: MiniFloat) -> Tensor:
    """Move each value of ``x`` to the nearest of the format, which is stretched to reach ``max|x|``."""
    values = torch.from_numpy(format.values)
    largest = x.abs().max().double()
    places = torch.bucketize(x.double() / largest, (values[1:] + values[:-1]) / 2)
    return (values[places] * largest).to(x.dtype)


def minifloat_figure(formats: Sequence[MiniFloat], title: str | None = None) -> Figure:
    """Draw the values of each format as ticks from -1 to 1; evenly spaced ones in the codes' colour."""
    figure = new_figure(height=1.35 + 0.55 * len(formats))
    axes = figure.add_subplot()
    for y, one in enumerate(formats):
        narrow, wide = one.gaps
        even = wide / narrow < 1.001
        width = 0.6 if len(one.values) > 64 else 1.6
        color = CODE.color if even else VALUE.color
        axes.vlines(one.values, y - 0.3, y + 0.3, color=color, linewidth=width, snap=False, clip_on=False)
        axes.text(1.015, y, _gap(one), va="center", color=INK, transform=axes.get_yaxis_transform())
    axes.set_yticks(range(len(formats)), [_row_name(one) for one in formats])
    axes.set_ylim(len(formats) - 0.5, -0.5)
    axes.set_xlim(-1, 1)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("value, as a part of the largest")
    state(figure, title or formats[0].finding)
    return figure


def minifloat_widget(bits: int = 6, exponent_bits: int = 2) -> None:
    """Show your own float over the integer of as many bits, with sliders for both."""
    controls = {
        "bits": whole_slider("bits", bits, 3, 8),
        "exponent_bits": whole_slider("of these for the exponent", exponent_bits, 0, 5),
    }

    def draw(bits: int, exponent_bits: int) -> Drawn:
        exponent_bits = min(exponent_bits, bits - 1)
        own = minifloat(exponent_bits, bits - 1 - exponent_bits)
        return Drawn(minifloat_figure([own, minifloat(0, bits - 1)]), f"{own.finding}.")

    show_widget(controls, draw)


def _row_name(one: MiniFloat) -> str:
    return f"{one.name} (integer)" if one.exponent_bits == 0 else one.name


def _gap(one: MiniFloat) -> str:
    narrow, wide = one.gaps
    octaves = round(np.log2(wide / narrow))  # always a power of two
    if octaves == 0:
        return "one gap"
    return f"gaps 1 to {2**octaves}" if octaves < 10 else f"gaps 1 to $2^{{{octaves}}}$"
