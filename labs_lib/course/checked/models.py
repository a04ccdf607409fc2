"""Checks of layers, models and what goes into them."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from . import tensors


def linear(linear: nn.Linear) -> nn.Linear:
    """A linear layer whose weights can be quantized: at least one, all of them finite."""
    if not isinstance(linear, nn.Linear):
        raise TypeError(f"linear must be an nn.Linear, got {type(linear).__name__}")
    tensors.finite("linear.weight", linear.weight)
    return linear


def model(model: nn.Module) -> nn.Module:
    """A model or a layer."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be an nn.Module, got {type(model).__name__}")
    return model


def parent(module: nn.Module) -> nn.Module:
    """A model whose linear layers have a parent to be exchanged in."""
    if isinstance(model(module), nn.Linear):
        raise ValueError(f"model must have linear layers inside, got a bare {module}: wrap it in nn.Sequential")
    return module


def patterns(name: str, patterns: Iterable[str]) -> tuple[str, ...]:
    """Several patterns. A single string would be taken for a list of letters."""
    if isinstance(patterns, str):
        raise TypeError(f"{name} must be a list or tuple of patterns, got the string {patterns!r}")
    return tuple(patterns)


def integer_ids(name: str, ids: Tensor, context: int) -> Tensor:
    """Token ids in rows, (texts, tokens), each of at least two tokens; a flat tensor is one text."""
    tensors.codes(name, ids)
    if ids.dim() not in (1, 2) or ids.shape[-1] < 2 or ids.numel() == 0:
        raise ValueError(f"{name} must be (tokens,) or (texts, tokens) with 2 tokens or more, got {tuple(ids.shape)}")
    if isinstance(context, bool) or not isinstance(context, int) or context < 2:
        raise ValueError(f"context must be a whole number of at least 2, got {context!r}")
    return torch.atleast_2d(ids).long()
