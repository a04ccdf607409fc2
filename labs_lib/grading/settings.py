"""What holds for every submission of a run, and a fingerprint of it: results under other rules are not the same."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from ..course.catalogue import Exercise, find
from ..course.root import LAWS, LIBRARY, ROOT, SOLUTIONS
from . import results, seeds
from .intake import Submission
from .limits import Limits


@dataclass(frozen=True)
class Settings:
    """How a class is graded."""

    out: Path
    key: bytes = field(repr=False)
    backend: str
    exercises: tuple[str, ...]  # ids, in the order of grading
    limits: Limits
    echo: bool = True

    @property
    def chosen(self) -> list[Exercise]:
        return [find(exercise_id) for exercise_id in self.exercises]

    @property
    def rules_id(self) -> str:
        """A hash of what a verdict depends on beside the submission and the key."""
        return hashlib.sha256(f"{course_id()} {self.limits.public()} {self.echo}".encode()).hexdigest()[:12]

    def file(self, submission: Submission) -> Path:
        return self.out / submission.folder_name / results.FILE

    def begin(self, submission: Submission) -> results.Results:
        """The results of a submission before anything is graded; all there is to say about a refused one."""
        name = submission.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        begun = results.Results(name, self.backend, seeds.seed_id(self.key), self.rules_id, submission.source_id)
        if submission.refused:
            reason = submission.refused if self.echo else results.REFUSED
            begun.exercises = [results.Graded.plain(entry, "not_gradable", reason) for entry in self.chosen]
        return begun

    def resume(self, submission: Submission) -> results.Results:
        """The same, with what an earlier run had finished."""
        begun = self.begin(submission)
        begun.resume(results.read(self.file(submission)), begun.missing(self.chosen))
        return begun


@functools.cache
def course_id() -> str:
    """A hash of the course's own files that verdicts come from: machinery, references, laws, mutants."""
    digest = hashlib.sha256()
    for folder in (LIBRARY / "course", LIBRARY / "grading", SOLUTIONS, LAWS, ROOT / "tests" / "mutants"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".toml"):
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
