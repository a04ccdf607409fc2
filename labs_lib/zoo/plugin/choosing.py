"""Which layers of a model are quantized. The model is on the meta device: it has names and shapes, but no weights."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.hub import layer_of
from labs_lib.models import quantize_model
from labs_lib.replacement import ReplacementReport, is_excluded, names_of


class InPlace:
    """Stands for a class of quantized layers while they are chosen: each layer stays what it is for now."""

    @staticmethod
    def from_linear(linear: nn.Linear) -> nn.Linear:
        return linear


@dataclass(frozen=True)
class Choice:
    """The layers that wait for their weights.

    Attributes:
        report: of ``quantize_model``.
        places: the names of each layer that will be replaced, by its first name.
        transposed: names of layers whose weights a checkpoint holds as (in, out): GPT-2's Conv1D.
    """

    report: ReplacementReport
    places: dict[str, list[str]]
    transposed: frozenset[str]


def choose(model: Any, exclude: Sequence[str]) -> Choice:
    """Choose as ``quantize_model`` does, the learner's own. Conv1D layers become linear layers without weights.

    Raises:
        ValueError: there is nothing to quantize.
    """
    transposed, sharing = conv1d_names(model), tied_linears(model)
    with tied(model), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that nothing was replaced is an error below
        report = quantize_model(model, layer=InPlace, exclude=[*exclude, *sharing])
    for name in [name for name in report.excluded if name in sharing and not is_excluded(name, exclude)]:
        report.excluded.remove(name)
        report.tied.append(name)
    if not report.replaced:
        raise ValueError(f"{type(model).__name__} has no layer to quantize with exclude={list(exclude)}:\n{report}")
    chosen = set(report.replaced)
    places = {names[0]: names for names in names_of(nn.Linear, model) if names[0] in chosen}
    return Choice(report, places, transposed & chosen)


def place(model: Any, recipe: Mapping[str, Any]) -> frozenset[str]:
    """Put an empty layer into each place that a recipe names. Returns the names that were Conv1D layers.

    A recipe that was written for a model with a head also fits the model without one, whose names lack the first part.

    Raises:
        ValueError: a layer that the model does not have, or a class that does not exist.
    """
    transposed, places = conv1d_names(model), {names[0]: names for names in names_of(nn.Module, model)}
    layers = {_found(name, places, model.base_model_prefix): form for name, form in recipe.items()}
    for first, form in checked.known(layers, places).items():
        with torch.device("meta"):
            layer = layer_of(form)
        for one in places[first]:
            model.set_submodule(one, layer)
    ties = model.all_tied_weights_keys  # a head that was quantized by itself shares nothing any more
    for target in [target for target, source in ties.items() if {_module(target), _module(source)} & layers.keys()]:
        del ties[target]
    return transposed & layers.keys()


def conv1d_names(model: nn.Module) -> frozenset[str]:
    """The names of the layers that hold their weights as (in, out)."""
    modules = model.named_modules(remove_duplicate=False)
    return frozenset(name for name, module in modules if type(module).__name__ == "Conv1D")


def tied_linears(model: Any) -> list[str]:
    """The names of the linear layers that will share a parameter with another module."""
    names = {_module(name) for pair in model.all_tied_weights_keys.items() for name in pair}
    return [name for name in names if isinstance(model.get_submodule(name), nn.Linear)]


@contextmanager
def tied(model: Any) -> Iterator[None]:
    """Let modules share parameters as they will later: transformers ties them when the weights have come."""
    before = []
    for target, source in model.all_tied_weights_keys.items():
        module, last = model.get_submodule(_module(target)), target.rpartition(".")[2]
        before.append((module, last, getattr(module, last)))
        setattr(module, last, model.get_parameter(source))
    try:
        yield
    finally:
        for module, last, parameter in before:
            setattr(module, last, parameter)


def _module(parameter: str) -> str:
    return parameter.rpartition(".")[0]


def _found(name: str, places: Mapping[str, Any], prefix: str) -> str:
    spellings = (name, f"{prefix}.{name}", name.removeprefix(f"{prefix}."))
    return next((spelling for spelling in spellings if spelling in places), name)
