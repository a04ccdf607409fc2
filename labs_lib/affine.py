"""Linear (affine) quantization of one tensor: lessons 3, 4 and 5.

A code is an integer q; a real value is ``x_hat = scale * (q - zero_point)``. Everything else follows from that line.
"""

# This file is yours: write the bodies of its exercises. `labs check 03.1` judges one in a second,
# `labs hint 03.1` helps, `labs reset 03.1` brings an untouched stub back (your version is kept).

from __future__ import annotations

import math

import torch
from torch import Tensor

from labs_lib.course import checked
from labs_lib.course.exercise import exercise


def code_dtype(bits: int, signed: bool) -> torch.dtype:
    """The dtype that stores codes (given): int8, int16 above 8 bits, uint8 when unsigned."""
    if not signed:
        return torch.uint8
    return torch.int8 if bits <= 8 else torch.int16


@exercise("03.1")
def q_range(bits: int = 8, signed: bool = True) -> tuple[int, int]:
    """The smallest and the largest code of a bit width: ``2**bits`` codes, and 0 is one of them.

    Args:
        bits: width of a code, 2 to 16 when signed, 1 to 8 when unsigned.
        signed: whether codes are two's complement or start at 0.

    Returns:
        ``(q_min, q_max)``, two ints, both of them codes.

    Raises:
        ValueError: ``bits`` is not a whole number in that range.

    Example:
        >>> q_range(8), q_range(8, signed=False), q_range(2)
        ((-128, 127), (0, 255), (-2, 1))

    About 3 lines, 4 minutes.
    Source: two's complement; ONNX QuantizeLinear, "Saturation".
    """
    bits = checked.bits(bits, signed)
    raise NotImplementedError("Exercise 03.1: write q_range in labs_lib/affine.py (`labs hint 03.1`)")


@exercise("03.2")
def quantize(
    x: Tensor, scale: Tensor | float, zero_point: Tensor | int = 0, *, bits: int = 8, signed: bool = True
) -> Tensor:
    """Map real values to integer codes: ``q = clamp(round(x / scale) + zero_point, q_min, q_max)``.

    Args:
        x: real values, any shape, any floating dtype. Not modified.
        scale: real units per code step, positive, float32, broadcastable to ``x``.
        zero_point: the code that stands for 0.0, int32, broadcastable to ``x``.
        bits, signed: which codes exist, see ``q_range``; ``code_dtype`` says what stores them.

    Returns:
        Codes of ``x``'s shape: int8 (uint8 when unsigned, int16 above 8 bits). Ties go to the even integer, values
        beyond the last code (infinities too) saturate.

    Raises:
        TypeError: ``x`` is not a floating-point tensor.
        ValueError: ``x`` holds NaN; ``scale`` is not positive and finite; a parameter does not broadcast to ``x``;
            ``bits`` out of range.

    Example:
        >>> quantize(torch.tensor([-1.0, 0.0, 0.26, 99.0]), scale=0.1)
        tensor([-10,   0,   3, 127], dtype=torch.int8)

    About 4 lines, 8 minutes. In the video course: ``linear_q_with_scale_and_zero_point``.
    Source: ONNX QuantizeLinear; Krishnamoorthi 2018, section 2.
    """
    x = checked.floating("x", x)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    raise NotImplementedError("Exercise 03.2: write quantize in labs_lib/affine.py (`labs hint 03.2`)")


@exercise("03.3")
def dequantize(q: Tensor, scale: Tensor | float, zero_point: Tensor | int = 0) -> Tensor:
    """Map codes back to real values: ``x_hat = scale * (q - zero_point)``.

    Args:
        q: codes, any shape, any integer dtype. Not modified.
        scale: real units per code step, positive, float32 or float64, broadcastable to ``q``.
        zero_point: the code that stands for 0.0, int32, broadcastable to ``q``.

    Returns:
        Real values of ``q``'s shape, in ``scale``'s dtype (float32 for a plain number).

    Raises:
        TypeError: ``q`` is not an integer tensor.
        ValueError: ``scale`` is not positive and finite; a parameter does not broadcast to ``q``.

    Example:
        >>> dequantize(torch.tensor([-128, 0, 127], dtype=torch.int8), scale=0.5, zero_point=-128)
        tensor([  0.0000,  64.0000, 127.5000])

    About 2 lines, 5 minutes. In the video course: ``linear_dequantization``.
    Source: ONNX DequantizeLinear.
    """
    q = checked.codes("q", q)
    scale, zero_point = checked.scale(scale, like=q), checked.zero_point(zero_point, like=q)
    raise NotImplementedError("Exercise 03.3: write dequantize in labs_lib/affine.py (`labs hint 03.3`)")


