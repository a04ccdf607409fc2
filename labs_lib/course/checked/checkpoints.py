"""Checks of quantized models that are saved, and of the files that come back from a disk or from a stranger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from torch import Tensor, nn

from . import models

METHOD, VERSION = "labs", 1  # what config.json must say
ALIGNMENT = 64  # bytes: the widest load of a processor, and where torch puts its own tensors
PICKLES = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt")


def saveable(model: nn.Module) -> nn.Module:
    """A transformers model: it brings the ``config`` that it can be built from again."""
    if not any(kind.__name__ == "PreTrainedModel" for kind in type(models.model(model)).__mro__):
        raise TypeError(f"model must be a transformers model with a config, got {type(model).__name__}")
    return model


def recipe(recipe: Any, place: str = "recipe") -> dict[str, Any]:
    """A recipe of the one method and version that can be read here.

    Args:
        recipe: what a config holds as ``quantization_config``.
        place: where it comes from, for the error.
    """
    if not isinstance(recipe, Mapping):
        raise ValueError(f"{place} must have a quantization_config, got {recipe!r}: was it saved by save_quantized?")
    for key, known in (("quant_method", METHOD), ("version", VERSION)):
        if recipe.get(key) != known:
            raise ValueError(f"{place} must have {key} {known!r} in its quantization_config, got {recipe.get(key)!r}")
    if not isinstance(recipe.get("layers"), Mapping) or not recipe["layers"]:
        raise ValueError(f"{place} must name quantized layers in its quantization_config, got {recipe.get('layers')!r}")
    for name, form in recipe["layers"].items():
        if not isinstance(form, Mapping):
            raise ValueError(f"{place} must say what the layer {name!r} is in its quantization_config, got {form!r}")
    return dict(recipe)


def known(layers: Mapping[str, Any], places: Collection[str]) -> Mapping[str, Any]:
    """Layers of a recipe by name, each of which is a place in the model."""
    for name in layers:
        if name not in places:
            raise ValueError(f"recipe names a layer {name!r} that the model does not have")
    return layers


def stored(path: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file, mapped into memory: a page is read when it is first looked at.

    A floating-point tensor that does not begin at a multiple of ``ALIGNMENT`` is copied to where it does.
    """
    if not path.is_file():
        pickles = sorted(file.name for kind in PICKLES for file in path.parent.glob(kind))
        instead = (
            f"; {', '.join(pickles)} is a pickle, which can run code when it is loaded: refused" if pickles else ""
        )
        raise FileNotFoundError(f"{path.parent} has no {path.name}{instead}")
    try:
        tensors = safetensors.torch.load_file(path)
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise ValueError(f"{path} is not a whole safetensors file ({error})") from None
    return {name: tensor.clone() if _is_off(tensor) else tensor for name, tensor in tensors.items()}


def _is_off(tensor: Tensor) -> bool:
    """Whether it lies where kernels may round otherwise. Codes are exact anywhere."""
    return tensor.is_floating_point() and tensor.data_ptr() % ALIGNMENT != 0


def matching(tensors: Mapping[str, Tensor], model: nn.Module, path: Path) -> dict[str, Tensor]:
    """A tensor for every name of the model's state: as many, of the same shapes and kinds, as the model needs.

    Args:
        tensors: what the file holds. Of names that share one tensor in the model it holds at least one; where it holds
            several, these are no longer shared.
        model: on the meta device.
        path: of the file, for the error.

    Returns:
        The tensors by all names; those that are shared stand under each of their names.
    """
    state = model.state_dict(keep_vars=True)
    for name in tensors:
        if name not in state:
            raise ValueError(f"{path} has a tensor {name!r}, which the model does not have")
    shared: dict[int, list[str]] = defaultdict(list)
    for name, tensor in state.items():
        shared[id(tensor)].append(name)
    found = {}
    for names in shared.values():
        given = [name for name in names if name in tensors]
        if not given:
            raise ValueError(f"{path} lacks the tensor {names[0]!r}")
        for name in given:
            _same_form(name, tensors[name], state[name], path)
        found.update({name: tensors.get(name, tensors[given[0]]) for name in names})
    return found


def _same_form(name: str, given: Tensor, needed: Tensor, path: Path) -> None:
    if given.shape != needed.shape:
        raise ValueError(f"{path}: {name!r} must have shape {tuple(needed.shape)}, got {tuple(given.shape)}")
    real = needed.is_floating_point()
    if given.is_floating_point() != real or (not real and given.dtype != needed.dtype):
        raise ValueError(f"{path}: {name!r} must be {'floating-point' if real else needed.dtype}, got {given.dtype}")
