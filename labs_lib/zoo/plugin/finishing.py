"""What is looked after when the weights have come."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from labs_lib.hub import form_of, is_quantized, layer_of
from labs_lib.replacement import ReplacementReport


def quantized_layers(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """The quantized layers by name, a shared one by its first name."""
    return ((name, module) for name, module in model.named_modules() if is_quantized(module))


def check_whole(model: nn.Module) -> None:
    """transformers fills a tensor that is not in the file with whatever is in memory, and goes on. Here it is an error.

    Raises:
        ValueError: a tensor of a quantized layer did not come from the checkpoint, or has another shape.
    """
    for name, layer in quantized_layers(model):
        with torch.device("meta"):
            needed = dict(layer_of(form_of(layer)).named_buffers())
        for key, buffer in layer.named_buffers():
            if not getattr(buffer, "_is_hf_initialized", False):
                raise ValueError(f"the checkpoint lacks the tensor {f'{name}.{key}'!r}")
            if buffer.shape != needed[key].shape:  # new versions of transformers look at this themselves
                shapes = tuple(needed[key].shape), tuple(buffer.shape)
                raise ValueError("the checkpoint's {!r} must have shape {}, got {}".format(f"{name}.{key}", *shapes))


def leave_out_the_missing(report: ReplacementReport, model: nn.Module) -> None:
    """Layers that the checkpoint has no weights for, such as a new classifier, are float layers still: unsupported."""
    missing = [name for name in report.replaced if not is_quantized(model.get_submodule(name))]
    report.replaced = [name for name in report.replaced if name not in missing]
    report.unsupported += missing


def keep_scales(layer: Any) -> None:
    """Let the scales keep their dtype in ``model.to(torch.bfloat16)``, which would round each of them by up to 0.4 %.

    Every cast and every move of a model goes through ``_apply`` of its modules. ``functools.partial``, so that a copy
    of the model has its own.
    """
    layer._apply = functools.partial(_apply, layer)


def _apply(layer: Any, change: Callable[[Tensor], Tensor], recurse: bool = True) -> Any:
    scales = layer.scales
    type(layer)._apply(layer, change, recurse)
    if layer.scales.dtype != scales.dtype:
        layer.scales = scales.to(layer.scales.device)
    return layer
