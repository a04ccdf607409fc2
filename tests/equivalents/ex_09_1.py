"""Other right answers to 09.1."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent


@equivalent("09.1")
def scale_after_the_product(x, q_weight, scale, zero_point=0, bias=None):
    """All products of an output share its scale and its zero point: both can wait for the sum, in float64."""
    x, q_weight = checked.floating("x", x), checked.features(x, q_weight)
    bias = checked.bias(bias, q_weight)
    scale = checked.scale(scale, like=q_weight).expand(q_weight.shape)[:, 0].double()
    zero_point = checked.zero_point(zero_point, like=q_weight).expand(q_weight.shape)[:, 0].double()
    wide = x.double()
    y = (wide @ q_weight.double().T - wide.sum(-1, keepdim=True) * zero_point) * scale
    return (y if bias is None else y + bias).to(x.dtype)


@equivalent("09.1")
def output_by_output(x, q_weight, scale, zero_point=0, bias=None):
    """As a beginner writes it: one output after the other."""
    x, q_weight = checked.floating("x", x), checked.features(x, q_weight)
    bias = checked.bias(bias, q_weight)
    steps = checked.scale(scale, like=q_weight).expand(q_weight.shape)
    zeros = checked.zero_point(zero_point, like=q_weight).expand(q_weight.shape)
    y = torch.zeros(*x.shape[:-1], len(q_weight), dtype=x.dtype)
    for index, codes in enumerate(q_weight):
        row = (codes.double() - zeros[index]) * steps[index]
        y[..., index] = (x * row.to(x.dtype)).sum(-1)
        if bias is not None:
            y[..., index] += bias[index].to(x.dtype)
    return y


@equivalent("09.1")
def as_an_einsum(x, q_weight, scale, zero_point=0, bias=None):
    """Without the other exercises: the weights in real units, then a sum over the shared index."""
    x, q_weight = checked.floating("x", x), checked.features(x, q_weight)
    bias = checked.bias(bias, q_weight)
    steps = q_weight.long() - checked.zero_point(zero_point, like=q_weight).long()
    weight = (steps.double() * checked.scale(scale, like=q_weight)).to(x.dtype)
    y = torch.einsum("...i,oi->...o", x, weight)
    return y if bias is None else y + bias.to(x.dtype)
