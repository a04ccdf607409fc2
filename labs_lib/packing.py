"""Several codes in one byte, and a linear layer that lives on them. Lessons 15 and 16.

A byte is the smallest thing that memory can hold. Codes of 1, 2 or 4 bits share one, first code in the lowest bits.
"""

# This file is yours: write the bodies of its exercises. `labs check 15.1` judges one in a second,
# `labs hint 15.1` helps, `labs reset 15.1` brings an untouched stub back (your version is kept).

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from labs_lib.course import checked
from labs_lib.course.exercise import exercise
from labs_lib.granularity import dequantize_per_group, quantize_per_group

WORDS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}  # by bytes; the first is the lowest
PIECE = 2**17  # rows or words: few enough for a core's cache


def in_pieces(change: Callable[[Tensor], Tensor], x: Tensor, dtype: torch.dtype) -> Tensor:
    """Work on a few rows of a tensor at a time (given): what is made on the way fits in the cache.

    Args:
        change: from some rows of ``x`` to one value a row, of any dtype: only what fits ``dtype`` is kept of each.
        x: (n,) or (n, anything); of a flat tensor each value is a row. Not modified.
        dtype: of the result.

    Returns:
        (n,), new memory.
    """
    result = torch.empty(len(x), dtype=dtype, device=x.device)
    for piece, place in zip(x.split(PIECE), result.split(PIECE), strict=True):
        place.copy_(change(piece))
    return result


@exercise("15.1")
def pack(codes: Tensor, bits: int) -> Tensor:
    """Put ``8 // bits`` unsigned codes into each byte, along the last axis, first code in the lowest bits.

    Args:
        codes: unsigned codes from 0 to ``2**bits - 1``, any rank of at least 1, any integer dtype. Not modified.
        bits: width of a code: 1, 2, 4 or 8.

    Returns:
        uint8, ``(*codes.shape[:-1], ceil(n * bits / 8))``. What is left of the last byte of a row is filled with zeros.

    Raises:
        TypeError: ``codes`` is not an integer tensor.
        ValueError: ``bits`` is another width; a code that does not fit; a 0-dim ``codes``.

    Example:
        >>> pack(torch.tensor([1, 0, 3, 2]), bits=2)
        tensor([177], dtype=torch.uint8)

    About 9 lines, 15 minutes. In the video course: ``pack_weights``.
    Source: numpy.packbits with bitorder="little"; ONNX, 2-bit and 4-bit tensor data.
    """
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    raise NotImplementedError("Exercise 15.1: write pack in labs_lib/packing.py (`labs hint 15.1`)")


@exercise("15.2")
def to_unsigned(q: Tensor, bits: int) -> Tensor:
    """Signed codes as unsigned ones, in offset binary: ``q + 2**(bits-1)``.

    Args:
        q: signed codes from ``-2**(bits-1)`` to ``2**(bits-1) - 1``, any shape, any integer dtype. Not modified.
        bits: width of a code, 2 to 8.

    Returns:
        uint8 codes of ``q``'s shape, from 0 to ``2**bits - 1``. The order of the codes is kept.

    Raises:
        TypeError: ``q`` is not an integer tensor. ValueError: a code that does not fit; ``bits`` out of range.

    Example:
        >>> to_unsigned(torch.tensor([-2, -1, 0, 1], dtype=torch.int8), bits=2)
        tensor([0, 1, 2, 3], dtype=torch.uint8)

    About 1 lines, 5 minutes.
    Source: offset binary (excess-K) notation; GGUF Q4_0 stores ``q + 8``.
    """
    q = checked.signed("q", q, bits)
    raise NotImplementedError("Exercise 15.2: write to_unsigned in labs_lib/packing.py (`labs hint 15.2`)")


@exercise("16.1")
def unpack(packed: Tensor, bits: int, length: int) -> Tensor:
    """Take the codes out of their bytes again: the inverse of ``pack``.

    Args:
        packed: uint8, any rank of at least 1, as ``pack`` makes it. Not modified.
        bits: width of a code: 1, 2, 4 or 8.
        length: how many codes a row holds. The bytes do not tell it.

    Returns:
        uint8 codes, ``(*packed.shape[:-1], length)``.

    Raises:
        TypeError: ``packed`` is not uint8. ValueError: ``bits`` is another width; ``length`` does not fit the bytes.

    Example:
        >>> unpack(torch.tensor([177], dtype=torch.uint8), bits=2, length=4)
        tensor([1, 0, 3, 2], dtype=torch.uint8)

    About 10 lines, 12 minutes. In the video course: ``unpack_weights``.
    Source: numpy.unpackbits with bitorder="little".
    """
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    raise NotImplementedError("Exercise 16.1: write unpack in labs_lib/packing.py (`labs hint 16.1`)")


@exercise("16.2")
def to_signed(codes: Tensor, bits: int) -> Tensor:
    """Unsigned codes in offset binary as signed ones again: ``codes - 2**(bits-1)``, the inverse of ``to_unsigned``.

    Args:
        codes: from 0 to ``2**bits - 1``, any shape, any integer dtype. Not modified.
        bits: width of a code, 2 to 8.

    Returns:
        int8 codes of ``codes``'s shape, from ``-2**(bits-1)`` to ``2**(bits-1) - 1``.

    Raises:
        TypeError: ``codes`` is not an integer tensor. ValueError: a code that does not fit; ``bits`` out of range.

    Example:
        >>> to_signed(torch.tensor([0, 1, 2, 3], dtype=torch.uint8), bits=2)
        tensor([-2, -1,  0,  1], dtype=torch.int8)

    About 1 lines, 4 minutes.
    Source: offset binary (excess-K) notation.
    """
    codes = checked.unsigned("codes", codes, bits)
    raise NotImplementedError("Exercise 16.2: write to_signed in labs_lib/packing.py (`labs hint 16.2`)")


