"""What ``labs status`` prints: the same lines everywhere. Colour, where a terminal has it, only repeats a word."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from .. import catalogue, feedback
from ..catalogue import Exercise
from ..verdict import Verdict

COLOURS = {"passed": "green", "failed": "yellow", "not_started": ""}


def show(verdicts: list[Verdict]) -> None:
    """Lessons, exercises with state, points and place, and the sum."""
    of = {verdict.id: verdict for verdict in verdicts}
    console = Console(highlight=False, soft_wrap=True)
    for lesson in catalogue.lessons():
        console.print(Text(f"{lesson.number:>2}  {lesson.title} ({lesson.minutes} minutes)"))
        for entry in lesson.exercises:
            console.print(_line(entry, of[entry.id]))
    earned, possible = sum(one.points for one in verdicts), sum(one.max_points for one in verdicts)
    console.print(Text(f"points: {earned} of {possible}"))


def _line(entry: Exercise, verdict: Verdict) -> Text:
    state = f"{feedback.WORDS[verdict.state]:<20}"
    place = f"   {verdict.place}" if verdict.place else ""
    width = max(len(one.function) for one in catalogue.exercises())
    return Text.assemble(
        f"      {entry.id}  {entry.function:<{width}} ",
        (state, COLOURS.get(verdict.state, "red")),
        f" {verdict.points:>3}/{entry.points}{place}",
    )
