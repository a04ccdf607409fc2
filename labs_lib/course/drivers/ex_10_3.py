"""Drives 10.3, ``W8A16Linear.forward``: fills a layer, calls it, and reports what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ..load import newest
from .ex_10_2 import BUFFERS, bytes_of


def drive(scenario: str, x: Tensor, q_weight: Tensor, scales: Tensor, bias: Tensor | None = None) -> Any:
    """Fill a layer with these codes (out, in), scales and bias, and report as the scenario says.

    The scenarios are the functions below, by name with spaces: ``"forward"``, ``"gradient of x"``.
    """
    report: Callable[..., Any] = SCENARIOS[scenario]
    return report(_filled(q_weight, scales, bias), x)


def forward(layer: Any, x: Tensor) -> Any:
    """What the layer answers."""
    return layer(x)


def gradient_of_x(layer: Any, x: Tensor) -> Any:
    """The gradient that reaches the activations when all outputs are added up."""
    leaf = x.detach().clone().requires_grad_()
    y = layer(leaf)
    if not y.requires_grad:
        return "an answer without an autograd graph"
    y.sum().backward()
    return leaf.grad


def look_at_the_layer(layer: Any, x: Tensor) -> Any:
    """The layer after a call: its buffers, and how many bytes of tensors it has gained."""
    before = bytes_of(layer)
    layer(x)
    return *(getattr(layer, name, f"no {name}") for name in BUFFERS), bytes_of(layer) - before


def negate_the_codes(layer: Any, x: Tensor) -> Any:
    """The second answer, after the codes were negated in place."""
    layer(x)
    layer.q_weight.neg_()
    return layer(x)


def move_to_bfloat16(layer: Any, x: Tensor) -> Any:
    """The answer of a layer that was moved: ``to`` casts every buffer that is floating."""
    return layer.to(torch.bfloat16)(x)


def never_filled(layer: Any, x: Tensor) -> Any:
    """The answer of a new layer, all zeros."""
    return type(layer)(layer.in_features, layer.out_features)(x)


REPORTS = (forward, gradient_of_x, look_at_the_layer, negate_the_codes, move_to_bfloat16, never_filled)
SCENARIOS = {report.__name__.replace("_", " "): report for report in REPORTS}


def _filled(q_weight: Tensor, scales: Tensor, bias: Tensor | None) -> Any:
    outputs, inputs = q_weight.shape
    dtype = torch.float32 if bias is None else bias.dtype
    layer = newest("layers").W8A16Linear(inputs, outputs, bias is not None, dtype=dtype)
    buffers = {"q_weight": q_weight, "scales": scales, "bias": bias}
    for name, value in buffers.items():
        if value is not None:
            getattr(layer, name).data.copy_(value)
    return layer
