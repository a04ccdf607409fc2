"""``labs hub``: a Hugging Face Hub on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Port = Annotated[int, typer.Option(help="on 127.0.0.1; 0 takes any free one", min=0, max=65535)]
Root = Annotated[Path | None, typer.Option(help="where the repositories are kept; .labs/hub when not given")]
Token = Annotated[str | None, typer.Option(help="who writes must show it; without it, all of this machine may")]


def add_to(app: typer.Typer) -> None:
    hub = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="A Hugging Face Hub on this machine.")
    hub.callback()(_only_commands)
    hub.command()(serve)
    app.add_typer(hub, name="hub")


def _only_commands() -> None:
    """A Hugging Face Hub on this machine: push and pull without an account or a network."""


def serve(port: Port = 8735, root: Root = None, token: Token = None) -> None:
    """Serve repositories to the programs of this machine until Ctrl-C.

    \b
    Example: labs hub serve
    """
    from ...zoo import local_hub

    local_hub.serve(root, port=port, token=token)