@exercise("03.4")
def split_error(
    x: Tensor,
    x_hat: Tensor,
    scale: Tensor | float,
    zero_point: Tensor | int = 0,
    *,
    bits: int = 8,
    signed: bool = True,
) -> tuple[float, float]:
    """Split the mean squared error into its two causes: ``clipping + rounding = mean((x - x_hat)**2)``.

    A value is clipped when it lies outside what the codes can represent, from ``scale * (q_min - zero_point)`` to
    ``scale * (q_max - zero_point)``. The error of every other value is rounding.

    Args:
        x: the original values, any shape, any floating dtype. Not modified.
        x_hat: what came back from ``dequantize``, same shape.
        scale, zero_point, bits, signed: how ``x`` was quantized, see ``quantize``.

    Returns:
        ``(clipping, rounding)``, two floats in squared units of ``x``; both are divided by the number of all values.

    Raises:
        TypeError: ``x`` or ``x_hat`` is not a floating-point tensor.
        ValueError: shapes differ or are empty; NaN; ``scale`` is not positive and finite; ``bits`` out of range.

    Example:
        >>> split_error(torch.tensor([0.25, 130.0]), torch.tensor([0.0, 127.0]), scale=1.0)
        (4.5, 0.03125)

    About 6 lines, 10 minutes.
    Source: Nagel et al. 2021, "A White Paper on Neural Network Quantization", section 2.1.
    """
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    scale, zero_point = checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)
    raise NotImplementedError("Exercise 03.4: write split_error in labs_lib/affine.py (`labs hint 03.4`)")


@exercise("04.1")
def choose_qparams(x: Tensor, *, bits: int = 8, signed: bool = True) -> tuple[Tensor, Tensor]:
    """Choose the scale and zero point that spread a tensor's range, widened to contain 0, over all codes.

    Every value then comes back within half a step: ``|x - x_hat| <= scale / 2``.

    Args:
        x: real values, any shape but empty, any floating dtype, finite. Not modified.
        bits, signed: which codes exist, see ``q_range``.

    Returns:
        ``(scale, zero_point)``, two 0-dim tensors. scale: float32, positive, and at least
        ``torch.finfo(torch.float32).tiny`` (an all-zero tensor has no range of its own). zero_point: int32, from
        q_min to q_max.

    Raises:
        TypeError: ``x`` is not a floating-point tensor.
        ValueError: ``x`` is empty, not finite or beyond float32; ``bits`` out of range.

    Example:
        >>> choose_qparams(torch.tensor([10.0, 20.0, 51.0]))
        (tensor(0.2000), tensor(-128, dtype=torch.int32))

    About 5 lines, 12 minutes. In the video course: ``get_q_scale_and_zero_point``.
    Source: Jacob et al. 2018, section 2.1 and 3; gemmlowp, "quantization.md".
    """
    x = checked.finite("x", x)
    raise NotImplementedError("Exercise 04.1: write choose_qparams in labs_lib/affine.py (`labs hint 04.1`)")


