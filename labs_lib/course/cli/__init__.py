"""The ``labs`` command. Every command works without a terminal, colour or network."""

from __future__ import annotations

import sys

import typer

from ...zoo.catalogue import UnknownModel
from ..catalogue import UnknownId
from ..modes import UnknownMode
from . import author, exam, grade, hub, learner, models

app = typer.Typer(
    name="labs",
    help="Quantization labs: start lessons, check exercises, get hints.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: no boxes for a screen reader to spell out
    pretty_exceptions_enable=False,
)
learner.add_to(app)
exam.add_to(app)
models.add_to(app)
hub.add_to(app)
author.add_to(app)
grade.add_to(app)


def main() -> None:
    """Run the command line. What the machine or the caller got wrong is one line, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app(prog_name="labs")
    except (UnknownId, UnknownMode, UnknownModel) as error:
        print(f"labs: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:  # a folder that cannot be written to, a full disk
        print(f"labs: {error}", file=sys.stderr)
        sys.exit(1)
