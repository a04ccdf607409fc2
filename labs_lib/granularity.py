"""Who shares a scale: a whole tensor, a channel, or a group of neighbours. Lessons 6, 7 and 8.

The arithmetic of lesson 5 does not change. What changes is over which values the largest magnitude is taken.
"""

# This file is yours: write the bodies of its exercises. `labs check 06.1` judges one in a second,
# `labs hint 06.1` helps, `labs reset 06.1` brings an untouched stub back (your version is kept).

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from labs_lib.affine import dequantize, q_range, quantize
from labs_lib.course import checked
from labs_lib.course.exercise import exercise


@exercise("06.1")
def bits_per_weight(bits: float, *, group_size: int, scale_bits: float = 16, zero_point_bits: float = 0) -> float:
    """What one weight costs in storage: its code, and its share of the parameters of its group.

    Args:
        bits: width of a code; need not be whole (1.6 for five ternary codes in a byte).
        group_size: how many weights share one scale, at least 1. For one scale a row it is the row's length.
        scale_bits: width of a stored scale: 16 for float16, 32 for float32.
        zero_point_bits: width of a stored zero point, 0 where there is none.

    Returns:
        Bits a weight, a float.

    Raises:
        ValueError: ``bits`` is not above 0, ``group_size`` is below 1, or a width is negative.

    Example:
        >>> bits_per_weight(4, group_size=32), bits_per_weight(4, group_size=32, zero_point_bits=4)
        (4.5, 4.625)

    About 1 lines, 4 minutes.
    Source: Dettmers and Zettlemoyer 2023, "The case for 4-bit precision", section 2.
    """
    checked.number("bits", bits, above=0), checked.whole("group_size", group_size)
    checked.number("scale_bits", scale_bits, above=-1), checked.number("zero_point_bits", zero_point_bits, above=-1)
    raise NotImplementedError("Exercise 06.1: write bits_per_weight in labs_lib/granularity.py (`labs hint 06.1`)")


@exercise("06.2")
def count_scales(shape: Sequence[int], granularity: str, *, dim: int = 0, group_size: int | None = None) -> int:
    """How many scales a tensor needs at a granularity.

    Args:
        shape: of the tensor, (out, in) for a weight matrix; any rank.
        granularity: ``"tensor"``, one scale for all; ``"channel"``, one for each index of dimension ``dim``;
            ``"group"``, one for every ``group_size`` neighbours along the last axis. A group never crosses a row, so
            the last group of a row may be short.
        dim: the channels' dimension; negative ones count from the end.
        group_size: how many neighbours share a scale; needed for groups only.

    Returns:
        The number of scales, an int.

    Raises:
        ValueError: an unknown granularity, a ``dim`` that ``shape`` does not have, a ``group_size`` that is missing or
            below 1, a ``shape`` with a size below 1.

    Example:
        >>> count_scales((4, 10), "tensor"), count_scales((4, 10), "channel")
        (1, 4)
        >>> count_scales((4, 10), "group", group_size=4)
        12

    About 6 lines, 8 minutes.
    Source: Gholami et al. 2021, "A Survey of Quantization Methods", section III-D.
    """
    shape = checked.shape(shape)
    granularity = checked.granularity(granularity, shape, dim, group_size)
    raise NotImplementedError("Exercise 06.2: write count_scales in labs_lib/granularity.py (`labs hint 06.2`)")


@exercise("07.1")
def choose_scale_per_channel(x: Tensor, dim: int = 0, *, bits: int = 8) -> Tensor:
    """Choose one symmetric scale for each channel: the largest magnitude of a channel gets the largest code.

    Args:
        x: real values, any rank of at least 1 but not empty, any floating dtype, finite. Not modified.
        dim: the dimension that counts the channels: 0 is one scale a row of a weight matrix (out, in), that is one for
            each output. Negative ones count from the end.
        bits: width of a signed code, 2 to 16.

    Returns:
        ``max|x| / (2**(bits-1) - 1)`` of each channel, float32, positive (at least
        ``torch.finfo(torch.float32).tiny``). Its shape is that of ``x`` with every size but that of ``dim`` set to 1,
        so that it broadcasts over ``x``.

    Raises:
        TypeError: ``x`` is not a floating-point tensor.
        ValueError: ``x`` is empty, 0-dim, not finite or beyond float32; ``dim`` or ``bits`` out of range.

    Example:
        >>> choose_scale_per_channel(torch.tensor([[1.27, -0.3], [0.02, -12.7]]))
        tensor([[0.0100],
                [0.1000]])

    About 6 lines, 12 minutes.
    Source: Krishnamoorthi 2018, section 3.1.1 (per-channel quantization of weights).
    """
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    raise NotImplementedError(
        "Exercise 07.1: write choose_scale_per_channel in labs_lib/granularity.py (`labs hint 07.1`)"
    )


