"""Drives 16.4, ``PackedLinear.dequantize``: fills a packed layer, asks for its weights, and reports what came of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ..load import newest
from .ex_10_2 import bytes_of
from .ex_16_3 import BUFFERS


def drive(
    scenario: str,
    packed_weight: Tensor,
    scales: Tensor,
    bias: Tensor | None = None,
    x: Tensor | None = None,
    *,
    in_features: int,
    **form: Any,
) -> Any:
    """Fill a layer with these bytes, scales and bias, and report as the scenario says.

    Args:
        scenario: one of the functions below, by name with spaces: ``"dequantize"``, ``"look at the layer"``.
        packed_weight: the bytes, (out, columns).
        scales: (out, groups). The layer keeps them in this dtype.
        bias: (out,).
        x: activations, where the scenario calls the layer.
        in_features: how many weights a row of bytes holds.
        form: ``bits``, ``group_size`` and ``dtype`` of the layer.
    """
    kind = newest("packing").PackedLinear
    layer = kind(in_features, len(packed_weight), bias is not None, scale_dtype=scales.dtype, **form)
    for name, value in zip(BUFFERS, (packed_weight, scales, bias), strict=True):
        if value is not None:
            getattr(layer, name).copy_(value)
    report: Callable[..., Any] = SCENARIOS[scenario]
    return report(layer) if x is None else report(layer, x)


def dequantize(layer: Any) -> Any:
    """The weights."""
    return layer.dequantize()


def weight(layer: Any) -> Any:
    """What code that reads ``layer.weight`` gets."""
    return layer.weight


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


def look_at_the_layer(layer: Any) -> Any:
    """The layer afterwards: its buffers, and how many bytes of tensors it has gained."""
    before = bytes_of(layer)
    layer.dequantize()
    return *(getattr(layer, name, f"no {name}") for name in BUFFERS), bytes_of(layer) - before


def change_the_answer(layer: Any) -> Any:
    """The second answer, after the first was overwritten with zeros."""
    layer.dequantize().zero_()
    return layer.dequantize()


def invert_the_bytes(layer: Any) -> Any:
    """The second answer, after every bit of the layer's bytes was turned over in place."""
    layer.dequantize()
    layer.packed_weight.bitwise_not_()
    return layer.dequantize()


def move_to_bfloat16(layer: Any) -> Any:
    """The weights of a layer that was moved: ``to`` casts every buffer that is floating."""
    return layer.to(torch.bfloat16).dequantize()


def deepcopy(layer: Any) -> Any:
    """The weights of a copy."""
    return copy.deepcopy(layer).dequantize()


def never_filled(layer: Any) -> Any:
    """The weights of a new layer, all zeros."""
    return type(layer)(layer.in_features, layer.out_features).dequantize()


REPORTS: tuple[Callable[..., Any], ...] = (
    dequantize,
    weight,
    forward,
    gradient_of_x,
    look_at_the_layer,
    change_the_answer,
    invert_the_bytes,
    move_to_bfloat16,
    deepcopy,
    never_filled,
)
SCENARIOS = {report.__name__.replace("_", " "): report for report in REPORTS}
