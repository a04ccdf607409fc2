"""Driver of 13.2: has a skeleton built from a small config and a recipe, and says what stands in it."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn

from ..exercise import implementation
from .made import Made, forgiving, settings
from .small_models import config_of, kind_of, known_to_transformers, names_of_modules, names_of_tensors, plain, quiet

Facts = tuple[tuple[str, Any], ...]


def drive(model: str, recipe: Mapping[str, Any], *, architectures: Any = "its own", broken: bool = False) -> Facts:
    """Build a skeleton, and say what came of it in pairs of a name and a fact.

    Args:
        model: an architecture of ``small_models``, and perhaps a dtype: ``"llama, bfloat16"``.
        recipe: handed on, a copy of it.
        architectures: what the config names instead of the model's class.
        broken: whether the call may fail: then only the settings afterwards are told.
    """
    words = model.split(", ")
    config = config_of(words[0])
    config.architectures = [kind_of(words[0]).__name__] if architectures == "its own" else architectures
    config.dtype = getattr(torch, words[1]) if len(words) > 1 else None
    given, before = copy.deepcopy(dict(recipe)), settings()
    with known_to_transformers(), kept_device(), quiet():
        if broken:
            with forgiving():
                implementation("13.2")(config, given)
            return (("settings", settings() == before),)
        with Made() as made:
            built = implementation("13.2")(config, given)
        after = settings()
        with torch.device("meta"):
            float_model = plain(model)
    return (
        ("settings", after == before),
        ("made", made.numbers),
        ("recipe kept", given == recipe),
        ("class", type(built).__name__),
        *(facts_of(built) if isinstance(built, nn.Module) else ()),
        ("float modules", modules_of(float_model)),
        ("float tensors", tensors_of(float_model)),
    )


def facts_of(model: nn.Module) -> Facts:
    """Its modules and tensors, those that are not on the meta device, and what has several names."""
    tensors = tensors_of(model)
    return (
        ("modules", modules_of(model)),
        ("tensors", tensors),
        ("off meta", tuple(f"{name} on {device}" for name, _, _, device in tensors if device != "meta")),
        ("ties", tuple(names for names in names_of_tensors(model) if len(names) > 1)),
        ("same", names_of_modules(model)),
    )


def modules_of(model: nn.Module) -> tuple[tuple[str, str], ...]:
    return tuple((name, type(module).__name__) for name, module in model.named_modules(remove_duplicate=False))


def tensors_of(model: nn.Module) -> tuple[tuple[str, tuple[int, ...], str, str], ...]:
    """Name, shape, dtype and device of every parameter and buffer, also of those that are never saved."""
    named = {
        **dict(model.named_parameters(remove_duplicate=False)),
        **dict(model.named_buffers(remove_duplicate=False)),
    }
    return tuple((name, tuple(one.shape), str(one.dtype), one.device.type) for name, one in named.items())


@contextlib.contextmanager
def kept_device() -> Iterator[None]:
    """The default device is put back, whatever the exercise leaves."""
    before = torch.get_default_device()
    try:
        yield
    finally:
        if torch.get_default_device() != before:
            torch.set_default_device(before)
