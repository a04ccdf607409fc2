"""Commands for instructors and authors: verify, render, stubs, dev check."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import catalogue

Lessons = Annotated[list[str] | None, typer.Argument(metavar="LESSON", help="numbers; all lessons without one")]


def add_to(app: typer.Typer) -> None:
    for command in (verify, render, stubs):
        app.command()(command)
    dev = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="For authors: the course checks itself.")
    dev.command("check")(dev_check)
    dev.callback()(lambda: None)
    app.add_typer(dev, name="dev")


def verify(lessons: Lessons = None) -> None:
    """Prove the course in solutions mode: pytest, and nbval over every stored output. What CI runs.

    \b
    Example: labs verify
    Example: labs verify 3 4
    """
    from ..nb.verify import verify as run

    numbers = [catalogue.find_lesson(name).number for name in lessons or []]
    raise typer.Exit(run(numbers or None))


def render(lessons: Lessons = None) -> None:
    """Run notebooks anew in solutions mode and store their outputs.

    \b
    Example: labs render 3
    """
    from ..nb.render import RenderError
    from ..nb.render import render as run

    chosen = [catalogue.find_lesson(name) for name in lessons] if lessons else list(catalogue.lessons())
    try:
        run([lesson.notebook for lesson in chosen])
    except RenderError as error:
        print(f"labs: {error}")
        raise typer.Exit(1) from None


def stubs(
    check: Annotated[bool, typer.Option("--check", help="change nothing; fail if a module is out of date")] = False,
    force: Annotated[bool, typer.Option("--force", help="overwrite bodies that somebody wrote")] = False,
) -> None:
    """Make the learner's modules from solutions/.

    \b
    Example: labs stubs --check
    """
    from .. import stubs as maker

    if check:
        stale = maker.differences()
        for file in stale:
            print(f"labs_lib/{file} is not what solutions/{file} makes; `labs stubs` writes it")
        raise typer.Exit(1 if stale else 0)
    written = maker.written_exercises()
    if written and not force:
        print(f"{', '.join(written)} hold somebody's work; --force overwrites it, `labs reset ID` keeps a copy")
        raise typer.Exit(1)
    changed = maker.write()
    print(f"written: {', '.join(changed)}" if changed else "all stubs are up to date")


def dev_check(
    rule: Annotated[list[str] | None, typer.Option("--rule", help="only this rule; may be repeated")] = None,
    lesson: Annotated[
        list[str] | None, typer.Option("--lesson", help="only this lesson's exercises; may be repeated")
    ] = None,
) -> None:
    """Hold the course against its own rules, one line a problem.

    \b
    Example: labs dev check
    Example: labs dev check --lesson 6
    """
    from ..devcheck import run

    raise typer.Exit(run(rule, lesson))
