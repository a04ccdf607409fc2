"""A linear layer that keeps its weights in 8 bits and computes in the activations' precision (W8A16). Lesson 10."""

# This file is yours: write the bodies of its exercises. `labs check 10.1` judges one in a second,
# `labs hint 10.1` helps, `labs reset 10.1` brings an untouched stub back (your version is kept).

from __future__ import annotations

import torch
from torch import Tensor, nn

from labs_lib.course import checked
from labs_lib.course.exercise import exercise
from labs_lib.granularity import quantize_per_channel


@exercise("10.1")
def w8a16_forward(x: Tensor, q_weight: Tensor, scales: Tensor, bias: Tensor | None = None) -> Tensor:
    """Multiply activations by int8 codes, then scale each output: ``(x @ q_weight.T) * scales + bias``.

    The scale of a row multiplies every product of that row, so it can wait until the row is summed.

    Args:
        x: activations (..., in), any floating dtype. Not modified; gradients flow back to it.
        q_weight: symmetric codes (out, in), int8.
        scales: one a row of ``q_weight``, (out,), positive, float32.
        bias: (out,) in real units, or None.

    Returns:
        (..., out) in ``x``'s dtype. The arithmetic is float32 or wider: float16 would overflow at 65504, long before
        the scale has made the sum small.

    Raises:
        TypeError: ``x`` or ``bias`` is not floating, ``q_weight`` not integer.
        ValueError: shapes that do not fit; a scale that is not positive and finite (never filled?).

    Example:
        >>> q_weight = torch.tensor([[127, -3], [0, 100]], dtype=torch.int8)
        >>> w8a16_forward(torch.tensor([1.0, 10.0]), q_weight, torch.tensor([0.5, 0.25]))
        tensor([ 48.5000, 250.0000])

    About 4 lines, 10 minutes. In the video course: ``w8_a16_forward``.
    Source: Krishnamoorthi 2018, section 3.1.1 (weight-only quantization).
    """
    wide, q_weight = checked.activations("x", x), checked.features(x, q_weight)
    scales, bias = checked.row_scales(scales, q_weight), checked.bias(bias, q_weight)
    raise NotImplementedError("Exercise 10.1: write w8a16_forward in labs_lib/layers.py (`labs hint 10.1`)")


class W8A16Linear(nn.Module):
    """A linear layer with int8 weights and one float32 scale for each output.

    In the video course: ``W8A16LinearLayer``.

    Attributes:
        q_weight: buffer, int8, (out_features, in_features).
        scales: buffer, float32, (out_features,).
        bias: buffer of ``dtype``, (out_features,), or None.
        dtype: of the layer that it stands for.

    All three are zeros until ``from_linear`` or ``load_state_dict`` fills them. They are buffers, not parameters:
    integers cannot be trained, and what is saved must come back to the bit.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        self.in_features, self.out_features, self.dtype = in_features, out_features, dtype
        codes = torch.zeros(out_features, in_features, dtype=torch.int8, device=device)
        self.register_buffer("q_weight", codes)
        self.register_buffer("scales", torch.zeros(out_features, dtype=torch.float32, device=device))
        self.register_buffer("bias", torch.zeros(out_features, dtype=dtype, device=device) if bias else None)

    @classmethod
    @exercise("10.2")
    def from_linear(cls, linear: nn.Linear) -> W8A16Linear:
        """Quantize a linear layer: symmetric 8-bit codes, one scale a row, arithmetic in float32.

        Args:
            linear: the layer to replace; its weights are finite. Not modified, and nothing of it is kept alive.

        Returns:
            A new layer on the same device, with the bias copied, of ``linear``'s dtype and training mode.

        Raises:
            TypeError: ``linear`` is not an ``nn.Linear``.
            ValueError: its weights are empty or not finite.

        Example:
            >>> linear = nn.Linear(2, 2, bias=False)
            >>> _ = linear.weight.data.copy_(torch.tensor([[1.27, -0.3], [0.02, -12.7]]))
            >>> W8A16Linear.from_linear(linear).q_weight
            tensor([[ 127,  -30],
                    [   0, -127]], dtype=torch.int8)

        About 8 lines, 15 minutes. In the video course: ``W8A16LinearLayer.quantize``.
        Source: Krishnamoorthi 2018, section 3.1.1.
        """
        linear = checked.linear(linear)
        raise NotImplementedError("Exercise 10.2: write from_linear in labs_lib/layers.py (`labs hint 10.2`)")

    @exercise("10.3")
    def forward(self, x: Tensor) -> Tensor:
        """What the float layer would answer, up to rounding.

        Args:
            x: activations (..., in_features), any floating dtype.

        Returns:
            (..., out_features) in ``x``'s dtype. An output of row i is off by at most
            ``scales[i] / 2 * sum(|x|)``: half a step a weight.

        Raises:
            TypeError, ValueError: as ``w8a16_forward``.

        Example:
            >>> layer = W8A16Linear(2, 1, bias=False)
            >>> _ = layer.q_weight.fill_(100), layer.scales.fill_(0.5)
            >>> layer(torch.tensor([[1.0, -2.0]]))
            tensor([[-50.]])

        About 1 lines, 4 minutes.
        Source: Krishnamoorthi 2018, section 3.1.1.
        """
        raise NotImplementedError("Exercise 10.3: write forward in labs_lib/layers.py (`labs hint 10.3`)")

    @property
    def weight(self) -> Tensor:
        """The dequantized weights, computed anew at each call: for code that reads ``linear.weight`` (T5 does)."""
        return (self.q_weight * self.scales.unsqueeze(1)).to(self.dtype)

    def extra_repr(self) -> str:
        bias = self.bias is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={bias}, dtype={self.dtype}"
