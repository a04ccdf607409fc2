"""From a quantized model back to a float one, whose weights are what the codes stand for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from labs_lib.hub import is_quantized
from labs_lib.replacement import names_of


def dequantize(model: nn.Module, transposed: Collection[str], dtype: torch.dtype) -> None:
    """Put a float layer in the place of each quantized one. All parameters get ``dtype``, buffers stay as they are.

    Args:
        model: modified.
        transposed: names of layers that were Conv1D, and that a checkpoint of this model holds as such.
    """
    for names in names_of(nn.Module, model):
        layer: Any = model.get_submodule(names[0])
        if is_quantized(layer):
            new = float_layer(layer, names[0] in transposed, dtype)
            for place in names:
                model.set_submodule(place, new)
    for parameter in model.parameters():
        parameter.data = parameter.data.to(dtype)


def float_layer(layer: Any, is_conv1d: bool, dtype: torch.dtype) -> nn.Module:
    """A linear layer with the dequantized weights, rounded once, to ``dtype``. The quantized layer is used up."""
    layer.dtype = dtype  # of what ``weight`` answers
    inputs, outputs, bias = layer.in_features, layer.out_features, layer.bias
    with torch.device("meta"):
        new = Conv1D(outputs, inputs) if is_conv1d else nn.Linear(inputs, outputs, bias=bias is not None)
    new.weight = nn.Parameter(layer.weight.T.contiguous() if is_conv1d else layer.weight)
    new.bias = None if bias is None else nn.Parameter(bias.to(dtype))
    return new.train(layer.training)
