"""What a learner has measured, kept in ``.labs/results.json`` so that a later lesson can rank it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import modes
from .progress import read_json, write_json
from .root import STATE

VERSION = 1  # of the file's form


@dataclass(frozen=True)
class Result:
    """One quantized model: what it weighs, and how far its predictions have moved."""

    name: str
    bytes: int
    bits_per_weight: float  # all bytes, all weights
    nats: float  # mean divergence from the original


def place() -> Path:
    """The file. What the reference has measured goes beside it, never over a learner's own results."""
    own = modes.current().name != "solutions"
    return STATE / ("results.json" if own else "results_of_the_reference.json")


def keep(lesson: str, setting: Mapping[str, str | int], results: Iterable[Result]) -> list[Result]:
    """Store the results of a lesson in place of those that it stored before.

    Args:
        lesson: the number, such as ``"18"``.
        setting: what was measured on, such as ``{"model": "tiny-lm", "tokens": 2048}``: only results of one setting
            can be ranked.
        results: any number of them.

    Returns:
        The results as the file now holds them, the smallest first; as they were given where nothing can be written.
    """
    rounded = [
        Result(one.name, one.bytes, round(one.bits_per_weight, 3), float(f"{one.nats:.4g}"))
        for one in sorted(results, key=lambda one: (one.bytes, one.name))
    ]
    stored = read_json(place())
    lessons = stored.get("lessons") if stored.get("version") == VERSION else None
    entry: dict[str, Any] = {"setting": dict(setting), "results": [asdict(one) for one in rounded]}
    write_json(place(), {"version": VERSION, "lessons": {**(lessons or {}), lesson: entry}})
    return kept(lesson) or rounded


def kept(lesson: str) -> list[Result]:
    """The results that a lesson has stored; none where the file is missing or damaged."""
    try:
        return [Result(**one) for one in read_json(place())["lessons"][lesson]["results"]]
    except (KeyError, TypeError):
        return []


def ranked(results: Iterable[Result], *, at_most: float) -> list[Result]:
    """Those of at most so many bits a weight, the smallest divergence first."""
    fitting = [one for one in results if one.bits_per_weight <= at_most]
    return sorted(fitting, key=lambda one: (one.nats, one.bytes))
