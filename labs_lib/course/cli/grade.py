"""``labs grade`` and ``labs release``: a class whose code nobody trusts, and what it is given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Names = Annotated[list[str] | None, typer.Option("--only", metavar="ID", help="exercises or lessons; may be repeated")]
Formats = Annotated[
    list[str] | None,
    typer.Option("--format", help="gradescope, classroom, junit, csv, html; may be repeated, or with commas"),
]


def add_to(app: typer.Typer) -> None:
    for command in (grade, release):
        app.command()(command)


def grade(
    place: Annotated[
        Path | None, typer.Argument(metavar="SUBMISSIONS", help="a folder of folders, zip and tar files; or a CSV")
    ] = None,
    out: Annotated[Path, typer.Option(help="where results go, one folder a submission")] = Path("results"),
    only: Names = None,
    formats: Formats = None,
    backend: Annotated[str, typer.Option(help="auto, bwrap, unshare or rlimits")] = "auto",
    jobs: Annotated[int, typer.Option(help="submissions at a time; 0 for one a core", min=0)] = 0,
    scheduler: Annotated[str, typer.Option(metavar="ADDRESS", help="of a Dask cluster: tcp://host:8786")] = "",
    key: Annotated[
        Path | None, typer.Option(help="file of the course key; else LABS_COURSE_KEY, else a new one")
    ] = None,
    seconds: Annotated[float, typer.Option(help="wall time for one exercise", min=0.1)] = 20.0,
    memory: Annotated[int, typer.Option(help="megabytes for one exercise", min=64)] = 2048,
    echo: Annotated[bool, typer.Option(help="may messages hold what a submission answered or raised")] = True,
    similarity: Annotated[bool, typer.Option(help="also report which submissions are alike")] = False,
    gradescope_zip: Annotated[
        Path | None, typer.Option(metavar="FILE", help="grade nothing; write an autograder for Gradescope")
    ] = None,
) -> None:
    """Grade a class without trusting it. Finished exercises of an interrupted run are not run again.

    \b
    Example: labs grade submissions/ --out results/ --format csv,html
    Example: labs grade submissions/ --only 3 --only 4 --backend bwrap
    Example: labs grade submissions/ --scheduler tcp://10.0.0.5:8786
    Example: labs grade --gradescope-zip autograder.zip --only 3
    """
    from ...grading.limits import Limits
    from ...grading.run import Request, run

    if gradescope_zip is not None:
        from ...grading import autograder

        try:
            autograder.write(gradescope_zip, only or [], key)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        print(f"written: {gradescope_zip}")
        return
    if place is None:
        raise typer.BadParameter("SUBMISSIONS is missing")
    request = Request(
        place=place,
        out=out,
        only=tuple(only or ()),
        backend=backend,
        jobs=jobs,
        key=key,
        limits=Limits(wall_seconds=seconds, cpu_seconds=max(1, round(seconds)), memory_mb=memory),
        echo=echo,
        formats=tuple(formats or ()),
        scheduler=scheduler,
        similarity=similarity,
    )
    raise typer.Exit(run(request))


def release(out: Annotated[Path, typer.Argument(metavar="OUT", help="a new folder")]) -> None:
    """Write the edition for students of a graded class: without solutions, mutants, or a line of either.

    \b
    Example: labs release ../course-for-students
    """
    from ...grading.release import Leak, uncommitted
    from ...grading.release import release as write

    try:
        files = write(out)
    except (Leak, FileExistsError) as error:
        print(f"labs: {error}")
        raise typer.Exit(1) from None
    print(f"{len(files)} files in {out}")
    for name in uncommitted():
        print(f"not in git, but part of it: {name}")
