"""SQNR against the number of bits: 6 dB a bit for every tensor, from a start that its largest value decides.

With the step ``peak / 2**(b-1)`` and rounding errors spread evenly over a step, the noise is ``step**2 / 12``
and

    SQNR = 6.02 b + 10 log10(3) - 20 log10(peak / rms)    decibels.

The last two terms are the offset: 1.76 dB for a full-scale sine, 0 for a uniform distribution, less for
nearly all else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from labs_lib import affine

from .numbers import fixed
from .style import CODE, ERROR, FAINT, VALUE, new_figure, state

Floats = NDArray[np.float64]
DB_PER_BIT = 20 * math.log10(2)  # 6.02: half the step, a quarter of the noise
STRAIGHT_FROM = 6  # bits: below, values share so few codes that errors are not spread evenly


@dataclass(frozen=True)
class BitCurve:
    """One tensor under symmetric quantization at several bit widths."""

    name: str
    bits: NDArray[np.int64]
    db: Floats  # SQNR at each
    peak_to_rms: float  # largest magnitude in units of the root mean square

    @property
    def slope(self) -> float:
        """Decibels a bit: the least-squares line through the points from 6 bits on."""
        straight = self.bits >= STRAIGHT_FROM
        return float(np.polyfit(self.bits[straight], self.db[straight], 1)[0])

    @property
    def offset(self) -> float:
        """What is left at the most bits when 6.02 dB a bit are taken away."""
        return float(self.db[-1] - DB_PER_BIT * self.bits[-1])

    @property
    def expected_offset(self) -> float:
        """The same from the largest value alone, without quantizing anything."""
        return 10 * math.log10(3) - 20 * math.log10(self.peak_to_rms)


@dataclass(frozen=True)
class BitCurves:
    """Several tensors at the same bits."""

    curves: tuple[BitCurve, ...]

    @property
    def finding(self) -> str:
        """The slopes, which agree, and the starts, which do not."""
        slopes, last = [curve.slope for curve in self.curves], int(self.curves[0].bits[-1])
        best, worst = max(curve.offset for curve in self.curves), min(curve.offset for curve in self.curves)
        ends = dict.fromkeys([fixed(min(slopes), 2), fixed(max(slopes), 2)])  # one, when they read the same
        return (
            f"From {STRAIGHT_FROM} bits on a bit buys {' to '.join(ends)} dB, "
            f"whatever the tensor; at {last} bits they are {fixed(best - worst, 1)} dB apart"
        )


@dataclass(frozen=True)
class OutlierCost:
    """The values of one tensor, as they are and with one of them replaced by an outlier."""

    value: float
    without: BitCurve
    beside: BitCurve  # the same other values, quantized together with the outlier

    @property
    def in_bits(self) -> float:
        """How many bits the others lost: the distance between the two curves at the most bits."""
        return float(self.without.db[-1] - self.beside.db[-1]) / DB_PER_BIT

    @property
    def expected_in_bits(self) -> float:
        """The same from the two largest magnitudes: each doubling of the step is one bit."""
        return math.log2(self.beside.peak_to_rms / self.without.peak_to_rms)

    @property
    def finding(self) -> str:
        return f"One outlier of {self.value:g} costs all other values {fixed(self.in_bits, 2)} bits"


def bit_curve(name: str, x: Tensor, bits: Iterable[int] = range(2, 13)) -> BitCurve:
    """Quantize ``x`` (any shape, floating, not all zero) symmetrically with the learner's functions."""
    widths = list(bits)
    return BitCurve(name, np.array(widths), _sqnr(x, widths), float(x.abs().max()) / _rms(x))


def bit_curves(tensors: Mapping[str, Tensor], bits: Iterable[int] = range(2, 13)) -> BitCurves:
    """One curve for each tensor, at the same bits."""
    widths = list(bits)
    return BitCurves(tuple(bit_curve(name, x, widths) for name, x in tensors.items()))


def bit_curves_figure(data: BitCurves) -> Figure:
    """Draw up to three curves, with their slopes, over the 6.02 dB a bit of a uniform distribution."""
    labels = [f"{curve.name}: {fixed(curve.slope, 2)} dB a bit" for curve in data.curves]
    return _drawn(data.curves, labels, data.finding)


def _drawn(curves: Sequence[BitCurve], labels: Sequence[str], finding: str) -> Figure:
    figure = new_figure(height=4.4)
    axes = figure.add_subplot()
    bits = curves[0].bits
    axes.plot(bits, DB_PER_BIT * bits, color=FAINT, linewidth=1, linestyle=":", label="6.02 dB times bits")
    styles = [(VALUE, "-"), (CODE, "--"), (ERROR, "-.")]
    for curve, label, (role, line) in zip(curves, labels, styles, strict=False):
        axes.plot(curve.bits, curve.db, line, marker=role.marker, color=role.color, markersize=7, label=label)
    axes.axhline(0, color=FAINT, linewidth=1)
    axes.set_xticks(bits)
    axes.set_xlabel("bits of a code")
    axes.set_ylabel("SQNR, dB")
    axes.legend(loc="upper left")
    state(figure, finding)
    return figure


def outlier_cost(x: Tensor, value: float, bits: Iterable[int] = range(2, 17)) -> OutlierCost:
    """Set the first value of ``x`` to ``value`` and measure the SQNR of all the others, before and after.

    The outlier itself is left out of both measurements: it is the one value that comes back exactly, and its
    square alone can be most of the signal, so that an SQNR with it would look better than what is left for
    the others.
    """
    widths = list(bits)
    flat = x.detach().flatten()
    beside = flat.clone()
    beside[0] = value
    others, rms = slice(1, None), _rms(flat[1:])
    curves = [
        BitCurve(name, np.array(widths), _sqnr(tensor, widths, others), float(tensor.abs().max()) / rms)
        for name, tensor in (("as they are", flat), (f"beside one outlier of {value:g}", beside))
    ]
    return OutlierCost(value, *curves)


def outlier_cost_figure(cost: OutlierCost) -> Figure:
    """Draw both curves, and between them the bits that were lost."""
    curves = [cost.without, cost.beside]
    figure = _drawn(curves, [curve.name for curve in curves], cost.finding)
    axes = figure.axes[0]
    level = float(cost.beside.db[-1])
    reached = float(np.interp(level, cost.without.db, cost.without.bits))
    axes.annotate(
        "",
        xy=(float(cost.beside.bits[-1]) - 0.15, level),
        xytext=(reached + 0.1, level),
        arrowprops={"arrowstyle": "<->", "color": ERROR.color, "linewidth": 1.5},
    )
    middle = (reached + float(cost.beside.bits[-1])) / 2
    axes.text(middle, level - 1.5, f"{fixed(cost.in_bits, 2)} bits", ha="center", va="top", color=ERROR.color)
    return figure


def _sqnr(x: Tensor, widths: Sequence[int], part: slice = slice(None)) -> Floats:
    """SQNR of a part of a flat tensor, or of all of any tensor, at each bit width."""
    flat, measured = x.detach().flatten(), []
    for width in widths:
        q, scale = affine.quantize_symmetric(flat, bits=width)
        measured.append(affine.sqnr_db(flat[part], affine.dequantize(q, scale)[part]))
    return np.array(measured)


def _rms(x: Tensor) -> float:
    return float(x.double().square().mean().sqrt())
