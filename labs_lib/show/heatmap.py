"""A matrix, its codes, what comes back, and the error: four panels with the numbers written in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from torch import Tensor

from .numbers import fixed
from .style import CODE, ERROR, ink_on, new_figure, state

Floats = NDArray[np.float64]
ANNOTATED = 8  # rows or columns; numbers in smaller cells could not be read
VALUES = "cividis"  # light is large, in colour and in grey
ERRORS = LinearSegmentedColormap.from_list("errors", ["white", ERROR.color, "#4d1208"])


@dataclass(frozen=True)
class Panels:
    """The four matrices, (rows, columns) each, and the limits of their colour scales."""

    original: Floats
    codes: NDArray[np.int64]
    restored: Floats
    error: Floats  # |original - restored|
    value_limits: tuple[float, float]  # one scale for original and restored, so that equal colours are equal values
    code_limits: tuple[int, int]

    @property
    def worst(self) -> tuple[int, int]:
        """Row and column of the largest error."""
        row, column = np.unravel_index(int(self.error.argmax()), self.error.shape)
        return int(row), int(column)

    @property
    def worst_share(self) -> float:
        """The part of the squared error that one entry carries."""
        total = float((self.error**2).sum())
        return float(self.error.max() ** 2) / total if total else 0.0

    @property
    def finding(self) -> str:
        mse = f"MSE {(self.error**2).mean():.5g}"
        if not self.error.any():
            return f"Every value comes back exactly ({mse})"
        here = f"row {self.worst[0]}, column {self.worst[1]}"
        if self.worst_share > 0.5:
            return f"One value, {here}, carries {100 * self.worst_share:.1f} % of the squared error ({mse})"
        return f"No error is larger than {fixed(self.error.max())}, at {here} ({mse})"


def panels(x: Tensor, q: Tensor, x_hat: Tensor, code_limits: tuple[int, int] | None = None) -> Panels:
    """Collect a quantized matrix.

    Args:
        x: real values, (rows, columns).
        q: its codes, same shape.
        x_hat: what the codes come back as, same shape.
        code_limits: the smallest and the largest code there is, see ``q_range``; by default those that occur.

    Raises:
        ValueError: not matrices of one shape.
    """
    if x.dim() != 2 or x.shape != q.shape or x.shape != x_hat.shape:
        shapes = ", ".join(str(tuple(t.shape)) for t in (x, q, x_hat))
        raise ValueError(f"x, q and x_hat must be matrices of one shape, got {shapes}")
    original, restored = (t.detach().double().numpy() for t in (x, x_hat))
    codes = q.long().numpy()
    both = np.stack([original, restored])
    return Panels(
        original=original,
        codes=codes,
        restored=restored,
        error=np.abs(original - restored),
        value_limits=(float(both.min()), float(both.max())),
        code_limits=code_limits or (int(codes.min()), int(codes.max())),
    )


def panels_figure(panels: Panels, title: str | None = None, digits: int = 2) -> Figure:
    """Draw the four panels; the title states where the error is unless another is given."""
    rows, columns = panels.original.shape
    figure = new_figure(height=min(4.2, 1.5 + 2.25 * rows / columns))
    original, codes, restored, error = figure.subplots(1, 4)
    _draw(original, panels.original, "original", panels.value_limits, VALUES, digits)
    _draw(codes, panels.codes, "codes", panels.code_limits, VALUES, 0)
    _draw(restored, panels.restored, "dequantized", panels.value_limits, VALUES, digits)
    _draw(error, panels.error, "|error|", (0.0, float(panels.error.max()) or 1.0), ERRORS, digits)
    if panels.error.any():
        row, column = panels.worst
        frame = Rectangle((column - 0.47, row - 0.47), 0.94, 0.94, fill=False, edgecolor=CODE.color, linewidth=3)
        error.add_patch(frame)
    state(figure, title or panels.finding)
    return figure


def _draw(
    axes: Axes,
    matrix: Floats | NDArray[np.int64],
    name: str,
    limits: tuple[float, float],
    colors: str | Colormap,
    digits: int,
) -> None:
    """One panel. Small matrices carry their numbers, large ones a colour bar."""
    image = axes.imshow(matrix, cmap=colors, norm=Normalize(*limits), aspect="auto", interpolation="nearest")
    axes.set_title(name)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    if max(matrix.shape) > ANNOTATED:
        axes.figure.colorbar(image, ax=axes, location="bottom", shrink=0.9)
        return
    shades = image.to_rgba(np.asarray(matrix))
    for (row, column), number in np.ndenumerate(matrix):
        ink = ink_on(to_hex(tuple(shades[row, column].tolist())))
        axes.text(column, row, fixed(number.item(), digits), ha="center", va="center", color=ink)
