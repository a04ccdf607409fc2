"""A gradebook: one row a submission."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..results import clean


def convert(all_results: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """CSV with the columns submission, points, max_points, and one an exercise with its points."""
    rows = [(data["submission"], data["points"], data["max_points"], points_of(data)) for data in all_results]
    ids = sorted({exercise_id for *_, points in rows for exercise_id in points})
    yield _line(["submission", "points", "max_points", *ids])
    for name, points, most, each in rows:
        yield _line([_safe(name), points, most, *(each.get(exercise_id, "") for exercise_id in ids)])


def points_of(data: Mapping[str, Any]) -> dict[str, int]:
    return {one["id"]: one["points"] for one in data["exercises"]}


def _line(values: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


def _safe(name: str) -> str:
    """A name on one line, which a spreadsheet does not take for a formula."""
    shown = clean(name).replace("\n", " ")
    return f"'{shown}" if shown.lstrip()[:1] in ("=", "+", "-", "@") else shown
