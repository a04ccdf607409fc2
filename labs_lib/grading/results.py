"""``results.json``: what is known about one submission, written anew after every exercise, whole or not at all.

``results.schema.json`` beside this file describes it. Every other format is made from it, so all agree on the total.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..course.catalogue import Exercise
from ..course.verdict import STATES, Verdict

SCHEMA_VERSION = 1
FILE = "results.json"
MESSAGE_AT_MOST = 1000
REFUSED = "The submission was refused."  # where the reason may not be told: it can quote a name from an archive
SAME = ("schema_version", "submission", "backend", "seed_id", "rules_id", "source_id")


@dataclass(frozen=True)
class Graded:
    """One exercise of one submission."""

    id: str
    title: str
    state: str  # one of ``STATES``
    points: int
    max_points: int
    laws: Mapping[str, Any]  # {"held": 6, "all": 7, "broken": "zero comes back as zero"}
    message: str
    diagnosis: str
    seconds: float

    @classmethod
    def of(cls, entry: Exercise, verdict: Verdict, seconds: float, *, echo: bool = True) -> Graded:
        """From a verdict. Without ``echo`` nothing stands in it that the submission could have written."""
        assert verdict.state in STATES
        return cls(
            id=entry.id,
            title=entry.title,
            state=verdict.state,
            points=verdict.points if verdict.state == "passed" else 0,
            max_points=entry.points,
            laws={"held": verdict.laws_held, "all": verdict.laws, "broken": verdict.law},
            message=clean(verdict.message if echo else _counted(verdict)),
            diagnosis=verdict.diagnosis,
            seconds=round(seconds, 3),
        )

    @classmethod
    def plain(cls, entry: Exercise, state: str, message: str) -> Graded:
        """An exercise that no law was asked about."""
        assert state in STATES and state != "passed"
        none = {"held": 0, "all": 0, "broken": ""}
        return cls(entry.id, entry.title, state, 0, entry.points, none, clean(message), "", 0.0)


@dataclass
class Results:
    """One submission. ``exercises`` grows while it is graded."""

    submission: str
    backend: str
    seed_id: str  # of the course key
    rules_id: str  # of all else that a verdict depends on: the laws, the grader, the limits
    source_id: str  # of the modules that were graded
    versions: dict[str, str] = field(default_factory=dict)
    exercises: list[Graded] = field(default_factory=list)

    @property
    def points(self) -> int:
        return sum(graded.points for graded in self.exercises)

    def missing(self, chosen: Iterable[Exercise]) -> list[Exercise]:
        """The exercises that have no result yet, in the order given."""
        done = {graded.id for graded in self.exercises}
        return [entry for entry in chosen if entry.id not in done]

    def data(self, chosen: Iterable[Exercise]) -> dict[str, Any]:
        """As JSON. ``max_points`` is that of all exercises chosen, graded yet or not."""
        return {
            "schema_version": SCHEMA_VERSION,
            "submission": self.submission,
            "backend": self.backend,
            "seed_id": self.seed_id,
            "rules_id": self.rules_id,
            "source_id": self.source_id,
            "versions": self.versions,
            "points": self.points,
            "max_points": sum(entry.points for entry in chosen),
            "exercises": [asdict(graded) for graded in sorted(self.exercises, key=lambda one: one.id)],
        }

    def resume(self, stored: Mapping[str, Any] | None, chosen: Iterable[Exercise]) -> None:
        """Take over what an earlier run of the same grading had finished; nothing of a file that is not whole."""
        mine = self.data([])
        if stored is None or any(stored.get(name) != mine[name] for name in SAME):
            return
        entries = {entry.id: entry for entry in chosen}
        try:
            found = [Graded(**one) for one in stored["exercises"] if one["id"] in entries]
        except (KeyError, TypeError):
            return
        same = [one for one in found if (one.title, one.max_points) == _worth(entries[one.id])]
        self.exercises += same
        self.versions = dict(stored.get("versions", {}))


def clean(text: str) -> str:
    """Text of somebody else's, cut and without control characters: it will stand in terminals and web pages."""
    kept = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text[:MESSAGE_AT_MOST])
    return kept + ("..." if len(text) > MESSAGE_AT_MOST else "")


def read(path: Path) -> dict[str, Any] | None:
    """A results file; None where there is none or it is damaged."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return data if isinstance(data, dict) and isinstance(data.get("exercises"), list) else None
    except (OSError, ValueError):
        return None


def write(path: Path, data: Mapping[str, Any]) -> None:
    """Write a JSON file, whole or not at all."""
    write_text(path, [json.dumps(data, indent=1, ensure_ascii=False) + "\n"])


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Put a file in place with one rename: a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.writelines(pieces)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _counted(verdict: Verdict) -> str:
    return f"{verdict.laws_held} of {verdict.laws} laws hold" if verdict.laws else ""


def _worth(entry: Exercise) -> tuple[str, int]:
    return entry.title, entry.points