@exercise("07.2")
def quantize_per_channel(x: Tensor, dim: int = 0, *, bits: int = 8) -> tuple[Tensor, Tensor]:
    """Quantize every channel around zero with a scale of its own.

    Args:
        x, dim, bits: as ``choose_scale_per_channel``.

    Returns:
        ``(q, scale)``: codes of ``x``'s shape from ``-q_max`` to ``q_max``, and the scales of
        ``choose_scale_per_channel``. Each channel is what ``quantize_symmetric`` makes of it alone.

    Raises:
        TypeError, ValueError: as ``choose_scale_per_channel``.

    Example:
        >>> quantize_per_channel(torch.tensor([[1.27, -0.3], [0.02, -12.7]]))[0]
        tensor([[ 127,  -30],
                [   0, -127]], dtype=torch.int8)

    About 2 lines, 4 minutes. In the video course: ``linear_q_symmetric_per_channel``.
    Source: Krishnamoorthi 2018, section 3.1.1.
    """
    raise NotImplementedError("Exercise 07.2: write quantize_per_channel in labs_lib/granularity.py (`labs hint 07.2`)")


@exercise("07.3")
def choose_qparams_per_channel(x: Tensor, dim: int = 0, *, bits: int = 8, signed: bool = True) -> tuple[Tensor, Tensor]:
    """Choose an asymmetric scale and a zero point for each channel, each range widened to contain 0.

    Args:
        x, dim: as ``choose_scale_per_channel``.
        bits, signed: which codes exist, see ``q_range``.

    Returns:
        ``(scale, zero_point)``, both of the shape that ``choose_scale_per_channel`` gives. scale: float32, positive.
        zero_point: int32, from q_min to q_max. Each channel has what ``choose_qparams`` gives it alone.

    Raises:
        TypeError, ValueError: as ``choose_scale_per_channel``.

    Example:
        >>> choose_qparams_per_channel(torch.tensor([[0.0, 51.0], [-2.55, 0.0]]))
        (tensor([[0.2000],
                [0.0100]]), tensor([[-128],
                [ 127]], dtype=torch.int32))

    About 9 lines, 10 minutes.
    Source: Jacob et al. 2018, section 2.1; Krishnamoorthi 2018, section 3.1.1.
    """
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    raise NotImplementedError(
        "Exercise 07.3: write choose_qparams_per_channel in labs_lib/granularity.py (`labs hint 07.3`)"
    )


@exercise("08.1")
def quantize_per_group(x: Tensor, group_size: int, *, bits: int = 8) -> tuple[Tensor, Tensor]:
    """Quantize around zero with one scale for every ``group_size`` neighbours along the last axis.

    A group never crosses a row. Where the row's length n does not divide, its last group is short.

    Args:
        x: real values, any rank of at least 1 but not empty, any floating dtype, finite. Not modified.
        group_size: how many neighbours share a scale, at least 1.
        bits: width of a signed code, 2 to 16.

    Returns:
        ``(q, scale)``: codes of ``x``'s shape from ``-q_max`` to ``q_max``, and float32 scales of shape
        ``(*x.shape[:-1], ceil(n / group_size))``.

    Raises:
        TypeError: ``x`` is not a floating-point tensor.
        ValueError: ``x`` is empty, 0-dim, not finite or beyond float32; ``group_size`` or ``bits`` out of range.

    Example:
        >>> q, scale = quantize_per_group(torch.tensor([[1.27, -0.3, 12.7]]), group_size=2)
        >>> q, scale
        (tensor([[127, -30, 127]], dtype=torch.int8), tensor([[0.0100, 0.1000]]))

    About 5 lines, 15 minutes. In the video course: ``linear_q_symmetric_per_group``.
    Source: Yao et al. 2022, "ZeroQuant", section 3.1 (group-wise quantization).
    """
    x = checked.ranked("x", checked.finite("x", x))
    group_size = checked.group_size(group_size, x)
    raise NotImplementedError("Exercise 08.1: write quantize_per_group in labs_lib/granularity.py (`labs hint 08.1`)")


@exercise("08.2")
def dequantize_per_group(q: Tensor, scale: Tensor | float, group_size: int) -> Tensor:
    """Map the codes of ``quantize_per_group`` back to real values.

    Args:
        q: codes, any rank of at least 1, any integer dtype. Not modified.
        scale: one for each group, ``(*q.shape[:-1], ceil(n / group_size))``, positive.
        group_size: the one that the codes were made with. They do not tell it.

    Returns:
        Real values of ``q``'s shape, in ``scale``'s dtype.

    Raises:
        TypeError: ``q`` is not an integer tensor.
        ValueError: ``scale`` does not have that shape or is not positive and finite; ``group_size`` below 1; a 0-dim
            ``q``.

    Example:
        >>> dequantize_per_group(torch.tensor([[100, -30, 5]], dtype=torch.int8), torch.tensor([[0.25, 2.0]]), 2)
        tensor([[25.0000, -7.5000, 10.0000]])

    About 2 lines, 8 minutes. In the video course: ``linear_dequantization_per_group``.
    Source: Yao et al. 2022, "ZeroQuant", section 3.1.
    """
    q = checked.ranked("q", checked.codes("q", q))
    group_size = checked.group_size(group_size, q)
    scale = checked.group_scale(scale, group_size, like=q)
    raise NotImplementedError("Exercise 08.2: write dequantize_per_group in labs_lib/granularity.py (`labs hint 08.2`)")
