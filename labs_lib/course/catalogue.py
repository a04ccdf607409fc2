"""The course in order, read from ``lessons.toml``: lessons, their exercises, and where each one lives."""

from __future__ import annotations

import difflib
import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .root import LAWS, LIBRARY, NOTEBOOKS, ROOT, SOLUTIONS

DRIVERS = LIBRARY / "course" / "drivers"


@dataclass(frozen=True)
class Exercise:
    id: str
    function: str  # the name in the module, "W8A16Linear.forward" for a method
    file: str  # below labs_lib/ and solutions/
    title: str
    minutes: int
    lines: int  # budget of the body
    points: int
    hints: tuple[str, ...]

    @property
    def lesson(self) -> int:
        return int(self.id.partition(".")[0])

    @property
    def module(self) -> str:
        return self.file.removesuffix(".py").replace("/", ".")

    @property
    def path(self) -> str:
        """Where a learner writes it, from the course's root."""
        return f"labs_lib/{self.file}"

    @property
    def written_file(self) -> Path:
        return LIBRARY / self.file

    @property
    def solution_file(self) -> Path:
        return SOLUTIONS / self.file

    @property
    def driver(self) -> str | None:
        """The module that calls it, where it is no pure function: it takes or returns more than data."""
        name = f"ex_{self.id.replace('.', '_')}"
        return f"labs_lib.course.drivers.{name}" if (DRIVERS / f"{name}.py").is_file() else None


@dataclass(frozen=True)
class Lesson:
    number: int
    slug: str
    title: str
    minutes: int
    exercises: tuple[Exercise, ...]

    @property
    def notebook(self) -> Path:
        return NOTEBOOKS / f"{self.number:02d}_{self.slug}.ipynb"


class UnknownId(ValueError):
    """No exercise or lesson of that name; the message lists the near ones."""


@functools.cache
def lessons() -> tuple[Lesson, ...]:
    return read(Path(__file__).with_name("lessons.toml").read_text(encoding="utf-8"))


def read(text: str) -> tuple[Lesson, ...]:
    """The lessons of a ``lessons.toml``."""
    found = []
    for entry in tomllib.loads(text)["lesson"]:
        exercises = tuple(
            Exercise(**{**exercise, "hints": tuple(exercise["hints"])}) for exercise in entry.pop("exercise", [])
        )
        found.append(Lesson(**entry, exercises=exercises))
    return tuple(found)


def exercises() -> tuple[Exercise, ...]:
    return tuple(exercise for lesson in lessons() for exercise in lesson.exercises)


def find(name: str) -> Exercise:
    """The exercise with an id (``03.2``) or a function name (``quantize``). UnknownId lists the near ones."""
    for exercise in exercises():
        if name in (exercise.id, exercise.function):
            return exercise
    raise UnknownId(f"no exercise {name!r}{_near(name)}")


def find_lesson(name: str | int) -> Lesson:
    """The lesson with a number (``3``, ``03``) or a slug. UnknownId lists the near ones."""
    for lesson in lessons():
        if str(name).lstrip("0") == str(lesson.number) or name in (lesson.slug, lesson.notebook.stem):
            return lesson
    known = ", ".join(f"{lesson.number} {lesson.slug}" for lesson in lessons())
    raise UnknownId(f"no lesson {str(name)!r}; the lessons are {known}")


def select(names: list[str]) -> list[Exercise]:
    """The exercises that ids, function names or lesson numbers stand for; all of them for an empty list."""
    if not names:
        return list(exercises())
    chosen: list[Exercise] = []
    for name in names:
        found = list(find_lesson(name).exercises) if name.isdigit() else [find(name)]
        chosen += [exercise for exercise in found if exercise not in chosen]
    return chosen


def law_file(lesson: int) -> Path:
    """The one file that holds the laws of a lesson's exercises."""
    return LAWS / f"test_{lesson:02d}_laws.py"


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _near(name: str) -> str:
    known = {key: entry for entry in exercises() for key in (entry.id, entry.function)}
    near = {known[key].id: known[key] for key in difflib.get_close_matches(name, known, n=4, cutoff=0.5)}
    if not near:
        return "; `labs status` lists them"
    return "; near: " + ", ".join(f"{entry.id} {entry.function}" for entry in near.values())
