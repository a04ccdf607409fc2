"""Commands for learners: start, check, watch, hint, solution, reset, status, next, doctor."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from .. import catalogue, feedback, hints, source
from ..checks import check as check_exercises
from ..verdict import Verdict

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="03.2, quantize, or a lesson: 3")]
Id = Annotated[str, typer.Argument(metavar="ID", help="03.2 or quantize")]


def add_to(app: typer.Typer) -> None:
    for command in (start, check, watch, hint, solution, reset, status):
        app.command()(command)
    app.command("next")(next_exercise)
    app.command()(doctor)


def start(
    lesson: Annotated[str, typer.Argument(help="a lesson's number")] = "1",
    fresh: Annotated[bool, typer.Option("--fresh", help="make a new copy; the old one is kept as a backup")] = False,
) -> None:
    """Make your working copy of a lesson's notebook and say how to open it.

    \b
    Example: labs start 3
    """
    from ..nb.workspace import start as copy_notebook

    entry = catalogue.find_lesson(lesson)
    path = copy_notebook(entry, fresh=fresh)
    print(f"Lesson {entry.number}, {entry.title}: {catalogue.relative(path)}")
    print(f"open it with: jupyter lab {catalogue.relative(path)}")


def check(
    ids: Ids = None,
    as_json: Annotated[bool, typer.Option("--json", help="print an array of verdicts and nothing else")] = False,
) -> None:
    """Judge exercises by their laws. Exit status 0 only when all of them pass.

    \b
    Example: labs check 03.2
    """
    chosen = catalogue.select(ids or [])
    verdicts = check_exercises(chosen)
    if as_json:
        print(json.dumps([verdict.public() for verdict in verdicts], indent=1))
    else:
        _print_verdicts(verdicts)
    if any(verdict.state != "passed" for verdict in verdicts):
        raise typer.Exit(1)


def watch(
    poll: Annotated[bool, typer.Option("--poll", help="look every second (network folders, WSL)")] = False,
) -> None:
    """Check whenever you save. Stop with Ctrl-C.

    \b
    Example: labs watch
    """
    from ..watching import watch as watch_files

    try:
        watch_files(poll=poll, show=_print_verdicts)
    except KeyboardInterrupt:
        print("stopped")


def hint(
    name: Id,
    level: Annotated[int | None, typer.Argument(metavar="1|2|3", min=1, max=3)] = None,
) -> None:
    """Show a hint: the next one you have not seen, or the one you name. The third nearly solves it.

    \b
    Example: labs hint 03.2
    """
    entry = catalogue.find(name)
    shown = hints.show(entry, level)
    print(f"{entry.id} {entry.function}, hint {shown} of 3\n\n  {entry.hints[shown - 1]}\n")
    print(f"write it in {entry.path}, then: labs check {entry.id}")


def solution(
    name: Id,
    force: Annotated[bool, typer.Option("--force", help="show it before a pass or three hints")] = False,
) -> None:
    """Show the reference answer, after you have passed or seen all three hints.

    \b
    Example: labs solution 03.2
    """
    entry = catalogue.find(name)
    if not entry.solution_file.is_file():
        print(f"this edition ships without solutions; `labs hint {entry.id} 3` says nearly all of it")
        raise typer.Exit(1)
    if not force and hints.seen(entry) < 3 and check_exercises([entry])[0].state != "passed":
        more = 3 - hints.seen(entry)
        print(f"{entry.id} is not passed yet. `labs hint {entry.id}` has {more} more; --force shows it now.")
        raise typer.Exit(1)
    read = source.read(entry.solution_file)
    print(read.lines(read.blocks[entry.id]), end="")


def reset(name: Id) -> None:
    """Bring the untouched stub of one exercise back. Your version is kept under .labs/backup.

    \b
    Example: labs reset 03.2
    """
    from ..resetting import reset as reset_exercise

    entry = catalogue.find(name)
    try:
        kept = reset_exercise(entry)
    except FileNotFoundError as error:
        print(f"labs: {error}")
        raise typer.Exit(1) from None
    print(f"{entry.id} {entry.function} in {entry.path} is an untouched stub again")
    if kept is not None:
        print(f"your version is kept in {catalogue.relative(kept)}")


def status() -> None:
    """Show what is passed, written and open, with points. It is worked out from your files.

    \b
    Example: labs status
    """
    from .overview import show

    show(check_exercises(list(catalogue.exercises())))


def next_exercise() -> None:
    """Say what to do next: the first exercise that does not pass yet.

    \b
    Example: labs next
    """
    for entry in catalogue.exercises():
        verdict = check_exercises([entry])[0]
        if verdict.state == "passed":
            continue
        blocks = source.read(entry.written_file).blocks if entry.written_file.is_file() else {}
        line = f":{blocks[entry.id].first_line}" if entry.id in blocks else ""
        print(f"{entry.id} {entry.function}: {entry.title} (about {entry.lines} lines, {entry.minutes} minutes)")
        print(f"  state     {feedback.WORDS[verdict.state]}")
        print(f"  write     {entry.path}{line}")
        print(f"  read      labs start {entry.lesson}")
        print(f"  check     labs check {entry.id}")
        return
    print("All exercises pass. The notebooks go on where the exercises end: labs status lists them.")


def doctor() -> None:
    """Look at this machine: Python, packages, kernel, memory, disk, Hub, fonts. Says what to do about each failure.

    \b
    Example: labs doctor
    """
    from ..doctor import examine

    findings = examine()
    for finding in findings:
        print(finding.line())
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _print_verdicts(verdicts: list[Verdict]) -> None:
    if not verdicts:
        print("there are no exercises in this lesson")
    if len(verdicts) == 1:
        print(feedback.text(verdicts[0]))
        return
    for verdict in verdicts:
        print(feedback.headline(verdict))
    broken = [verdict for verdict in verdicts if verdict.state not in ("passed", "not_started")]
    if broken:
        print(f"\n{feedback.text(broken[0])}")
