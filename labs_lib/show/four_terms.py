"""The four terms of an integer product with zero points, as matrices of tokens and outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from torch import Tensor

from .style import FAINT, WASTED, ink_on, new_figure, state

Integers = NDArray[np.int64]
COLORS = "cividis"
SIGNS = ("", "-", "-", "+", "=")
NAMES = (
    r"$\sum q_x\, q_w$",
    r"$z_x \sum q_w$",
    r"$z_w \sum q_x$",
    r"$n\, z_x\, z_w$",
    r"$\sum (q_x - z_x)(q_w - z_w)$",
)
KNOWN = ("anew for each token", "once for each output", "anew for each token", "once", "")


@dataclass(frozen=True)
class FourTerms:
    """One product of codes: (tokens, outputs) each, all without their signs."""

    name: str
    terms: tuple[Integers, Integers, Integers, Integers]
    total: Integers

    @property
    def left(self) -> int:
        """How many terms are not zero everywhere."""
        return sum(bool(term.any()) for term in self.terms)

    @property
    def anew(self) -> int:
        """How many of those must be computed for each token."""
        return sum(bool(term.any()) for term in (self.terms[0], self.terms[2]))


def four_terms(name: str, q_x: Tensor, z_x: int, q_weight: Tensor, z_w: int) -> FourTerms:
    """Expand ``sum((q_x - z_x) * (q_w - z_w))`` over the features.

    Args:
        name: what stands beside the row of panels.
        q_x, z_x: codes of activations, (tokens, in), and their zero point.
        q_weight, z_w: codes of weights, (out, in), and theirs.
    """
    x, w = q_x.numpy().astype(np.int64), q_weight.numpy().astype(np.int64)
    shape, features = (len(x), len(w)), w.shape[1]
    product = x @ w.T
    terms = (
        product,
        np.broadcast_to(z_x * w.sum(1), shape),
        np.broadcast_to(z_w * x.sum(1, keepdims=True), shape),
        np.full(shape, features * z_x * z_w),
    )
    return FourTerms(name, terms, (x - z_x) @ (w - z_w).T)


def four_terms_finding(cases: Sequence[FourTerms]) -> str:
    """How many terms each case has, and how many of them the activations decide."""
    parts = [
        f"{' '.join(case.name.split())}: {case.left} terms, {case.anew} of them anew for each token" for case in cases
    ]
    text = "; ".join(parts)
    return text[0].upper() + text[1:]


def four_terms_figure(cases: Sequence[FourTerms]) -> Figure:
    """Draw one row of five panels a case: the four terms, and what they come to."""
    figure = new_figure(height=0.9 + 1.75 * len(cases))
    grid = figure.subplots(len(cases), 5, squeeze=False)
    everything = np.concatenate([np.ravel(part) for case in cases for part in (*case.terms, case.total)])
    limits = Normalize(float(everything.min()), float(everything.max()))
    for row, case in zip(grid, cases, strict=True):
        for place, (axes, matrix) in enumerate(zip(row, (*case.terms, case.total), strict=True)):
            _draw(axes, matrix, limits)
            sign = f"${SIGNS[place]}$ " if SIGNS[place] else ""
            axes.set_title(sign + NAMES[place], fontsize=11, loc="center")
            if matrix.any():
                axes.set_xlabel(KNOWN[place], fontsize=10, color=FAINT)
        row[0].set_ylabel(case.name, fontsize=11)
    state(figure, four_terms_finding(cases))
    return figure


def _draw(axes: Axes, matrix: Integers, limits: Normalize) -> None:
    """Numbers on their colours; a term that is zero everywhere is hatched."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    image = axes.imshow(matrix, cmap=COLORS, norm=limits, aspect="auto", interpolation="nearest")
    if not matrix.any():
        height, width = matrix.shape
        image.set_visible(False)
        axes.add_patch(
            Rectangle((-0.5, -0.5), width, height, facecolor="white", edgecolor=WASTED.color, hatch=WASTED.hatch)
        )
        axes.text((width - 1) / 2, (height - 1) / 2, "0", ha="center", va="center", backgroundcolor="white")
        return
    shades = image.to_rgba(matrix)
    for (row, column), number in np.ndenumerate(matrix):
        ink = ink_on(to_hex(tuple(shades[row, column].tolist())))
        axes.text(column, row, str(number), ha="center", va="center", color=ink, fontsize=10)
