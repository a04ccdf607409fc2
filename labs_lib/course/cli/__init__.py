"""The ``labs`` command. Every command works without a terminal, colour or network."""

from __future__ import annotations

import sys

import typer

from ..catalogue import UnknownId
from . import author, learner

app = typer.Typer(
    name="labs",
    help="Quantization labs: start lessons, check exercises, get hints.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: no boxes for a screen reader to spell out
    pretty_exceptions_enable=False,
)
learner.add_to(app)
author.add_to(app)


def main() -> None:
    """Run the command line; an unknown id or an impossible request is one line and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except UnknownId as error:
        print(f"labs: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)
