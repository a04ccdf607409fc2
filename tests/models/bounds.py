"""What per-row int8 implies: for each weight, for each layer's output, and for the output of a whole network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from .building import flat

WEIGHT = 1 + 1e-4  # half a step, and what float32 adds to it
LAYER = 1e-5  # of the sum of magnitudes: the rounding of two float32 sums


def check_layer(name: str, old: nn.Module, new: nn.Module, x: Tensor | None) -> None:
    """Half a step a weight; and so, for what the layer was given, half a step times the sum of the inputs."""
    weight = rows(old).double()
    half = half_step(old)
    moved = (weight - new.q_weight.double() * new.scales.double().unsqueeze(1)).abs()
    assert bool((moved <= half.unsqueeze(1) * WEIGHT).all()), f"{name}: a weight moved by more than half a step"
    if x is None:
        return
    bias = 0.0 if old.bias is None else old.bias.double()
    exact = x.double() @ weight.T + bias
    slack = LAYER * (x.double().abs() @ weight.abs().T + abs(bias))
    error = (new(x).double() - exact).abs()
    bound = half * x.double().abs().sum(-1, keepdim=True) + slack
    assert bool((error <= bound).all()), f"{name}: an output is off by more than half a step a weight"


def half_step(layer: nn.Module) -> Tensor:
    """Half a step of each row of 8-bit codes, from the weights and not from what the new layer says."""
    return rows(layer).double().abs().amax(1) / 127 / 2


def rows(layer: nn.Module) -> Tensor:
    """The weights as (out, in); GPT-2's Conv1D holds them the other way."""
    weight = layer.weight.detach()
    return weight.T if type(layer).__name__ == "Conv1D" else weight


def put_weight(layer: nn.Module, weight: Tensor) -> None:
    with torch.no_grad():
        layer.weight.copy_(weight.T if type(layer).__name__ == "Conv1D" else weight)


def first_order(
    original: nn.Module,
    layers: Mapping[str, tuple[nn.Module, nn.Module]],
    given: Mapping[str, Any],
    before: Mapping[str, Tensor],
    after: Mapping[str, Tensor],
) -> tuple[float, float]:
    """The norm of the error of the head's outputs, and what half a step a weight can do to it to first order.

    The error's norm is its component c in its own direction. If every weight moves by at most half a step, then c moves
    by at most ``sum(|dc / dw| * half a step)``, and by terms of second order.
    """
    heads = [name for name in ("logits", "pred_boxes") if name in before] or list(before)
    direction = {name: (after[name] - before[name]).detach() for name in heads}
    norm = sum(float(part.double().square().sum()) for part in direction.values()) ** 0.5
    whole = sum(float(before[name].double().square().sum()) for name in heads) ** 0.5
    if norm == 0:
        return 0.0, 0.0
    original.requires_grad_(False)
    for old, _ in layers.values():
        old.weight.requires_grad_(True)
    torch.manual_seed(0)
    outputs = flat(original(**given))
    sum((outputs[name] * part).sum() / norm for name, part in direction.items()).backward()
    bound = 0.0
    for old, _ in layers.values():
        if old.weight.grad is not None:
            slope = old.weight.grad.T if type(old).__name__ == "Conv1D" else old.weight.grad
            bound += float((slope.double().abs().sum(1) * half_step(old)).sum())
    return norm / whole, bound / whole
