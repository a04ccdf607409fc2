"""A gradebook: one row a submission."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any


def convert(all_results: Iterable[Mapping[str, Any]]) -> str:
    """CSV with the columns submission, points, max_points, and one an exercise with its points."""
    rows = [(data["submission"], data["points"], data["max_points"], points_of(data)) for data in all_results]
    ids = sorted({exercise_id for *_, points in rows for exercise_id in points})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["submission", "points", "max_points", *ids])
    for name, points, most, each in rows:
        writer.writerow([_safe(name), points, most, *(each.get(exercise_id, "") for exercise_id in ids)])
    return text.getvalue()


def points_of(data: Mapping[str, Any]) -> dict[str, int]:
    return {one["id"]: one["points"] for one in data["exercises"]}


def _safe(name: str) -> str:
    """A name that a spreadsheet does not take for a formula."""
    return f"'{name}" if name[:1] in "=+-@\t\r" else name
