"""Numbers as text, the same at every run: one format for a number, one layout for a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

Number = float | int | Tensor


def fixed(value: Number, digits: int = 4) -> str:
    """A number with ``digits`` decimals; whole-number types have none.

    Args:
        value: a Python or NumPy number, or a tensor of one element.
        digits: decimals after the point.

    Example:
        >>> fixed(2 / 3), fixed(-1e-9, 2), fixed(255), fixed(float("-inf"))
        ('0.6667', '0.00', '255', '-inf')
    """
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, int):
        return str(number)
    if not math.isfinite(number):
        return str(float(number))  # inf, -inf, nan
    text = f"{number:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def digits_for(step: float) -> int:
    """Decimals that tell apart values a hundredth of ``step`` from each other: 2 for 3.5, 4 for 0.0123."""
    return max(0, 2 - math.floor(math.log10(step)))


def table(rows: Sequence[Sequence[Any]], headers: Sequence[str], digits: int | Sequence[int] = 4) -> None:
    """Print rows as an aligned table of plain text, numbers to the right.

    Args:
        rows: cells are text, numbers or 0-dim tensors; None leaves a cell empty.
        headers: one for each column.
        digits: decimals of all columns, or one number a column.

    Raises:
        ValueError: a row or ``digits`` does not have one entry for each header.

    Example:
        >>> table([["tensor", 2.50919], ["row", 1.80844]], headers=["granularity", "MSE"])
        granularity     MSE
        -----------  ------
        tensor       2.5092
        row          1.8084
    """
    print(table_text(rows, headers, digits))


def table_text(rows: Sequence[Sequence[Any]], headers: Sequence[str], digits: int | Sequence[int] = 4) -> str:
    """The text that ``table`` prints."""
    decimals = [digits] * len(headers) if isinstance(digits, int) else list(digits)
    for name, entry in [("digits", decimals), *((f"row {index}", row) for index, row in enumerate(rows))]:
        if len(entry) != len(headers):
            raise ValueError(f"{name} must have one entry for each of {len(headers)} headers, got {len(entry)}")
    columns = [_column(header, [row[index] for row in rows], decimals[index]) for index, header in enumerate(headers)]
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*columns, strict=True))


def _column(header: str, cells: list[Any], digits: int) -> list[str]:
    texts = [_cell(cell, digits) for cell in cells]
    width = max(len(text) for text in [header, *texts])
    aligned = "<" if any(isinstance(cell, str) for cell in cells) else ">"
    return [f"{text:{aligned}{width}}" for text in [header, "-" * width, *texts]]


def _cell(cell: Any, digits: int) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str | bool):
        return str(cell)
    if isinstance(cell, torch.Tensor) and cell.numel() != 1:
        raise ValueError(f"a cell must hold one number, got a tensor of shape {tuple(cell.shape)}")
    return fixed(cell, digits)
