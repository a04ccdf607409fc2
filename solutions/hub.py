"""Quantized models on disk and on the Hugging Face Hub: save them, and load them without the float weights. Lesson 13.

A folder holds ``config.json``, whose ``quantization_config`` (the recipe) says which layers are quantized and how, and
``model.safetensors``, which holds nothing but tensors.
"""

from __future__ import annotations

import copy
import importlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.exercise import exercise
from labs_lib.replacement import names_of

CONFIG, WEIGHTS, GENERATION = "config.json", "model.safetensors", "generation_config.json"
MODULES = {"W8A16Linear": "labs_lib.layers", "PackedLinear": "labs_lib.packing"}  # where the quantized layers live
SIZES = ("in_features", "out_features", "bits", "group_size")


def is_quantized(module: nn.Module) -> bool:
    """Whether a module is a quantized layer of this course (given)."""
    return type(module).__name__ in MODULES


def form_of(layer: nn.Module) -> dict[str, Any]:
    """What a quantized layer is called with, as plain numbers and words that JSON can hold (given)."""
    form: dict[str, Any] = {"class": type(layer).__name__, "bias": layer.bias is not None}
    form |= {size: getattr(layer, size) for size in SIZES if hasattr(layer, size)}
    form |= {"dtype": str(layer.dtype).removeprefix("torch.")}
    if "bits" in form:
        form |= {"scale_dtype": str(layer.scales.dtype).removeprefix("torch.")}
    return form


def layer_of(form: Mapping[str, Any]) -> nn.Module:
    """An empty quantized layer of a form (given): the inverse of ``form_of``."""
    words = dict(form)
    kind = words.pop("class", None)
    if kind not in MODULES:
        raise ValueError(f"recipe must name a class of {', '.join(MODULES)}, got {kind!r}")
    words |= {key: getattr(torch, words[key]) for key in ("dtype", "scale_dtype") if key in words}
    return getattr(importlib.import_module(MODULES[kind]), kind)(**words)


def config_of(model: nn.Module) -> Any:
    """A copy of a model's config (given) that says what the model now is: its class, its dtype, and an untied head.

    A head that was quantized by itself no longer shares the embedding's weight, whatever the config said before.
    """
    config = copy.deepcopy(model.config)
    config.architectures, config.dtype = [type(model).__name__], model.dtype
    if is_quantized(model.get_output_embeddings()):
        config.tie_word_embeddings = False
    return config


def build(config: Any) -> nn.Module:
    """The model that a transformers config describes (given), of the config's dtype, with random weights."""
    import transformers

    name = next(iter(config.architectures or ()), None)
    if not hasattr(transformers, str(name)):
        raise ValueError(f"config must name an architecture of transformers, got {name!r}")
    before = torch.get_default_dtype()
    torch.set_default_dtype(config.dtype or before)
    try:
        return getattr(transformers, name)(config)
    finally:
        torch.set_default_dtype(before)


def rebuild_buffers(model: nn.Module) -> None:
    """Compute the buffers that are still on the meta device (given): tables that no file holds.

    The rotary frequencies of a Llama are one. transformers knows how to make each anew, in ``_init_weights``, which
    leaves alone every parameter that is marked as initialized.
    """
    owners = {name: module for name, module in model.named_modules() if hasattr(module, "_init_weights")}
    for name, module in model.named_modules():
        empty = {key: buffer for key, buffer in module.named_buffers(recurse=False) if buffer.is_meta}
        if empty:
            for parameter in module.parameters(recurse=False):
                parameter._is_hf_initialized = True
            for key, buffer in empty.items():
                setattr(module, key, torch.empty_like(buffer, device="cpu"))
            owner = max((prefix for prefix in owners if f"{name}.".startswith(f"{prefix}." if prefix else "")), key=len)
            with torch.no_grad():
                owners[owner]._init_weights(module)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new file that takes the place of ``path`` when it is whole (given): at no time is there half a file.

    The folder is made if it is missing. A model that was loaded from ``path`` still reads the old file, which lives
    until its last reader is gone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    try:
        yield new
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def local_folder(source: str | Path, revision: str | None) -> Path:
    """The folder itself, or the Hub's copy of a repository (given). Only what is read here is downloaded: no pickle."""
    if Path(source).is_dir():
        if revision is not None:
            raise ValueError(f"revision must be left out for a folder, got {revision!r} for {str(source)!r}")
        return Path(source)
    import huggingface_hub

    files = [CONFIG, WEIGHTS, GENERATION]
    return Path(huggingface_hub.snapshot_download(str(source), revision=revision, allow_patterns=files))


def read_config(folder: Path) -> Any:
    """The config of a folder (given), whose ``quantization_config`` is known to be a recipe that can be read."""
    import transformers

    if not (folder / CONFIG).is_file():
        raise FileNotFoundError(f"{folder} has no {CONFIG}")
    config = transformers.AutoConfig.from_pretrained(folder)
    config.quantization_config = checked.recipe(getattr(config, "quantization_config", None), str(folder / CONFIG))
    return config


def save_beside(model: nn.Module, folder: Path, tokenizer: Any) -> None:
    """Save what is not the model (given): a tokenizer, if there is one, and the settings of ``generate``."""
    if tokenizer is not None:
        tokenizer.save_pretrained(folder)
    if model.can_generate():
        model.generation_config.save_pretrained(folder)


