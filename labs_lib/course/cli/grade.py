"""``labs grade``: a class of submissions that nobody trusts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    app.command()(grade)


def grade(
    place: Annotated[
        Path, typer.Argument(metavar="SUBMISSIONS", help="a folder of folders, zip and tar files; or a CSV")
    ],
    out: Annotated[Path, typer.Option(help="where results go, one folder a submission")] = Path("results"),
    only: Annotated[list[str] | None, typer.Option(metavar="ID", help="exercises or lessons; may be repeated")] = None,
    backend: Annotated[str, typer.Option(help="auto, bwrap, unshare or rlimits")] = "auto",
    jobs: Annotated[int, typer.Option(help="submissions at a time; 0 for one a core", min=0)] = 0,
    key: Annotated[
        Path | None, typer.Option(help="a file with the course key; else LABS_COURSE_KEY, else made")
    ] = None,
    seconds: Annotated[float, typer.Option(help="wall time for one exercise", min=0.1)] = 20.0,
    memory: Annotated[int, typer.Option(help="megabytes for one exercise", min=64)] = 2048,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="gradescope, classroom, junit, csv, html; may be repeated, or with commas"),
    ] = None,
    echo: Annotated[bool, typer.Option(help="may messages hold what a submission answered or raised")] = True,
) -> None:
    """Grade a class without trusting it. Finished exercises of an interrupted run are not run again.

    \b
    Example: labs grade submissions/ --out results/
    Example: labs grade submissions/ --only 3 --only 4 --backend bwrap
    """
    from ...grading.run import run

    raise typer.Exit(run(place, out, only or [], backend, jobs, key, seconds, memory, echo, formats or []))
