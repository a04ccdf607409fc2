"""Quantized models on disk and on the Hugging Face Hub: save them, and load them without the float weights. Lesson 13.

A folder holds ``config.json``, whose ``quantization_config`` (the recipe) says which layers are quantized and how, and
``model.safetensors``, which holds nothing but tensors.
"""

from __future__ import annotations

import copy
import importlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

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
    if str(kind) not in MODULES:
        raise ValueError(f"recipe must name a class of {', '.join(MODULES)}, got {kind!r}")
    try:
        words |= {key: getattr(torch, words[key]) for key in ("dtype", "scale_dtype") if key in words}
        return getattr(importlib.import_module(MODULES[kind]), kind)(**words)
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"recipe must say how a {kind} is built, got {form!r} ({error})") from None


def config_of(model: nn.Module) -> Any:
    """A copy of a model's config (given) that says what the model is: its class and its dtype."""
    config = copy.deepcopy(model.config)
    config.architectures, config.dtype = [type(model).__name__], model.dtype
    return config


def build(config: Any) -> nn.Module:
    """The model that a transformers config describes (given), of the config's dtype, with random weights."""
    import transformers

    name = next(iter(config.architectures or ()), None)
    kind = getattr(transformers, str(name), None)
    if not (isinstance(kind, type) and issubclass(kind, transformers.PreTrainedModel)):
        raise ValueError(f"config must name an architecture of transformers, got {name!r}")
    if not isinstance(config, kind.config_class):
        raise ValueError(f"config must be one of {name}, got a {type(config).__name__}")
    before = torch.get_default_dtype()
    torch.set_default_dtype(config.dtype or before)
    try:
        return kind(config)
    finally:
        torch.set_default_dtype(before)


def put(model: nn.Module, name: str, tensor: Tensor) -> None:
    """Exchange a parameter or a buffer of a model by its full name (given)."""
    place, _, last = name.rpartition(".")
    setattr(model.get_submodule(place), last, tensor)


def restore_ties(model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Let all names that were filled with one tensor be one parameter again (given): a head and its embedding.

    ``load_state_dict(..., assign=True)`` made a parameter for each name. transformers' own ``tie_weights`` goes by the
    config, and stumbles over a head that was quantized by itself.
    """
    parameters: dict[int, Any] = {}
    for name, tensor in tensors.items():
        put(model, name, parameters.setdefault(id(tensor), attrgetter(name)(model)))


def rebuild_buffers(model: nn.Module) -> None:
    """Compute the buffers that are still on the meta device (given): tables that no file holds.

    The rotary frequencies of a Llama are one. transformers knows how to make them, in ``initialize_weights``, which
    leaves alone what is marked as initialized. They are made in a second skeleton, so that no loaded weight can change.
    """
    empty = [name for name, buffer in model.named_buffers(remove_duplicate=False) if buffer.is_meta]
    if not empty:
        return
    with torch.device("meta"):
        plain = build(model.config)
    for tensor in (*plain.parameters(), *plain.buffers()):
        tensor._is_hf_initialized = True
    for name in empty:
        put(plain, name, torch.empty_like(plain.get_buffer(name), device="cpu"))
    plain.initialize_weights()
    for name in empty:
        put(model, name, plain.get_buffer(name))


def align(path: Path) -> None:
    """Let the numbers of a safetensors file begin at a multiple of 64 bytes (given), by spaces behind the header.

    A tensor that is mapped lies in memory as it lies in the file. Some kernels add up in another order where numbers
    begin at an odd place, and the last bit of a logit changes.
    """
    with path.open("rb") as old:
        length = int.from_bytes(old.read(8), "little")
        header, spaces = old.read(length), -(8 + length) % 64
        if spaces:
            with replacing(path) as new, new.open("wb") as file:
                file.write((length + spaces).to_bytes(8, "little") + header + b" " * spaces)
                shutil.copyfileobj(old, file)


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
    from huggingface_hub.errors import HFValidationError

    files = [CONFIG, WEIGHTS, GENERATION]
    try:
        return Path(huggingface_hub.snapshot_download(str(source), revision=revision, allow_patterns=files))
    except HFValidationError:
        raise FileNotFoundError(f"{str(source)!r} is no folder, and no id of the Hub") from None


def read_config(folder: Path) -> Any:
    """The config of a folder (given), whose ``quantization_config`` is known to be a recipe that can be read."""
    import transformers

    if not (folder / CONFIG).is_file():
        raise FileNotFoundError(f"{folder} has no {CONFIG}")
    config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=False)
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
        folder: made if it is missing; may be the one that the model was loaded from. Files of the same names are
            replaced, each at once, and others stay.
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

    About 12 lines, 20 minutes.
    Source: the layout of transformers' ``save_pretrained``; safetensors, ``save_model``.
    """
    model, folder = checked.saveable(model), Path(folder)
    layers = {name: form_of(module) for name, module in model.named_modules() if is_quantized(module)}
    recipe = checked.recipe({"quant_method": "labs", "version": 1, "layers": layers}, "model")
    config = config_of(model)
    config.quantization_config = recipe
    with replacing(folder / WEIGHTS) as new:
        safetensors.torch.save_model(model, str(new), metadata={"format": "pt"})
        align(new)
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
    at random or copied on the way (but for floats at an odd place, see ``align``).

    Args:
        source: a folder, or an id of the Hugging Face Hub.
        revision: a branch, tag or commit of a Hub id.

    Returns:
        The model in eval mode, on the CPU, ties restored. Its logits are those of the saved model to the bit. Tables
        that no file holds, such as rotary frequencies, are computed anew in float32: if ``model.to(torch.bfloat16)``
        had rounded them as well, the loaded model is the more precise one.

    Raises:
        FileNotFoundError: no such folder, no ``config.json`` or no ``model.safetensors``; a pickle is not read instead.
        ValueError: the file is cut short; a tensor is missing, or of another shape or kind, or one too many: the
            message names file and tensor. Another method or version in the config. A folder and a ``revision``.

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
    restore_ties(model, tensors)
    rebuild_buffers(model)
    load_beside(model, folder)
    return model.eval()