def load_beside(model: nn.Module, folder: Path) -> None:
    """Take the settings of ``generate`` from a folder that has them (given)."""
    import transformers

    if (folder / GENERATION).is_file():
        model.generation_config = transformers.GenerationConfig.from_pretrained(folder)


@exercise("13.1")
def save_quantized(model: nn.Module, folder: str | Path, *, tokenizer: Any = None) -> Path:
    """Save a quantized model so that ``load_quantized`` needs no argument but the folder. No pickle is written.

    Args:
        model: a transformers model with quantized layers. Not modified, its config neither.
        folder: made if it is missing. Files of the same names are replaced, each at once.
        tokenizer: saved beside the model, if given.

    Returns:
        The folder. In it: ``model.safetensors`` with every tensor of the model, one that has several names once;
        ``config.json`` with the model's config, its class as ``architectures``, its dtype, and the recipe as
        ``quantization_config``: ``{"quant_method": "labs", "version": 1, "layers": {name: form}}``. A layer that stands
        in several places is listed under its first name.

    Raises:
        TypeError: ``model`` is not a transformers model. ValueError: it has no quantized layer.

    Example:
        >>> import tempfile
        >>> from labs_lib.layers import W8A16Linear
        >>> from labs_lib.zoo import load
        >>> model, _ = load("tiny-lm")
        >>> model.model.layers[0].mlp.up_proj = W8A16Linear(256, 640, bias=False)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     sorted(path.name for path in save_quantized(model, folder).iterdir())
        ['config.json', 'generation_config.json', 'model.safetensors']

    About 11 lines, 20 minutes.
    Source: the layout of transformers' ``save_pretrained``; safetensors, ``save_model``.
    """
    model, folder = checked.saveable(model), Path(folder)
    layers = {name: form_of(module) for name, module in model.named_modules() if is_quantized(module)}
    recipe = checked.recipe({"quant_method": "labs", "version": 1, "layers": layers}, "model")
    config = config_of(model)
    config.quantization_config = recipe
    with replacing(folder / WEIGHTS) as new:
        safetensors.torch.save_model(model, str(new), metadata={"format": "pt"})
    with replacing(folder / CONFIG) as new:
        new.write_text(config.to_json_string(), encoding="utf-8")
    save_beside(model, folder, tokenizer)
    return folder


@exercise("13.2")
def meta_skeleton(config: Any, recipe: Mapping[str, Any]) -> nn.Module:
    """Build a quantized model without memory for its weights: every tensor is on the meta device.

    Args:
        config: a transformers config that names its ``architectures``.
        recipe: which layers are quantized, and their forms: the ``quantization_config`` that ``save_quantized`` writes.

    Returns:
        The model, with an empty quantized layer in each place that the recipe names. A module that the architecture
        uses in several places, of which the recipe names the first, is replaced by one new layer in all of them.

    Raises:
        ValueError: another method or version, an unknown architecture, a layer or a class that does not exist.

    Example:
        >>> from transformers import LlamaConfig
        >>> config = LlamaConfig(vocab_size=8, hidden_size=8, intermediate_size=8, num_hidden_layers=1,
        ...     num_attention_heads=2, architectures=["LlamaForCausalLM"])
        >>> form = {"class": "W8A16Linear", "in_features": 8, "out_features": 8, "bias": False, "dtype": "float32"}
        >>> recipe = {"quant_method": "labs", "version": 1, "layers": {"model.layers.0.mlp.up_proj": form}}
        >>> meta_skeleton(config, recipe).model.layers[0].mlp.up_proj.q_weight.device
        device(type='meta')

    About 9 lines, 15 minutes.
    Source: PyTorch, "Skipping module parameter initialization" and the meta device.
    """
    layers = checked.recipe(recipe)["layers"]
    with torch.device("meta"):
        model = build(config)
        places = {names[0]: names for names in names_of(nn.Module, model)}
        for name, form in checked.known(layers, places).items():
            layer = layer_of(form)
            for place in places[name]:
                model.set_submodule(place, layer)
    return model


@exercise("13.3")
def load_quantized(source: str | Path, *, revision: str | None = None) -> nn.Module:
    """Load what ``save_quantized`` saved, without ever holding the float weights.

    The file is mapped into memory and its pages become the tensors of a skeleton: nothing is allocated, initialized
    at random or copied on the way.

    Args:
        source: a folder, or an id of the Hugging Face Hub.
        revision: a branch, tag or commit of a Hub id.

    Returns:
        The model in eval mode, on the CPU, ties restored. Its logits are those of the saved model to the bit.

    Raises:
        FileNotFoundError: no ``config.json`` or no ``model.safetensors``; a pickle is not read instead.
        ValueError: the file is cut short; a tensor is missing, or of another shape or kind, or one too many: the
            message names file and tensor. Another method or version in the config.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     load_quantized(folder)
        Traceback (most recent call last):
        FileNotFoundError: ... has no config.json

    About 9 lines, 20 minutes. In the video course: ``load_state_dict(strict=True, assign=True)``.
    Source: PyTorch, ``nn.Module.load_state_dict``; safetensors, ``load_file``.
    """
    folder = local_folder(source, revision)
    config = read_config(folder)
    model = meta_skeleton(config, config.quantization_config)
    tensors = checked.matching(checked.stored(folder / WEIGHTS), model, folder / WEIGHTS)
    model.load_state_dict(tensors, assign=True)
    model.tie_weights()
    rebuild_buffers(model)
    load_beside(model, folder)
    return model.eval()
