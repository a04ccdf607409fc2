"""The wrong-axis mistake on a square matrix: row scales without their second dimension divide the columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from labs_lib import affine, granularity

from .style import ERROR, FAINT, VALUE, new_figure, state

Floats = NDArray[np.float64]
RUINED = 10.0  # dB: an error of a third of the row


@dataclass(frozen=True)
class AxisMistake:
    """Each row of one matrix under scales on the right axis and on the wrong one."""

    bits: int
    largest: Floats  # largest magnitude of each row
    right: Floats  # SQNR of each row, dB
    wrong: Floats
    clipped: float  # share of all weights that the wrong scales clip

    @property
    def ruined(self) -> int:
        return int((self.wrong < RUINED).sum())

    @property
    def rank_of_the_ruined(self) -> int:
        """All ruined rows are among this many largest ones."""
        ranks = np.argsort(np.argsort(-self.largest))
        return int(ranks[self.wrong < RUINED].max()) + 1 if self.ruined else 0

    @property
    def finding(self) -> str:
        rows = len(self.largest)
        if not self.ruined:
            return f"On the wrong axis no row of {rows} falls below {RUINED:g} dB"
        largest = self.rank_of_the_ruined
        which = "the ones" if largest == self.ruined else f"all of them among the {largest}"
        lost = f"{self.ruined} of {rows} rows keep less than {RUINED:g} dB"
        return f"On the wrong axis {lost}: {which} with the largest weights"


def axis_mistake(x: Tensor, bits: int = 8) -> AxisMistake:
    """Quantize a square matrix by rows, with scales of shape (rows, 1) and of shape (rows,).

    Raises:
        ValueError: ``x`` is not square; then torch refuses the wrong shape by itself.
    """
    if x.dim() != 2 or x.shape[0] != x.shape[1]:
        raise ValueError(f"x must be a square matrix, got shape {tuple(x.shape)}")
    scale = granularity.choose_scale_per_channel(x, bits=bits)
    right, wrong = (affine.dequantize(affine.quantize(x, one, bits=bits), one) for one in (scale, scale.flatten()))
    reach = affine.q_range(bits)[1] * scale.flatten()
    return AxisMistake(
        bits=bits,
        largest=x.detach().abs().amax(1).double().numpy(),
        right=_row_db(x, right),
        wrong=_row_db(x, wrong),
        clipped=float((x.abs() > 1.0001 * reach).double().mean()),
    )


def axis_mistake_figure(data: AxisMistake) -> Figure:
    """Draw each row twice: its SQNR over its largest magnitude."""
    figure = new_figure(height=4.2)
    axes = figure.add_subplot()
    for values, role, name in [(data.right, VALUE, "scale of shape (rows, 1)"), (data.wrong, ERROR, "shape (rows,)")]:
        axes.plot(data.largest, values, role.marker, color=role.color, markersize=5, linestyle="none", label=name)
    axes.axhline(RUINED, color=FAINT, linewidth=1, linestyle="--")
    axes.text(float(data.largest.min()), RUINED + 0.6, f"{RUINED:g} dB", color=FAINT)
    axes.set_xscale("log")
    ticks = [tick for tick in (0.05, 0.1, 0.2, 0.5, 1, 2, 5) if data.largest.min() <= tick <= data.largest.max()]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("largest magnitude in the row, logarithmic")
    axes.set_ylabel("SQNR of the row, dB")
    axes.set_ylim(bottom=min(0.0, float(data.wrong.min()) - 1))
    figure.legend(loc="outside lower center", ncols=2)
    state(figure, data.finding)
    return figure


def _row_db(x: Tensor, x_hat: Tensor) -> Floats:
    """SQNR of every row; rows without an error or without a signal do not occur in real weights."""
    signal = x.double().square().sum(1)
    noise = (x.double() - x_hat.double()).square().sum(1)
    return np.asarray((10 * torch.log10(signal / noise)).numpy())
