"""Checks of tensors and of the parameters that quantize them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def bits(bits: int, signed: bool = True) -> int:
    """A bit width that codes can have: 2 to 16 signed, 1 to 8 unsigned."""
    low, high = (2, 16) if signed else (1, 8)
    if isinstance(bits, bool) or not isinstance(bits, int) or not low <= bits <= high:
        kind = "signed" if signed else "unsigned"
        raise ValueError(f"bits must be a whole number from {low} to {high} for {kind} codes, got {bits!r}")
    return bits


def floating(name: str, x: Tensor) -> Tensor:
    """Real values to compute with: float32 (float64 stays), detached. Infinities pass; NaN has no code."""
    if not isinstance(x, Tensor) or not x.is_floating_point():
        raise TypeError(f"{name} must be a floating-point tensor, got {kind(x)}")
    if x.isnan().any():
        raise ValueError(f"{name} must not hold NaN, got {int(x.isnan().sum())} in {x.numel()} values")
    return x.detach().to(torch.promote_types(x.dtype, torch.float32))


def finite(name: str, x: Tensor) -> Tensor:
    """Real values that have a range: as ``floating``, and also not empty, finite, and no wider than float32."""
    wide = floating(name, x)
    if wide.numel() == 0:
        raise ValueError(f"{name} must not be empty, got shape {tuple(x.shape)}")
    if wide.isinf().any():
        raise ValueError(f"{name} must be finite, got {int(wide.isinf().sum())} infinities in {x.numel()} values")
    largest = float(wide.abs().amax())
    if largest > torch.finfo(torch.float32).max:
        raise ValueError(f"{name} must fit in float32, got a magnitude of {largest:.4g}")
    return wide


def codes(name: str, q: Tensor) -> Tensor:
    """Integer codes, of any integer dtype."""
    if not isinstance(q, Tensor) or q.is_floating_point() or q.is_complex() or q.dtype == torch.bool:
        raise TypeError(f"{name} must be an integer tensor, got {kind(q)}")
    return q


def scale(scale: Tensor | float, *, like: Tensor, name: str = "scale") -> Tensor:
    """Real units per code step: float32 (float64 stays), positive, finite, broadcastable to ``like``."""
    wide = torch.float64 if isinstance(scale, Tensor) and scale.dtype == torch.float64 else torch.float32
    steps = _as_tensor(scale, wide, like)
    if not bool(((steps > 0) & steps.isfinite()).all()):
        hint = "for all zeros any positive scale will do"
        raise ValueError(f"{name} must be positive and finite, got {_show(scale)} ({hint})")
    return fits(name, steps, like)


def zero_point(zero_point: Tensor | int, *, like: Tensor) -> Tensor:
    """The code of 0.0: int32, whole, broadcastable to ``like``."""
    exact = _as_tensor(zero_point, torch.float64, like)
    if not bool((exact == exact.round()).all()):
        raise ValueError(f"zero_point must be a whole number, got {_show(zero_point)}")
    return fits("zero_point", exact.to(torch.int32), like)


def fits(name: str, parameter: Tensor, like: Tensor) -> Tensor:
    """A parameter that stretches over ``like`` without changing its shape."""
    try:
        parameter.expand(like.shape)
    except RuntimeError:
        shapes = f"shape {tuple(like.shape)}, got shape {tuple(parameter.shape)}"
        raise ValueError(f"{name} must broadcast to {shapes}") from None
    return parameter


def same_shape(name: str, x: Tensor, other_name: str, other: Tensor) -> None:
    """Two tensors to be compared, value by value."""
    if x.shape != other.shape:
        raise ValueError(f"{name} and {other_name} must have one shape, got {tuple(x.shape)} and {tuple(other.shape)}")
    if x.numel() == 0:
        raise ValueError(f"{name} must not be empty, got shape {tuple(x.shape)}")


def _as_tensor(value: Any, dtype: torch.dtype, like: Tensor) -> Tensor:
    if isinstance(value, Tensor):
        return value.detach().to(dtype)
    return torch.tensor(value, dtype=dtype, device=like.device)


def kind(value: Any) -> str:
    return str(value.dtype) if isinstance(value, Tensor) else type(value).__name__


def _show(value: Any) -> str:
    if not isinstance(value, Tensor):
        return repr(value)
    flat = [f"{number:.6g}" for number in value.detach().flatten()[:6].tolist()]
    return flat[0] if value.dim() == 0 else f"[{', '.join(flat)}{', ...' if value.numel() > 6 else ''}]"
