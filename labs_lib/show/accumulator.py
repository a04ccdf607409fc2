"""How many bits the sums of an integer product need, against the integers that could hold them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from .style import CODE, ERROR, FAINT, INK, new_figure, state

WIDTHS = (8, 16, 32)


@dataclass(frozen=True)
class Accumulator:
    """The sums of one integer product, by the bits that each needs."""

    counts: NDArray[np.int64]  # counts[b - 1] sums need b bits, the sign included; 64 entries
    worst: int  # bits that the largest possible sum of so many products needs
    products: int  # in each sum

    def lost(self, bits: int) -> float:
        """The share of sums that a signed integer of so many bits cannot hold, 0 to 1."""
        return float(self.counts[bits:].sum() / self.counts.sum())

    @property
    def finding(self) -> str:
        shares = " and ".join(f"{_percent(self.lost(width))} in int{width}" for width in (8, 16))
        held = "int32 holds every one" if self.lost(32) == 0 else f"{_percent(self.lost(32))} wrap in int32 too"
        return f"Of these sums of {self.products} products {shares} wrap; {held}"


def accumulator(q_x: Tensor, q_weight: Tensor) -> Accumulator:
    """Add up the products of two code matrices in int64 and count the bits of the sums.

    Args:
        q_x: codes of activations, (..., in), any integer dtype.
        q_weight: codes of weights, (out, in).
    """
    sums = q_x.long() @ q_weight.long().T
    products = q_weight.shape[1]
    worst = products * int(_extreme(q_x)) * int(_extreme(q_weight))
    return Accumulator(np.bincount(bits_needed(sums) - 1, minlength=64), worst.bit_length() + 1, products)


def bits_needed(sums: Tensor) -> NDArray[np.int64]:
    """Bits of the shortest two's complement integer that holds each sum: 8 for -128 to 127."""
    flat = sums.flatten().numpy()
    magnitude = np.where(flat < 0, ~flat, flat)  # -128 fits where 127 does
    _, exponent = np.frexp(magnitude.astype(np.float64))  # exact below 2**53, far above any sum here
    return exponent.astype(np.int64) + 1


def accumulator_figure(data: Accumulator) -> Figure:
    """Draw the shares of sums by bits, with the ends of int8, int16 and int32."""
    figure = new_figure(height=4.0)
    axes = figure.add_subplot()
    bits = np.arange(1, 37)
    share = 100 * data.counts[: len(bits)] / data.counts.sum()
    held, wraps = bits <= 16, (bits > 16) & (share > 0)
    axes.bar(bits[held], share[held], 0.85, color=CODE.color, label="int16 holds them")
    axes.bar(
        bits[wraps],
        share[wraps],
        0.85,
        color="white",
        edgecolor=ERROR.color,
        hatch=ERROR.hatch,
        label="int16 wraps",
    )
    top = 1.25 * share.max()
    for width in WIDTHS:
        axes.axvline(width + 0.5, color=INK, linewidth=1.2)
        axes.text(width + 0.35, top, f"int{width} ends", ha="right", va="top", fontsize=10.5)
    axes.axvline(data.worst + 0.5, color=FAINT, linewidth=1.2, linestyle="--")
    axes.text(data.worst + 0.35, 0.62 * top, "largest sum\nthat is possible", ha="right", va="top", color=FAINT)
    axes.set_xlim(0.3, 34)
    axes.set_ylim(0, top)
    axes.set_xticks([1, 4, 8, 12, 16, 20, 24, 28, 32])
    axes.set_xlabel("bits that a sum needs, its sign included")
    axes.set_ylabel("share of the sums, %")
    axes.legend(loc="center left", borderaxespad=0.2)
    state(figure, data.finding)
    return figure


def _extreme(codes: Tensor) -> int:
    """The largest magnitude that the dtype's symmetric or unsigned codes have."""
    return 255 if str(codes.dtype) == "torch.uint8" else 127


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
