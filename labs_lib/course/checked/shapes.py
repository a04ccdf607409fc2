"""Checks of shapes, dimensions and sizes, and of parameters that must fit them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from . import tensors

GRANULARITIES = ("tensor", "channel", "group")
WIDEST = (2**31 - 1) // (255 * 128)  # products of a uint8 and an int8 that an int32 can always add up


def whole(name: str, value: int, *, at_least: int = 1) -> int:
    """A whole number that is not too small."""
    if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, got {value!r}")
    return value


def group_size(group_size: int, like: Tensor) -> int:
    """A group size, at most the length of a row: a larger one means the same and would be padded for nothing."""
    return min(whole("group_size", group_size), max(like.shape[-1], 1))


def number(name: str, value: float, *, above: float) -> float:
    """A finite number above a bound; it need not be whole."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not above < value < math.inf:
        raise ValueError(f"{name} must be a finite number above {above}, got {value!r}")
    return value


def dim(dim: int, shape: Sequence[int]) -> int:
    """A dimension that a shape has, counted from the front: -1 becomes the last one."""
    rank = len(shape)
    if isinstance(dim, bool) or not isinstance(dim, int) or not -rank <= dim < rank:
        raise ValueError(f"dim must be a dimension of shape {tuple(shape)}, got {dim!r}")
    return dim % rank


def shape(shape: Sequence[int]) -> tuple[int, ...]:
    """A tensor's shape that holds at least one value."""
    if not all(isinstance(size, int) and size > 0 for size in shape):
        raise ValueError(f"shape must hold whole numbers of at least 1, got {tuple(shape)}")
    return tuple(shape)


def granularity(granularity: str, shape: Sequence[int], channel: int, group_size: int | None) -> str:
    """One of the three granularities, with what it needs: a dimension for channels, a size for groups."""
    if granularity not in GRANULARITIES:
        raise ValueError(f"granularity must be one of {', '.join(GRANULARITIES)}, got {granularity!r}")
    if granularity == "channel":
        dim(channel, shape)
    if granularity == "group":
        whole("group_size", group_size)  # type: ignore[arg-type]
        if not shape:
            raise ValueError("shape must have at least one dimension to be cut into groups, got ()")
    return granularity


def ranked(name: str, x: Tensor, *, at_least: int = 1) -> Tensor:
    """A tensor with enough dimensions."""
    if x.dim() < at_least:
        raise ValueError(f"{name} must have at least {at_least} dimension(s), got shape {tuple(x.shape)}")
    return x


def group_scale(scale: Tensor | float, group_size: int, *, like: Tensor) -> Tensor:
    """One scale for each group along the last axis of ``like``."""
    groups = math.ceil(like.shape[-1] / group_size)
    wanted = (*like.shape[:-1], groups)
    if isinstance(scale, Tensor) and scale.dim() > 0 and scale.shape != wanted:
        raise ValueError(f"scale must have shape {wanted} for groups of {group_size}, got shape {tuple(scale.shape)}")
    return tensors.scale(scale, like=torch.empty(1).expand(wanted)).expand(wanted)


def activations(name: str, x: Tensor) -> Tensor:
    """Real values to multiply: float32 or wider. The autograd graph stays, and so does NaN."""
    if not isinstance(x, Tensor) or not x.is_floating_point():
        raise TypeError(f"{name} must be a floating-point tensor, got {tensors.kind(x)}")
    return x.to(torch.promote_types(x.dtype, torch.float32))


def features(x: Tensor, q_weight: Tensor) -> Tensor:
    """A weight matrix (out, in) of integer codes whose rows are as long as ``x``'s last axis."""
    tensors.codes("q_weight", q_weight)
    if q_weight.dim() != 2:
        raise ValueError(f"q_weight must be a matrix (out, in), got shape {tuple(q_weight.shape)}")
    if x.dim() == 0 or x.shape[-1] != q_weight.shape[1]:
        raise ValueError(
            f"x must end in {q_weight.shape[1]} features, as q_weight {tuple(q_weight.shape)} has columns, "
            f"got shape {tuple(x.shape)}"
        )
    return q_weight


def ending(name: str, x: Tensor, features: int) -> Tensor:
    """Activations whose last axis is as long as a layer's rows."""
    if x.dim() == 0 or x.shape[-1] != features:
        raise ValueError(f"{name} must end in {features} features, got shape {tuple(x.shape)}")
    return x


def accumulator(q_weight: Tensor) -> Tensor:
    """A weight matrix with rows short enough for sums in int32: it may hold 65,793 products of 255 * 128."""
    if q_weight.shape[1] > WIDEST:
        raise ValueError(f"q_weight must have at most {WIDEST} columns for int32 sums, got {q_weight.shape[1]}")
    return q_weight


def output_scale(name: str, scale: Tensor | float, q_weight: Tensor) -> Tensor:
    """One scale for the weight matrix, or one a row: (out, 1). As float32 (out,), to multiply a result (..., out)."""
    out = q_weight.shape[0]
    if isinstance(scale, Tensor) and scale.numel() != 1 and scale.shape != (out, 1):
        raise ValueError(f"{name} must be one number or have shape ({out}, 1), got shape {tuple(scale.shape)}")
    return tensors.scale(scale, like=q_weight, name=name).float().reshape(-1).expand(out)


def row_scales(scales: Tensor, q_weight: Tensor) -> Tensor:
    """One scale a row of the weight matrix, shape (out,)."""
    if not isinstance(scales, Tensor) or scales.shape != q_weight.shape[:1]:
        got = f"shape {tuple(scales.shape)}" if isinstance(scales, Tensor) else repr(scales)
        raise ValueError(f"scales must have shape ({len(q_weight)},), one a row of q_weight, got {got}")
    return tensors.scale(scales, like=scales, name="scales")


def one_value(name: str, value: Any) -> Any:
    """A parameter of the whole tensor: a number or a tensor of one element."""
    if isinstance(value, Tensor) and value.numel() != 1:
        raise ValueError(f"{name} must be one value for the whole tensor, got shape {tuple(value.shape)}")
    return value.detach().reshape(()) if isinstance(value, Tensor) else value


def bias(bias: Tensor | None, q_weight: Tensor) -> Tensor | None:
    """No bias, or one for each output, in real units."""
    if bias is None:
        return None
    if not isinstance(bias, Tensor) or not bias.is_floating_point():
        raise TypeError(f"bias must be a floating-point tensor, got {tensors.kind(bias)}")
    if bias.shape != q_weight.shape[:1]:
        raise ValueError(f"bias must have shape ({len(q_weight)},), got shape {tuple(bias.shape)}")
    return bias.detach().to(torch.promote_types(bias.dtype, torch.float32))
