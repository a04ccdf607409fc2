"""A linear layer on integer weights: where the product is computed, and where the scales come in. Lesson 9.

WxAy is the field's name for a scheme: x bits for weights, y bits for activations.
"""

# This file is yours: write the bodies of its exercises. `labs check 09.1` judges one in a second,
# `labs hint 09.1` helps, `labs reset 09.1` brings an untouched stub back (your version is kept).

from __future__ import annotations

import torch
from torch import Tensor, nn

from labs_lib.affine import dequantize, q_range, quantize
from labs_lib.course import checked
from labs_lib.course.exercise import exercise


@exercise("09.1")
def linear_w8a32(
    x: Tensor,
    q_weight: Tensor,
    scale: Tensor | float,
    zero_point: Tensor | int = 0,
    bias: Tensor | None = None,
) -> Tensor:
    """A linear layer whose weights are stored as codes and whose arithmetic is float32.

    Args:
        x: activations (..., in), any floating dtype. Not modified.
        q_weight: codes (out, in), any integer dtype.
        scale, zero_point: of the weights, broadcastable to ``q_weight``: one for all, or (out, 1) for one a row.
        bias: (out,) in real units, or None.

    Returns:
        ``x @ w_hat.T + bias`` with the dequantized weights, (..., out), float32 (float64 for float64 ``x``).

    Raises:
        TypeError: ``x`` or ``bias`` is not floating, ``q_weight`` not integer.
        ValueError: shapes that do not fit; ``scale`` not positive and finite; NaN in ``x``.

    Example:
        >>> linear_w8a32(torch.tensor([1.0, 2.0]), torch.tensor([[3, -4]]), scale=0.5, zero_point=1)
        tensor([-4.])

    About 2 lines, 6 minutes. In the video course: ``quantized_linear_W8A32_without_bias``.
    Source: Jacob et al. 2018, section 2.2, with the product in real units.
    """
    x, q_weight = checked.floating("x", x), checked.features(x, q_weight)
    bias = checked.bias(bias, q_weight)
    raise NotImplementedError("Exercise 09.1: write linear_w8a32 in labs_lib/inference.py (`labs hint 09.1`)")


@exercise("09.2")
def quantize_per_token(x: Tensor, *, bits: int = 8) -> tuple[Tensor, Tensor]:
    """Quantize activations around zero with one scale for each token, that is for each row along the last axis.

    Args:
        x: activations (..., features), not empty, any floating dtype, finite. Not modified.
        bits: width of a signed code, 2 to 16.

    Returns:
        ``(q, scale)``: codes of ``x``'s shape from ``-q_max`` to ``q_max``; scale float32, ``(*x.shape[:-1], 1)``,
        positive, for a token of zeros (padding) too.

    Raises:
        TypeError: ``x`` is not a floating-point tensor.
        ValueError: ``x`` is empty, 0-dim, not finite or beyond float32; ``bits`` out of range.

    Example:
        >>> quantize_per_token(torch.tensor([[1.27, -0.3], [0.0, 0.0], [3.0, -12.7]]))[0]
        tensor([[ 127,  -30],
                [   0,    0],
                [  30, -127]], dtype=torch.int8)

    About 4 lines, 6 minutes.
    Source: Dettmers et al. 2022, "LLM.int8()", section 2.1 (vector-wise quantization).
    """
    x = checked.ranked("x", checked.finite("x", x))
    raise NotImplementedError("Exercise 09.2: write quantize_per_token in labs_lib/inference.py (`labs hint 09.2`)")


@exercise("09.3")
def linear_w8a8(x: Tensor, q_weight: Tensor, weight_scale: Tensor | float, bias: Tensor | None = None) -> Tensor:
    """A linear layer that multiplies integers: activations are quantized per token as they come (dynamic).

    Args:
        x: activations (..., in), not empty, any floating dtype, finite. Not modified.
        q_weight: symmetric 8-bit codes (out, in), any integer dtype.
        weight_scale: of the weights: one number, or (out, 1) for one a row.
        bias: (out,) in real units, or None.

    Returns:
        ``(q_x @ q_weight.T) * x_scale * weight_scale + bias``, (..., out), float32. The sums are exact integers:
        products of two int8 need an accumulator of 32 bits.

    Raises:
        TypeError: ``x`` or ``bias`` is not floating, ``q_weight`` not integer.
        ValueError: shapes that do not fit; a scale that is not positive and finite; ``x`` empty or not finite.

    Example:
        >>> linear_w8a8(torch.tensor([[1.27, -0.64]]), torch.tensor([[100, 50]], dtype=torch.int8), 0.5)
        tensor([[47.5000]])

    About 4 lines, 12 minutes.
    Source: Jacob et al. 2018, section 2.2; Dettmers et al. 2022, "LLM.int8()", equation 3.
    """
    q_weight = checked.accumulator(checked.features(x, q_weight))
    weight_scale, bias = checked.output_scale("weight_scale", weight_scale, q_weight), checked.bias(bias, q_weight)
    raise NotImplementedError("Exercise 09.3: write linear_w8a8 in labs_lib/inference.py (`labs hint 09.3`)")


@exercise("09.4")
def linear_w8a8_static(
    x: Tensor,
    x_scale: Tensor | float,
    x_zero_point: Tensor | int,
    q_weight: Tensor,
    weight_scale: Tensor | float,
    bias: Tensor | None = None,
) -> Tensor:
    """A linear layer that multiplies integers, with an activation range measured in advance (static).

    The activations are unsigned 8-bit codes with a zero point z. It enters every product, and leaves as one correction
    a row: ``sum((q_x - z) * q_w) = sum(q_x * q_w) - z * sum(q_w)``.

    Args:
        x: activations (..., in), any floating dtype; what lies outside the range saturates. Not modified.
        x_scale, x_zero_point: of the activations, one value each; the zero point is a code from 0 to 255.
        q_weight: symmetric 8-bit codes (out, in), any integer dtype.
        weight_scale: of the weights: one number, or (out, 1) for one a row.
        bias: (out,) in real units, or None.

    Returns:
        ``(q_x @ q_weight.T - z * rowsum(q_weight)) * x_scale * weight_scale + bias``, (..., out), float32.

    Raises:
        TypeError: ``x`` or ``bias`` is not floating, ``q_weight`` not integer.
        ValueError: shapes that do not fit; a scale that is not positive and finite; NaN in ``x``.

    Example:
        >>> q_weight = torch.tensor([[100, 50]], dtype=torch.int8)
        >>> linear_w8a8_static(torch.tensor([[1.5, -0.5]]), 0.01, 128, q_weight, weight_scale=0.5)
        tensor([[51.]])

    About 6 lines, 15 minutes.
    Source: Jacob et al. 2018, section 2.3 (efficient handling of zero-points).
    """
    q_weight = checked.accumulator(checked.features(x, q_weight))
    x_scale, x_zero_point = checked.one_value("x_scale", x_scale), checked.one_value("x_zero_point", x_zero_point)
    weight_scale, bias = checked.output_scale("weight_scale", weight_scale, q_weight), checked.bias(bias, q_weight)
    raise NotImplementedError("Exercise 09.4: write linear_w8a8_static in labs_lib/inference.py (`labs hint 09.4`)")
