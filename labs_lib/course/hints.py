"""Which hints a learner has seen."""

from __future__ import annotations

from . import progress
from .catalogue import Exercise
from .root import STATE

SEEN = STATE / "hints.json"


def seen(entry: Exercise) -> int:
    """The highest hint shown so far, 0 for none."""
    level = progress.read_json(SEEN).get(entry.id, 0)
    return min(max(level, 0), len(entry.hints)) if isinstance(level, int) else 0


def show(entry: Exercise, level: int | None) -> int:
    """The hint to show: ``level``, else the next one. It counts as seen."""
    chosen = level if level is not None else min(seen(entry) + 1, len(entry.hints))
    progress.write_json(SEEN, {**progress.read_json(SEEN), entry.id: max(seen(entry), chosen)})
    return chosen
