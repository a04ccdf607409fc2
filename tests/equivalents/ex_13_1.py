"""Other right answers to 13.1."""

from __future__ import annotations

import json
import os
from pathlib import Path

import safetensors.torch
import torch

from labs_lib.course import checked
from labs_lib.course.load import newest
from labs_lib.course.standins import equivalent


def recipe_of(model):
    hub = newest("hub")
    layers = {}
    for name, module in model.named_modules():
        if hub.is_quantized(module) and name not in layers:
            layers[name] = hub.form_of(module)
    return checked.recipe({"quant_method": "labs", "version": 1, "layers": layers}, "model")


@equivalent("13.1")
def finds_the_ties_itself(model, folder, *, tokenizer=None):
    """Keeps the first name of each tensor, by its identity, and writes those with save_file."""
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    config = hub.config_of(model)
    config.quantization_config = recipe_of(model)
    named = {id(tensor): name for name, tensor in reversed(model.state_dict(keep_vars=True).items())}
    tensors = {name: tensor for name, tensor in model.state_dict().items() if name in named.values()}
    with hub.replacing(folder / hub.WEIGHTS) as new:
        tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
        safetensors.torch.save_file(tensors, new, metadata={"format": "pt"})
        hub.align(new)
    with hub.replacing(folder / hub.CONFIG) as new:
        new.write_text(json.dumps(config.to_dict(), indent=2, default=str), encoding="utf-8")
    hub.save_beside(model, folder, tokenizer)
    return folder


@equivalent("13.1")
def saves_bytes(model, folder, *, tokenizer=None):
    """Makes the whole file in memory and lengthens its header there. Both files are written before either counts."""
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    recipe = recipe_of(model)
    state = model.state_dict(keep_vars=True)
    first = {}
    for name, tensor in state.items():
        first.setdefault(id(tensor), name)
    kept = {name: state[name].detach().clone(memory_format=torch.contiguous_format) for name in first.values()}
    raw = safetensors.torch.save(kept, metadata={"format": "pt"})
    length = int.from_bytes(raw[:8], "little")
    longer = -(-(8 + length) // 64) * 64 - 8
    raw = longer.to_bytes(8, "little") + raw[8 : 8 + length].ljust(longer) + raw[8 + length :]
    config = json.loads(hub.config_of(model).to_json_string())
    config["quantization_config"] = recipe
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (("config", json.dumps(config).encode()), ("weights", raw)):
        (folder / f".{name}").write_bytes(content)
    os.replace(folder / ".weights", folder / hub.WEIGHTS)
    os.replace(folder / ".config", folder / hub.CONFIG)
    hub.save_beside(model, folder, tokenizer)
    return folder


@equivalent("13.1")
def writes_the_config_first(model, folder, *, tokenizer=None):
    """The same files in another order, and the class and dtype by hand."""
    hub = newest("hub")
    model, folder = checked.saveable(model), Path(folder)
    recipe = recipe_of(model)
    config = type(model.config).from_dict(model.config.to_dict())
    config.architectures = [type(model).__name__]
    config.dtype = next(model.parameters()).dtype
    config.quantization_config = recipe
    folder.mkdir(parents=True, exist_ok=True)
    hub.save_beside(model, folder, tokenizer)
    for name, write in ((hub.CONFIG, config.to_json_file), (hub.WEIGHTS, lambda path: save(model, path))):
        with hub.replacing(folder / name) as new:
            write(new)
    return folder


def save(model, path):
    safetensors.torch.save_model(model, str(path), {"format": "pt", "made by": "the course"})
    newest("hub").align(path)