class PackedLinear(nn.Module):
    """A linear layer whose weights are symmetric codes in groups, packed into bytes.

    Attributes:
        packed_weight: buffer, uint8, (out_features, ceil(in_features * bits / 8)): offset-binary codes.
        scales: buffer, float32 or float16, (out_features, ceil(in_features / group_size)).
        bias: buffer of ``dtype``, (out_features,), or None.
        in_features, out_features, bits, group_size, dtype: what the layer stands for, and how it is packed.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        bits: int = 4,
        group_size: int = 32,
        dtype: torch.dtype = torch.float32,
        scale_dtype: torch.dtype = torch.float32,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        self.bits, self.group_size = checked.layer_bits(bits), checked.whole("group_size", group_size)
        self.in_features, self.out_features, self.dtype = in_features, out_features, dtype
        columns, groups = math.ceil(in_features * bits / 8), math.ceil(in_features / group_size)
        self.register_buffer("packed_weight", torch.zeros(out_features, columns, dtype=torch.uint8, device=device))
        self.register_buffer("scales", torch.zeros(out_features, groups, dtype=scale_dtype, device=device))
        self.register_buffer("bias", torch.zeros(out_features, dtype=dtype, device=device) if bias else None)

    @classmethod
    @exercise("16.3")
    def from_linear(cls, linear: nn.Linear, *, bits: int = 4, group_size: int = 32) -> PackedLinear:
        """Quantize a linear layer in groups along each row, and pack its codes.

        Args:
            linear: the layer to replace; its weights are finite. Not modified, and nothing of it is kept alive.
            bits: width of a code: 2, 4 or 8.
            group_size: weights that share a scale. Need not divide ``in_features``.

        Returns:
            A new layer on the same device, with float32 scales, the bias copied, of ``linear``'s dtype and training
            mode. Its codes are those of ``quantize_per_group``.

        Raises:
            TypeError: ``linear`` is not an ``nn.Linear``.
            ValueError: its weights are empty or not finite; ``bits`` or ``group_size`` out of range.

        Example:
            >>> linear = nn.Linear(4, 1, bias=False)
            >>> _ = linear.weight.data.copy_(torch.tensor([[0.7, -0.7, 0.0, 0.1]]))
            >>> PackedLinear.from_linear(linear, bits=4, group_size=4).packed_weight
            tensor([[ 31, 152]], dtype=torch.uint8)

        About 9 lines, 15 minutes.
        Source: GGUF Q4_0 and AutoGPTQ, for the idea; the layout is that of ``pack``.
        """
        linear = checked.linear(linear)
        raise NotImplementedError("Exercise 16.3: write from_linear in labs_lib/packing.py (`labs hint 16.3`)")

    @exercise("16.4")
    def dequantize(self) -> Tensor:
        """The real weights that the bytes stand for: unpack, give the codes their sign, scale each group.

        Returns:
            (out_features, in_features), float32.

        Raises:
            ValueError: the scales were never filled.

        Example:
            >>> layer = PackedLinear(4, 1, bits=4, group_size=2)
            >>> _ = layer.packed_weight.copy_(torch.tensor([[31, 152]])), layer.scales.copy_(torch.tensor([[0.5, 2.0]]))
            >>> layer.dequantize()
            tensor([[ 3.5000, -3.5000,  0.0000,  2.0000]])

        About 2 lines, 8 minutes.
        Source: the inverse of ``from_linear``.
        """
        raise NotImplementedError("Exercise 16.4: write dequantize in labs_lib/packing.py (`labs hint 16.4`)")

    def forward(self, x: Tensor) -> Tensor:
        """What the dense layer with the dequantized weights answers (given).

        The scale changes inside a row, so it cannot wait until the row is summed, as in ``W8A16Linear``: the weights
        come back first. The arithmetic is float32 or wider, the result has ``x``'s dtype, gradients flow back to ``x``.
        """
        wide = checked.ending("x", checked.activations("x", x), self.in_features)
        bias = None if self.bias is None else self.bias.to(wide.dtype)
        return nn.functional.linear(wide, self.dequantize().to(wide.dtype), bias).to(x.dtype)

    @property
    def weight(self) -> Tensor:
        """The dequantized weights, computed anew at each call: for code that reads ``linear.weight``."""
        return self.dequantize().to(self.dtype)

    def extra_repr(self) -> str:
        sizes = f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"
        return f"{sizes}, bits={self.bits}, group_size={self.group_size}, dtype={self.dtype}"


@dataclass(frozen=True)
class Packing:
    """How many bits, and in which groups (given): ``quantize_model(model, layer=Packing(bits=2, group_size=128))``."""

    bits: int = 4
    group_size: int = 32

    def from_linear(self, linear: nn.Linear) -> PackedLinear:
        """``PackedLinear.from_linear`` with these numbers."""
        return PackedLinear.from_linear(linear, bits=self.bits, group_size=self.group_size)
