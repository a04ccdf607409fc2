"""Other right answers to 10.2."""

from __future__ import annotations

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import choose_scale, quantize, quantize_per_channel


@equivalent("10.2")
def without_gradients(cls, linear):
    """Under no_grad, with new tensors put in the place of the buffers."""
    linear = checked.linear(linear)
    with torch.no_grad():
        has_bias = linear.bias is not None
        layer = cls(linear.in_features, linear.out_features, has_bias, dtype=linear.weight.dtype, device="cpu")
        layer.q_weight, scales = quantize_per_channel(linear.weight)
        layer.scales = scales.flatten()
        layer.bias = linear.bias.detach().clone() if has_bias else None
        layer.training = linear.training
    return layer


@equivalent("10.2")
def through_a_state_dict(cls, linear):
    """As a file would be loaded: a skeleton on the meta device, then load_state_dict with assign."""
    linear = checked.linear(linear)
    outputs, inputs = linear.weight.shape
    layer = cls(inputs, outputs, bias=linear.bias is not None, dtype=linear.weight.dtype, device="meta")
    wide = linear.weight.detach().double()
    scales = (wide.abs().amax(1) / 127).clamp(min=torch.finfo(torch.float32).tiny).float()
    state = {"q_weight": (wide / scales[:, None]).round().clamp(-127, 127).to(torch.int8), "scales": scales}
    if linear.bias is not None:
        state["bias"] = linear.bias.detach().clone()
    layer.load_state_dict(state, assign=True)
    return layer.train(linear.training)


@equivalent("10.2")
def row_by_row(cls, linear):
    """As a beginner writes it: one row after the other, into buffers of zeros."""
    linear = checked.linear(linear)
    layer = cls(
        linear.in_features,
        linear.out_features,
        bias=isinstance(linear.bias, nn.Parameter),
        dtype=linear.weight.dtype,
        device=linear.weight.device,
    )
    for index, row in enumerate(linear.weight.data):
        scale = choose_scale(row)
        layer.scales[index] = scale
        layer.q_weight[index] = quantize(row, scale)
    if linear.bias is not None:
        layer.bias[:] = linear.bias.data
    if not linear.training:
        layer.eval()
    return layer
