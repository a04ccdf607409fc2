"""Other right answers to 16.3."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import pack, quantize_per_group, quantize_symmetric, to_unsigned


@equivalent("16.3")
def without_gradients(cls, linear, *, bits=4, group_size=32):
    """Under no_grad, with new tensors put in the place of the buffers."""
    linear = checked.linear(linear)
    with torch.no_grad():
        layer = cls(
            linear.in_features,
            linear.out_features,
            linear.bias is not None,
            bits=bits,
            group_size=group_size,
            dtype=linear.weight.dtype,
            device="cpu",
        )
        q, layer.scales = quantize_per_group(linear.weight, group_size, bits=bits)
        layer.packed_weight = pack(to_unsigned(q, bits), bits)
        layer.bias = None if linear.bias is None else linear.bias.detach().clone()
        layer.training = linear.training
    return layer


@equivalent("16.3")
def through_a_state_dict(cls, linear, *, bits=4, group_size=32):
    """As a file would be loaded: a skeleton on the meta device, then load_state_dict with assign."""
    linear = checked.linear(linear)
    outputs, inputs = linear.weight.shape
    form = {"bits": bits, "group_size": group_size, "dtype": linear.weight.dtype}
    layer = cls(inputs, outputs, bias=linear.bias is not None, **form, device="meta")
    q, scales = quantize_per_group(linear.weight.data, bits=bits, group_size=group_size)
    codes = (q.short() + 2**bits // 2).byte()
    state = {"packed_weight": pack(codes, bits), "scales": scales}
    if linear.bias is not None:
        state["bias"] = linear.bias.detach().clone()
    layer.load_state_dict(state, assign=True)
    return layer.train(linear.training)


@equivalent("16.3")
def group_by_group(cls, linear, *, bits=4, group_size=32):
    """As a beginner writes it: one row after the other, and in it one group, into buffers of zeros."""
    linear = checked.linear(linear)
    has_bias, weight = linear.bias is not None, linear.weight.data
    form = {"bits": bits, "group_size": group_size, "dtype": weight.dtype, "device": weight.device}
    layer = cls(linear.in_features, linear.out_features, has_bias, **form)
    for index, row in enumerate(weight):
        codes = []
        for group, part in enumerate(row.split(group_size)):
            q, scale = quantize_symmetric(part, bits=bits)
            layer.scales[index, group] = scale
            codes += [code + 2 ** (bits - 1) for code in q.tolist()]
        layer.packed_weight[index] = pack(torch.tensor(codes, device=weight.device), bits)
    if has_bias:
        layer.bias[:] = linear.bias.data
    if not linear.training:
        layer.eval()
    return layer
