"""What a learner has built: every exercise with the law that its docstring begins with."""

from __future__ import annotations

import functools
import html
import importlib
import inspect
import textwrap

from . import catalogue
from .catalogue import Exercise
from .notebook import Shown

WIDTH = 100


def built() -> Shown:
    """The lessons that have exercises, their functions, and what each one does, from the registry and the library."""
    entries = catalogue.exercises()
    files = {entry.file for entry in entries}
    summary = f"{len(entries)} exercises in {len(files)} files, {sum(entry.points for entry in entries)} points"
    rows, lines = "", []
    for lesson in catalogue.lessons():
        if not lesson.exercises:
            continue
        lines.append(f"{lesson.number:>2}  {lesson.title}")
        heading = f"{lesson.number}. {html.escape(lesson.title)}"
        rows += f"<tr><th colspan='3' scope='colgroup' style='text-align:left'>{heading}</th></tr>"
        for entry in lesson.exercises:
            law = law_of(entry)
            lines += textwrap.wrap(f"    {entry.id} {entry.function}: {law}", WIDTH, subsequent_indent=" " * 10)
            cells = (entry.id, f"<code>{entry.function}</code>", html.escape(law))
            rows += "<tr>" + "".join(f"<td style='text-align:left'>{cell}</td>" for cell in cells) + "</tr>"
    table = f"<table><caption>{summary}</caption><tbody>{rows}</tbody></table>"
    return Shown("\n".join([*lines, summary]), table)


def law_of(entry: Exercise) -> str:
    """The first line of an exercise's docstring, without the marks of code."""
    module = importlib.import_module(f"labs_lib.{entry.module}")
    function = functools.reduce(getattr, entry.function.split("."), module)
    return (inspect.getdoc(function) or entry.title).splitlines()[0].replace("``", "")
