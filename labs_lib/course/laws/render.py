"""Values as short text: tensors cut to 3 rows of 5."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

ROWS, COLUMNS = 3, 5
CHARACTERS = 200  # of anything that is not a tensor
DEPTH = 3  # of tuples in tuples
USUAL = (torch.float32, torch.int8)  # dtypes that need no mention


def text_of(value: Any, depth: int = DEPTH) -> str:
    """One line for a value of any kind that a driver returns."""
    if isinstance(value, Tensor):
        suffix = "" if value.dtype in USUAL else f" ({str(value.dtype).removeprefix('torch.')})"
        return _tensor(value.detach()) + suffix
    if isinstance(value, tuple) and (depth or not value):
        more = ", ..." if len(value) > COLUMNS else ""
        return f"({', '.join(text_of(item, depth - 1) for item in value[:COLUMNS])}{more})"
    if isinstance(value, tuple):
        return "(...)"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, int) and value.bit_length() > 200:  # Python refuses to print the longest ones
        return f"<an int of {value.bit_length()} bits>"
    text = repr(value)
    return text if len(text) <= CHARACTERS else text[:CHARACTERS] + "..."


def _tensor(value: Tensor) -> str:
    if value.dim() == 0:
        return _number(value)
    if value.numel() == 0:
        return f"empty {tuple(value.shape)}"
    rows = value.reshape(-1, value.shape[-1])
    lines = [_row(row) for row in rows[:ROWS]]
    if len(rows) > ROWS:
        lines.append("...")
    text = lines[0] if len(rows) == 1 else f"[{', '.join(lines)}]"
    cut = len(rows) > ROWS or rows.shape[1] > COLUMNS
    return text + (f" of shape {tuple(value.shape)}" if cut else "")


def _row(row: Tensor) -> str:
    numbers = [_number(item) for item in row[:COLUMNS]]
    return f"[{', '.join(numbers)}{', ...' if len(row) > COLUMNS else ''}]"


def _number(item: Tensor) -> str:
    number = item.item()
    return f"{number:.6g}" if isinstance(number, float) else str(number)
