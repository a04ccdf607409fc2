"""Bytes as stacked bars: which parts of a model they are in, and what fewer bits make of each part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .numbers import fixed
from .style import CODE, ERROR, INK, VALUE, WASTED, Role, ink_on, new_figure, state

STYLES = (WASTED, VALUE, CODE, ERROR)  # of the parts, in order; grey for what is left as it is
LETTERS = 90  # of a legend in one line
READABLE = 0.05  # of the longest bar: a narrower part has no room for its number


@dataclass(frozen=True)
class ByteStack:
    """One row a model or a variant of it, one column a part."""

    rows: tuple[str, ...]
    parts: tuple[str, ...]
    sizes: NDArray[np.float64]  # (rows, parts), in ``unit``
    unit: str

    @property
    def totals(self) -> NDArray[np.float64]:
        return self.sizes.sum(axis=1)


def byte_stack(models: Mapping[str, Mapping[str, float]], *, share: bool = False) -> ByteStack:
    """Collect the bytes of every part of every row, in megabytes of a million bytes.

    Args:
        models: for each row, in drawing order, the bytes of its parts. All rows have the same parts.
        share: percent of the row instead of megabytes.

    Raises:
        ValueError: no rows, rows with different parts, or more parts than ``STYLES``.

    Example:
        >>> byte_stack({"fp32": {"linear": 3e6, "rest": 1e6}}, share=True).sizes.tolist()
        [[75.0, 25.0]]
    """
    if not models:
        raise ValueError("models must have at least one row")
    parts = tuple(next(iter(models.values())))
    for name, row in models.items():
        if tuple(row) != parts:
            raise ValueError(f"every row must have the parts {parts}, got {tuple(row)} for {name!r}")
    if len(parts) > len(STYLES):
        raise ValueError(f"parts must be at most {len(STYLES)}, got {len(parts)}")
    sizes = np.array([list(row.values()) for row in models.values()], dtype=np.float64)
    sizes = 100 * sizes / sizes.sum(axis=1, keepdims=True) if share else sizes / 1e6
    return ByteStack(tuple(models), parts, sizes, "%" if share else "MB")


def byte_stack_figure(stack: ByteStack, title: str) -> Figure:
    """Draw the bars, the size of every part in it where there is room, and each total in MB at the end."""
    figure = new_figure(height=1.7 + 0.52 * len(stack.rows))
    axes = figure.add_subplot()
    _draw_parts(axes, stack, STYLES[: len(stack.parts)])
    longest = stack.totals.max()
    axes.set_xlim(0, longest * (1.0 if stack.unit == "%" else 1.12))
    if stack.unit != "%":
        for y, total in enumerate(stack.totals):
            axes.text(total + 0.01 * longest, y, f"{fixed(total, 1)} MB", va="center", color=INK)
    axes.set_yticks(range(len(stack.rows)), stack.rows)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("share of the bytes, %" if stack.unit == "%" else "size, MB (1 MB is a million bytes)")
    letters = sum(len(part) + 8 for part in stack.parts)  # 8 for the patch and the gap
    columns = len(stack.parts) if letters <= LETTERS else 2
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower left", ncols=columns)
    state(figure, title)
    return figure


def _draw_parts(axes: Axes, stack: ByteStack, styles: Sequence[Role]) -> None:
    left = np.zeros(len(stack.rows))
    for part, sizes, role in zip(stack.parts, stack.sizes.T, styles, strict=True):
        axes.barh(range(len(stack.rows)), sizes, 0.66, left=left, label=part, color=role.color, edgecolor="white")
        for y, size in enumerate(sizes):
            if size >= READABLE * stack.totals.max():
                text = fixed(size, 1)
                axes.text(left[y] + size / 2, y, text, ha="center", va="center", color=ink_on(role.color))
        left += sizes
