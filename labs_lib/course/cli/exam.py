"""``labs exam``: the questions of lesson 18, and marks."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

Number = Annotated[int | None, typer.Argument(metavar="QUESTION", help="its number; all questions without one")]
Answer = Annotated[str | None, typer.Argument(metavar="ANSWER", help="42.5, 1/64, or a letter")]


def add_to(app: typer.Typer) -> None:
    app.command(context_settings={"ignore_unknown_options": True})(exam)  # an answer may begin with a minus


def exam(number: Number = None, answer: Answer = None) -> None:
    """Show the questions of the exam, or mark one answer. Exit status 0 unless it is not right.

    \b
    Example: labs exam 5 1.25
    """
    from ..exam import ask, judge
    from ..exam.questions import find
    from ..exam.shown import mark_text

    try:
        if number is None or answer is None:
            ask(*() if number is None else (number, number))
            return
        marked = judge(find(number), answer)
    except ValueError as error:
        print(f"labs: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    print(mark_text(marked))
    if marked.state != "right":
        raise typer.Exit(1)
