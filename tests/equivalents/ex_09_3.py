"""Other right answers to 09.3."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import quantize_per_token


@equivalent("09.3")
def in_float64(x, q_weight, weight_scale, bias=None):
    """float64 holds every integer up to 2**53, so its sums are exact too."""
    q_weight = checked.accumulator(checked.features(x, q_weight))
    weight_scale, bias = checked.output_scale("weight_scale", weight_scale, q_weight), checked.bias(bias, q_weight)
    q_x, x_scale = quantize_per_token(x)
    y = (q_x.double() @ q_weight.double().T) * (x_scale.double() * weight_scale.double())
    return (y if bias is None else y + bias.double()).float()


@equivalent("09.3")
def output_by_output(x, q_weight, weight_scale, bias=None):
    """As a beginner writes it: multiply and add in int64, one output after the other."""
    q_weight = checked.accumulator(checked.features(x, q_weight))
    weight_scale, bias = checked.output_scale("weight_scale", weight_scale, q_weight), checked.bias(bias, q_weight)
    q_x, x_scale = quantize_per_token(x)
    outputs = []
    for index, row in enumerate(q_weight.long()):
        y = (q_x.long() * row).sum(-1).float() * weight_scale[index] * x_scale[..., 0]
        outputs.append(y if bias is None else y + bias[index].float())
    return torch.stack(outputs, dim=-1)


@equivalent("09.3")
def in_blocks(x, q_weight, weight_scale, bias=None):
    """As a kernel does it: 64 features at a time, one running int32 sum for each output."""
    q_weight = checked.accumulator(checked.features(x, q_weight))
    weight_scale, bias = checked.output_scale("weight_scale", weight_scale, q_weight), checked.bias(bias, q_weight)
    q_x, x_scale = quantize_per_token(x)
    sums = torch.zeros(*x.shape[:-1], len(q_weight), dtype=torch.int32)
    for q_part, w_part in zip(q_x.split(64, dim=-1), q_weight.split(64, dim=-1), strict=True):
        sums += q_part.to(torch.int32) @ w_part.to(torch.int32).T
    y = sums.float().mul(x_scale).mul(weight_scale)
    return y if bias is None else y.add(bias.float())


@equivalent("09.3")
def as_an_einsum(x, q_weight, weight_scale, bias=None):
    """A sum over the shared index, in int64, flattened and given back its shape."""
    q_weight = checked.accumulator(checked.features(x, q_weight))
    weight_scale, bias = checked.output_scale("weight_scale", weight_scale, q_weight), checked.bias(bias, q_weight)
    q_x, x_scale = quantize_per_token(x.reshape(-1, x.shape[-1]))
    y = torch.einsum("ti,oi->to", q_x.long(), q_weight.long()).float() * (x_scale * weight_scale)
    y = y if bias is None else y + bias.float()
    return y.reshape(*x.shape[:-1], -1)
