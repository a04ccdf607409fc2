"""The questions as ``exam.toml`` holds them."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

LETTERS = "abcdefgh"


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people give, and the sentence that helps."""

    answer: str  # exact arithmetic, or a letter
    because: str


@dataclass(frozen=True)
class Question:
    number: int
    lesson: int  # to read again
    kind: str  # "whole", "number" or "choice"
    ask: str
    answer: str  # exact arithmetic, or the letter of an option
    proof: str  # the same value by the course's own functions; of a choice, something true
    why: str
    mistakes: tuple[Mistake, ...]
    unit: str = ""
    options: tuple[str, ...] = ()

    @property
    def letters(self) -> str:
        return LETTERS[: len(self.options)]


@functools.cache
def questions() -> tuple[Question, ...]:
    """All of them, in order."""
    return read(Path(__file__).with_name("exam.toml").read_text(encoding="utf-8"))


def read(text: str) -> tuple[Question, ...]:
    """The questions of an ``exam.toml``."""
    found = []
    for number, entry in enumerate(tomllib.loads(text)["question"], start=1):
        mistakes = tuple(Mistake(**mistake) for mistake in entry.pop("mistake"))
        options = tuple(entry.pop("options", []))
        found.append(Question(number=number, mistakes=mistakes, options=options, **entry))
    return tuple(found)


def find(number: int) -> Question:
    """The question with a number. ValueError names those that there are."""
    known = questions()
    if not 1 <= number <= len(known):
        raise ValueError(f"the questions have the numbers 1 to {len(known)}, got {number}")
    return known[number - 1]
