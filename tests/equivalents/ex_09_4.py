"""Other right answers to 09.4."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import quantize


def parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias):
    """The given checks, the codes of the activations, and the zero point as an int."""
    q_weight = checked.accumulator(checked.features(x, q_weight))
    x_scale, z = checked.one_value("x_scale", x_scale), checked.one_value("x_zero_point", x_zero_point)
    weight_scale, bias = checked.output_scale("weight_scale", weight_scale, q_weight), checked.bias(bias, q_weight)
    return quantize(x, x_scale, z, signed=False), x_scale, int(z), q_weight, weight_scale, bias


@equivalent("09.4")
def shift_first(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    """The left side of the equation: shift every activation in int64, then multiply."""
    q_x, s, z, q_weight, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    y = ((q_x.long() - z) @ q_weight.long().T).float() * s * weight_scale
    return y if bias is None else y + bias.float()


@equivalent("09.4")
def correction_in_the_bias(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    """As inference engines do it: what does not depend on x is made once and kept as one offset, in float64."""
    q_x, s, z, q_weight, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    steps = float(s) * weight_scale.double()
    row_sums = torch.tensor([sum(row) for row in q_weight.tolist()], dtype=torch.float64)
    offset = (0.0 if bias is None else bias.double()) - z * row_sums * steps
    return ((q_x.double() @ q_weight.double().T) * steps + offset).float()


@equivalent("09.4")
def one_more_feature(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    """The correction as one more column: an activation of 1 that meets the weight -z * rowsum."""
    q_x, s, z, q_weight, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    ones = torch.ones(*q_x.shape[:-1], 1, dtype=torch.int64)
    column = -z * q_weight.sum(1, keepdim=True, dtype=torch.int64)
    sums = torch.cat([q_x.long(), ones], -1) @ torch.cat([q_weight.long(), column], -1).T
    y = sums.float() * s * weight_scale
    return y if bias is None else y + bias.float()


@equivalent("09.4")
def with_signed_codes(x, x_scale, x_zero_point, q_weight, weight_scale, bias=None):
    """For processors that multiply int8 by int8: codes and zero point move down by 128, the difference stays."""
    q_x, s, z, q_weight, weight_scale, bias = parts(x, x_scale, x_zero_point, q_weight, weight_scale, bias)
    signed = (q_x.to(torch.int16) - 128).to(torch.int8)
    wide = q_weight.to(torch.int32)
    sums = signed.to(torch.int32) @ wide.T - (z - 128) * wide.sum(1, dtype=torch.int32)
    y = sums.float() * (s * weight_scale)
    return y if bias is None else y + bias.float()
