"""Rules about ``lessons.toml``: ids, hints, minutes and line budgets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from .. import catalogue, stubs
from . import solution_lines


def unique_ids() -> Iterator[str]:
    """Every exercise has an id of its own, of its lesson, and a function of its own."""
    entries = catalogue.exercises()
    for exercise_id, count in Counter(entry.id for entry in entries).items():
        if count > 1:
            yield f"{exercise_id} stands {count} times in lessons.toml"
    for (file, function), count in Counter((entry.file, entry.function) for entry in entries).items():
        if count > 1:
            yield f"{function} of {file} stands {count} times in lessons.toml"
    for lesson in catalogue.lessons():
        for entry in lesson.exercises:
            if not re.fullmatch(rf"{lesson.number:02d}\.[1-9]\d?", entry.id):
                yield f"{entry.id} is not an id of lesson {lesson.number}"
    declared = {entry.id for entry in entries}
    for file in stubs.files():
        for exercise_id in solution_lines.bodies(file):
            if exercise_id not in declared:
                yield f"{exercise_id} of solutions/{file} is not in lessons.toml"


def hints() -> Iterator[str]:
    """Three hints each, none empty, none holding a line of the solution."""
    for entry in catalogue.exercises():
        if len(entry.hints) != 3:
            yield f"{entry.id} has {len(entry.hints)} hints"
        for number, hint in enumerate(entry.hints, start=1):
            if len(hint.split()) < 5:
                yield f"{entry.id}: hint {number} says nothing"
            for line in solution_lines.telling_lines(entry):
                if line.replace(" ", "") in hint.replace(" ", ""):
                    yield f"{entry.id}: hint {number} holds the solution's line `{line}`"


def budgets() -> Iterator[str]:
    """Minutes and lines are given, the docstring says the same, and the solution keeps to them."""
    for entry in catalogue.exercises():
        body = solution_lines.bodies(entry.file).get(entry.id, [])
        if entry.minutes < 1 or entry.points < 1:
            yield f"{entry.id} needs minutes and points"
        if not 1 <= len(body) <= entry.lines:
            yield f"{entry.id}: the solution has {len(body)} lines, the budget is {entry.lines}"
        promised = f"About {entry.lines} lines, {entry.minutes} minutes."
        if promised not in entry.solution_file.read_text(encoding="utf-8"):
            yield f"{entry.id}: no docstring of solutions/{entry.file} says {promised!r}"
    for lesson in catalogue.lessons():
        if lesson.minutes < sum(entry.minutes for entry in lesson.exercises):
            yield f"lesson {lesson.number} promises {lesson.minutes} minutes, its exercises need more"