@exercise("04.2")
def quantize_asymmetric(x: Tensor, *, bits: int = 8, signed: bool = True) -> tuple[Tensor, Tensor, Tensor]:
    """Choose the parameters of a tensor and quantize it with them.

    Args:
        x: real values, any shape but empty, any floating dtype, finite. Not modified.
        bits, signed: which codes exist, see ``q_range``.

    Returns:
        ``(q, scale, zero_point)``: codes of ``x``'s shape, and the two 0-dim tensors of ``choose_qparams``.

    Raises:
        TypeError, ValueError: as ``choose_qparams``.

    Example:
        >>> q, scale, zero_point = quantize_asymmetric(torch.tensor([0.0, 25.0, 51.0]))
        >>> q
        tensor([-128,   -3,  127], dtype=torch.int8)

    About 2 lines, 3 minutes. In the video course: ``linear_quantization``.
    Source: Jacob et al. 2018, section 2.1.
    """
    raise NotImplementedError("Exercise 04.2: write quantize_asymmetric in labs_lib/affine.py (`labs hint 04.2`)")


@exercise("05.1")
def choose_scale(x: Tensor, *, bits: int = 8) -> Tensor:
    """Choose the symmetric scale: the largest magnitude gets the largest code, and 0.0 gets the code 0.

    Args:
        x: real values, any shape but empty, any floating dtype, finite. Not modified.
        bits: width of a signed code, 2 to 16.

    Returns:
        ``max|x| / (2**(bits-1) - 1)``, a 0-dim float32 tensor, positive: at least ``torch.finfo(torch.float32).tiny``.

    Raises:
        TypeError: ``x`` is not a floating-point tensor.
        ValueError: ``x`` is empty, not finite or beyond float32; ``bits`` out of range.

    Example:
        >>> choose_scale(torch.tensor([-12.7, 3.0]))
        tensor(0.1000)

    About 2 lines, 5 minutes. In the video course: ``get_q_scale_symmetric``.
    Source: Krishnamoorthi 2018, section 2.2.
    """
    x = checked.finite("x", x)
    raise NotImplementedError("Exercise 05.1: write choose_scale in labs_lib/affine.py (`labs hint 05.1`)")


@exercise("05.2")
def quantize_symmetric(x: Tensor, *, bits: int = 8) -> tuple[Tensor, Tensor]:
    """Quantize with zero point 0 and as many codes below zero as above: negating ``x`` negates ``q``.

    Args:
        x: real values, any shape but empty, any floating dtype, finite. Not modified.
        bits: width of a signed code, 2 to 16.

    Returns:
        ``(q, scale)``: codes from ``-q_max`` to ``q_max`` (the most negative code is never produced), and the
        scale of ``choose_scale``.

    Raises:
        TypeError, ValueError: as ``choose_scale``.

    Example:
        >>> quantize_symmetric(torch.tensor([-12.7, 0.0, 3.0]))[0]
        tensor([-127,    0,   30], dtype=torch.int8)

    About 2 lines, 5 minutes. In the video course: ``linear_q_symmetric``.
    Source: Krishnamoorthi 2018, section 2.2; TensorFlow Lite 8-bit specification (restricted range).
    """
    raise NotImplementedError("Exercise 05.2: write quantize_symmetric in labs_lib/affine.py (`labs hint 05.2`)")


@exercise("05.3")
def sqnr_db(x: Tensor, x_hat: Tensor) -> float:
    """Signal-to-quantization-noise ratio: ``10 * log10(sum(x**2) / sum((x - x_hat)**2))``, in decibels.

    Scaling ``x`` and ``x_hat`` by one number changes nothing, and one bit more is worth about 6 dB.

    Args:
        x: the original values, any shape but empty, any floating dtype. Not modified.
        x_hat: the values to compare, same shape.

    Returns:
        Decibels, a float: ``math.inf`` when the two are equal, ``-math.inf`` when only ``x`` is all zero.

    Raises:
        TypeError: ``x`` or ``x_hat`` is not a floating-point tensor.
        ValueError: shapes differ or are empty; NaN.

    Example:
        >>> round(sqnr_db(torch.tensor([3.0, 4.0]), torch.tensor([3.0, 4.5])), 6)
        20.0

    About 5 lines, 6 minutes.
    Source: Bennett 1948, "Spectra of Quantized Signals"; Widrow and Kollar 2008, chapter 1.
    """
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    raise NotImplementedError("Exercise 05.3: write sqnr_db in labs_lib/affine.py (`labs hint 05.3`)")
