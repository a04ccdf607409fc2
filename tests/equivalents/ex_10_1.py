"""Other right answers to 10.1."""

from __future__ import annotations

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import equivalent


@equivalent("10.1")
def in_float64(x, q_weight, scales, bias=None):
    """Everything in the widest floats, rounded once."""
    wide, q_weight = checked.activations("x", x), checked.features(x, q_weight)
    scales, bias = checked.row_scales(scales, q_weight), checked.bias(bias, q_weight)
    y = (wide.double() @ q_weight.double().T) * scales.double()
    return (y if bias is None else y + bias.double()).to(x.dtype)


@equivalent("10.1")
def by_columns(x, q_weight, scales, bias=None):
    """As W times x, with features in front: rows of the result are outputs, and the scales a column."""
    wide, q_weight = checked.activations("x", x), checked.features(x, q_weight)
    scales, bias = checked.row_scales(scales, q_weight), checked.bias(bias, q_weight)
    flat = wide.reshape(-1, wide.shape[-1])
    y = q_weight.to(wide.dtype) @ flat.T * scales.reshape(-1, 1)
    y = y if bias is None else y + bias.reshape(-1, 1)
    return y.T.reshape(*x.shape[:-1], len(q_weight)).to(x.dtype)


@equivalent("10.1")
def row_by_row(x, q_weight, scales, bias=None):
    """As a beginner writes it: one output after the other."""
    wide, q_weight = checked.activations("x", x), checked.features(x, q_weight)
    scales, bias = checked.row_scales(scales, q_weight), checked.bias(bias, q_weight)
    outputs = []
    for index, row in enumerate(q_weight):
        y = (wide * row.to(wide.dtype)).sum(-1) * scales[index]
        outputs.append(y if bias is None else y + bias[index])
    return torch.stack(outputs, dim=-1).to(x.dtype)


@equivalent("10.1")
def in_chunks(x, q_weight, scales, bias=None):
    """A few rows of the matrix at a time, so that the float copy of the weights stays small."""
    wide, q_weight = checked.activations("x", x), checked.features(x, q_weight)
    scales, bias = checked.row_scales(scales, q_weight), checked.bias(bias, q_weight)
    pieces = [nn.functional.linear(wide, codes.to(wide.dtype)) for codes in q_weight.split(3)]
    y = torch.cat(pieces, dim=-1).mul(scales)
    return torch.add(y, 0 if bias is None else bias).to(x.dtype)
