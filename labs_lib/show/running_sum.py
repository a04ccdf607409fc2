"""One output of a layer as it is summed: where the sum of codes leaves float16, and where the real sum stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from .style import CODE, ERROR, VALUE, new_figure, state

Floats = NDArray[np.float64]
LIMIT = 65504.0  # the largest float16


@dataclass(frozen=True)
class RunningSum:
    """Sums after 0, 1, 2, ... products, in float64."""

    codes: Floats  # of x times the codes
    real: Floats  # of x times the dequantized weights

    @property
    def leaves_after(self) -> int | None:
        """After how many products the sum of codes is beyond float16, None if it never is."""
        beyond = np.flatnonzero(np.abs(self.codes) > LIMIT)
        return int(beyond[0]) if beyond.size else None

    @property
    def finding(self) -> str:
        answer = f"{self.real[-1]:,.0f}"
        if self.leaves_after is None:
            return f"The sum of codes ends at {self.codes[-1]:,.0f}, inside float16; the answer is {answer}"
        return (
            f"After {self.leaves_after:,} of {len(self.codes) - 1:,} products the sum leaves float16, "
            f"though the answer is {answer}"
        )


def running_sum(x: Tensor, codes: Tensor, scale: float) -> RunningSum:
    """Add up one output.

    Args:
        x: activations (in,).
        codes: a row of codes (in,).
        scale: of the row.
    """
    products = np.concatenate([[0.0], (x.double() * codes.double()).numpy()])
    sums = np.cumsum(products)
    return RunningSum(sums, sums * scale)


def running_sum_figure(data: RunningSum) -> Figure:
    """Draw the size of both sums against the number of products, and the largest float16. Both axes logarithmic."""
    figure = new_figure(height=4.0)
    axes = figure.add_subplot()
    count = np.arange(1, len(data.codes))
    codes, real = np.abs(data.codes[1:]), np.abs(data.real[1:])
    top = 4 * max(float(codes.max()), LIMIT)
    shade: dict[str, Any] = {"facecolor": "white", "edgecolor": ERROR.color, "hatch": ERROR.hatch, "linewidth": 0}
    axes.axhspan(LIMIT, top, alpha=0.4, zorder=0, **shade)
    axes.axhline(LIMIT, color=ERROR.color, linewidth=1.2)
    text = axes.text(1.15, 1.25 * LIMIT, "infinity in float16", va="bottom", color=ERROR.color)
    text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.5})
    axes.plot(count, codes, "--", color=CODE.color, linewidth=2.4, label="sum of x times code")
    axes.plot(count, real, color=VALUE.color, linewidth=2.4, label="the same sum, times the scale")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(1, count[-1])
    axes.set_ylim(top=top)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:,.10g}")
    axes.set_xlabel("products added so far")
    axes.set_ylabel("size of the sum")
    axes.legend(loc="lower right")
    state(figure, data.finding)
    return figure
