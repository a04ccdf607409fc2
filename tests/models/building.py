"""Building an architecture from nothing but its configuration: tiny, with weights that are the same everywhere."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from .architectures import AUTO, INPUTS, Architecture
from .exceptions import EXCEPTIONS
from .sizes import DIVIDED, SMALL

LARGEST = 3_000_000  # parameters: a configuration that is not tiny is a mistake in the tables


def build(architecture: Architecture, seed: int = 0) -> nn.Module:
    """The model in eval mode, with random weights of this seed."""
    import transformers

    name = model_class(architecture)
    torch.manual_seed(seed)
    kind = getattr(transformers, name)
    with torch.device("meta"):
        size = sum(parameter.numel() for parameter in kind(_for_class(kind, config(architecture))).parameters())
    if size > LARGEST:
        raise ValueError(f"{architecture} is not tiny: it has {size:,} parameters")
    model = kind(_for_class(kind, config(architecture))).eval()
    fill(model, seed)
    return model


def build_default(architecture: Architecture) -> nn.Module:
    """The model of the library's own configuration, on the meta device: shapes without numbers."""
    import transformers

    kind = getattr(transformers, model_class(architecture))
    with torch.device("meta"):
        return kind(_for_class(kind, transformers.CONFIG_MAPPING[architecture.name]()))


def model_class(architecture: Architecture) -> str:
    """The name of the class that transformers maps an architecture's task to; the first where it knows several."""
    from transformers.models.auto import modeling_auto

    found = getattr(modeling_auto, AUTO[architecture.task])[architecture.name]
    return found if isinstance(found, str) else found[0]


def config(architecture: Architecture) -> Any:
    """A tiny configuration: the library's own, with small sizes, then what this architecture needs besides."""
    from transformers import CONFIG_MAPPING

    exceptions = {name: value for name, value in EXCEPTIONS.get(architecture.name, {}).items() if name != "inputs"}
    return _small(CONFIG_MAPPING[architecture.name](), exceptions)


def _small(default: Any, exceptions: Mapping[str, Any]) -> Any:
    kind = type(default)
    sizes: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        value = vars(default).get(field.name)
        if type(value) is int and field.name in SMALL:
            sizes[field.name] = SMALL[field.name]
        elif isinstance(value, list | tuple) and field.name in DIVIDED:
            sizes[field.name] = [max(1, size // DIVIDED[field.name]) for size in value]
        elif hasattr(value, "to_dict") and "model_type" not in exceptions.get(field.name, {}):
            sizes[field.name] = _small(value, exceptions.get(field.name, {})).to_dict()
    plain = {name: value for name, value in exceptions.items() if not isinstance(sizes.get(name), dict)}
    return kind(**sizes | plain)


def _for_class(kind: type, config: Any) -> Any:
    """The configuration that a class wants: a language model inside a larger model takes the part about text."""
    wants = kind.config_class
    parts = [vars(config).get(name) for name in type(config).sub_configs]
    return next((part for part in parts if not isinstance(config, wants) and isinstance(part, wants)), config)


def fill(model: nn.Module, seed: int) -> None:
    """Give every parameter a value: transformers leaves some zero, some the same, and some as the memory was.

    Weights are normal with a variance of 1 / inputs, which keeps activations near 1. What scales (norms) lies around 1,
    what is added (biases) around 0.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() > 1:
                inputs = parameter[0].numel() if "conv" in name else parameter.shape[-1]
                parameter.copy_(noise / inputs**0.5)
            else:
                parameter.copy_(noise / 10 + float(name.endswith("weight")))


def inputs(architecture: Architecture) -> dict[str, Any]:
    """Tiny inputs for the task: tokens, masks of ones, and noise for pictures and sounds."""
    generator = torch.Generator().manual_seed(7)
    shapes = INPUTS[architecture.task] | EXCEPTIONS.get(architecture.name, {}).get("inputs", {})
    return {name: _input(name, shape, generator) for name, shape in shapes.items() if shape is not None}


def _input(name: str, shape: Any, generator: torch.Generator) -> Any:
    if isinstance(shape, list):
        return torch.tensor(shape)
    if not isinstance(shape, tuple):
        return shape
    if name.endswith("ids"):
        return torch.randint(3, 60, shape, generator=generator)
    if name.endswith("mask"):
        return torch.ones(shape, dtype=torch.long)
    return torch.randn(shape, generator=generator)


def answer(
    model: nn.Module,
    given: Mapping[str, Any],
    *,
    watch: Mapping[str, nn.Module] | None = None,
    seen: dict[str, Tensor] | None = None,
) -> dict[str, Tensor]:
    """The tensors that a model answers, flat. What goes into the modules to ``watch`` is put into ``seen``.

    The global seed is set: Reformer hashes at random.
    """
    torch.manual_seed(0)
    with torch.no_grad(), contextlib.ExitStack() as hooks:
        for name, module in (watch or {}).items():
            hooks.enter_context(_noting(module, name, seen if seen is not None else {}))
        return flat(model(**given))


@contextlib.contextmanager
def _noting(module: nn.Module, name: str, seen: dict[str, Tensor]) -> Iterator[None]:
    handle = module.register_forward_pre_hook(lambda _, arguments: seen.update({name: arguments[0].detach().clone()}))
    try:
        yield
    finally:
        handle.remove()


def flat(output: Any) -> dict[str, Tensor]:
    """The tensors of a transformers output, also those in tuples; caches are left out."""
    found: dict[str, Tensor] = {}
    for name, value in output.items():
        if isinstance(value, Tensor):
            found[name] = value
        elif isinstance(value, list | tuple):
            found |= {f"{name}.{i}": part for i, part in enumerate(value) if isinstance(part, Tensor)}
    return found
