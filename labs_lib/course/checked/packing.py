"""Checks of codes that are to share a byte, and of bytes that hold them."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from . import tensors

PACKED = (1, 2, 4, 8)  # widths that divide a byte
LAYER = (2, 4, 8)  # of them, those that have a sign


def packed_bits(bits: int) -> int:
    """A width of which several fit a byte exactly."""
    if isinstance(bits, bool) or bits not in PACKED:
        raise ValueError(f"bits must be one of 1, 2, 4, 8 so that bytes are filled exactly, got {bits!r}")
    return bits


def layer_bits(bits: int) -> int:
    """A width that a layer's signed weights can be packed in."""
    if isinstance(bits, bool) or bits not in LAYER:
        raise ValueError(f"bits must be one of 2, 4, 8, got {bits!r}")
    return bits


def unsigned(name: str, codes: Tensor, bits: int) -> Tensor:
    """Codes from 0 to ``2**bits - 1``, any integer dtype."""
    return _within(name, tensors.codes(name, codes), 0, 2 ** tensors.bits(bits, signed=False) - 1)


def signed(name: str, q: Tensor, bits: int) -> Tensor:
    """Two's-complement codes of a width of 2 to 8 bits."""
    half = 2 ** (tensors.bits(bits, signed=False) - 1)
    if bits < 2:
        raise ValueError(f"bits must be from 2 to 8 for signed codes, got {bits!r}")
    return _within(name, tensors.codes(name, q), -half, half - 1)


def packed(name: str, packed: Tensor, bits: int, length: int) -> Tensor:
    """Bytes whose rows hold ``length`` codes and no byte more."""
    if not isinstance(packed, Tensor) or packed.dtype != torch.uint8:
        raise TypeError(f"{name} must be a uint8 tensor, got {tensors.kind(packed)}")
    if packed.dim() == 0:
        raise ValueError(f"{name} must have at least one dimension, got shape ()")
    packed_bits(bits)
    whole = isinstance(length, int) and not isinstance(length, bool) and length >= 0
    if not whole or math.ceil(length * bits / 8) != packed.shape[-1]:
        holds = packed.shape[-1] * 8 // bits
        raise ValueError(f"length must fit {packed.shape[-1]} bytes of {holds} codes, got {length!r}")
    return packed


def _within(name: str, codes: Tensor, low: int, high: int) -> Tensor:
    if codes.numel():
        least, most = (int(end) for end in torch.aminmax(codes))
        if least < low or most > high:
            raise ValueError(f"{name} must be from {low} to {high}, got {least if least < low else most}")
    return codes
