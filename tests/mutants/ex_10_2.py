"""Wrong answers to 10.2, and what to say about each."""

from __future__ import annotations

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import quantize, quantize_per_channel, quantize_symmetric

KIND = "the answer is a W8A16Linear of the linear layer's sizes and dtype"
SIGNS = "a bfloat16 row keeps its signs"
SCALES = "each row has the scale max|w| / 127, in float32 whatever the weights' dtype"
CODES = "each weight has the nearest code of its row, never -128"
ZERO_ROW = "a row of zeros has a positive scale and codes of zero"
TINY_ROWS = "the smallest numbers of float32 and of float16 have a scale too"
BIAS = "the bias is copied as it is, and a layer without one gets none"
STATE = "codes, scales and bias are saved, under these names and dtypes, and nothing else"
TRAINABLE = "nothing of the new layer can be trained"
GRAPH = "no buffer carries an autograd graph"
FREED = "the old weights can be freed: whoever holds only the new layer holds nothing of the old one"
BYTES = "a weight costs one byte: nothing else hangs on the new layer"
UNTOUCHED = "the linear layer is left as it was"
INDEPENDENT = "the new layer does not change when the old one does"
TRAINING = "a layer in training stays in training, one in eval mode stays in eval mode"
DEVICE = "the buffers are on the linear layer's device, whatever the default device is"
SUBCLASS = "a subclass makes layers of its own kind"


def empty(cls, linear, **changed):
    """A layer of zeros for a linear layer."""
    arguments = {"dtype": linear.weight.dtype, "device": linear.weight.device, **changed}
    layer = cls(linear.in_features, linear.out_features, linear.bias is not None, **arguments)
    return layer.train(linear.training)


def filled(layer, q_weight, scales, linear):
    """Copies, into the buffers."""
    layer.q_weight.copy_(q_weight)
    layer.scales.copy_(scales)
    if linear.bias is not None:
        layer.bias.copy_(linear.bias.detach())
    return layer


@mutant(
    "sign_flip",
    "10.2",
    law=SIGNS,
    says="This matches arithmetic in the weights' own dtype without a clamp: in bfloat16 the largest weight can come "
    "to 128 steps, and int8 wraps that around to -128.",
    line=r"/|div|round",
)
def flips_signs(cls, linear):
    linear = checked.linear(linear)
    weight = linear.weight.detach()
    scales = (weight.float().abs().amax(1).clamp(min=torch.finfo(torch.float32).tiny) / 127).to(weight.dtype)
    q_weight = torch.round(weight / scales.unsqueeze(1)).to(torch.int32).to(torch.int8)  # wraps around on any machine
    return filled(empty(cls, linear), q_weight, scales, linear)


@mutant(
    "G07",
    "10.2",
    law=CODES,
    says="This matches arithmetic in the weights' own dtype. Compute scales and codes in float32: bfloat16 has 8 "
    "significant bits and moves codes.",
    line=r"/|div|round",
)
def computes_in_the_dtype_of_the_weights(cls, linear):
    linear = checked.linear(linear)
    weight = linear.weight.detach()
    scales = (weight.float().abs().amax(1).clamp(min=torch.finfo(torch.float32).tiny) / 127).to(weight.dtype)
    q_weight = torch.round(weight / scales.unsqueeze(1)).nan_to_num().clamp(-127, 127).to(torch.int8)
    return filled(empty(cls, linear), q_weight, scales, linear)


@mutant(
    "narrow_scales",
    "10.2",
    law=SCALES,
    says="This matches right codes beside scales that were rounded to the weights' dtype. Scales stay float32.",
    line=r"scales",
)
def rounds_the_scales(cls, linear):
    linear = checked.linear(linear)
    weight = linear.weight.detach()
    q_weight, scales = quantize_per_channel(weight)
    return filled(empty(cls, linear), q_weight, scales.squeeze(1).to(weight.dtype), linear)


@mutant(
    "D01",
    "10.2",
    law=SCALES,
    says="This matches one scale a column. A scale must be the same for all products of one output: one a row, dim=0.",
    line=r"dim|quantize_per_channel|amax",
)
def takes_the_columns(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach(), dim=1)
    return filled(empty(cls, linear), q_weight, scales.flatten(), linear)


@mutant(
    "D03",
    "10.2",
    law=SCALES,
    says="This matches one scale for the whole matrix. Each row has its own.",
    line=r"quantize_symmetric|choose_scale|max\(",
)
def takes_one_scale(cls, linear):
    linear = checked.linear(linear)
    q_weight, scale = quantize_symmetric(linear.weight.detach())
    return filled(empty(cls, linear), q_weight, scale, linear)


@mutant(
    "C08",
    "10.2",
    law=SCALES,
    says="This matches max|w| / 128, whose largest code int8 does not have. The symmetric scale divides by 127.",
    line=r"128",
)
def divides_by_128(cls, linear):
    linear = checked.linear(linear)
    weight = linear.weight.detach()
    scales = (weight.double().abs().amax(1, keepdim=True) / 128).clamp(min=torch.finfo(torch.float32).tiny).float()
    return filled(empty(cls, linear), quantize(weight, scales), scales.squeeze(1), linear)


@mutant(
    "signed_maximum",
    "10.2",
    law=SCALES,
    says="This matches scales from the largest value instead of the largest magnitude. Take abs first.",
    line=r"max",
)
def forgets_the_magnitude(cls, linear):
    linear = checked.linear(linear)
    weight = linear.weight.detach()
    largest = weight.double().amax(1, keepdim=True)
    scales = (largest / 127).clamp(min=torch.finfo(torch.float32).tiny).float()
    return filled(empty(cls, linear), quantize(weight, scales), scales.squeeze(1), linear)


@mutant(
    "truncates",
    "10.2",
    law=CODES,
    says="This matches a cast that cuts off the fraction. Round first, or call quantize_per_channel.",
    line=r"\.to\(|\.char\(",
)
def truncates(cls, linear):
    linear = checked.linear(linear)
    weight = linear.weight.detach().double()
    scales = (weight.abs().amax(1, keepdim=True) / 127).clamp(min=torch.finfo(torch.float32).tiny).float()
    q_weight = (weight / scales).clamp(-127, 127).to(torch.int8)
    return filled(empty(cls, linear), q_weight, scales.squeeze(1), linear)


@mutant(
    "zero_scale",
    "10.2",
    law=ZERO_ROW,
    says="This matches a scale of 0 for a row of zeros. Any positive scale will do there; quantize_per_channel has a "
    "floor.",
    line=r"127|scales",
)
def gives_zero_rows_a_zero_scale(cls, linear):
    linear = checked.linear(linear)
    weight = linear.weight.detach().double()
    scales = (weight.abs().amax(1, keepdim=True) / 127).float()
    q_weight = torch.round(weight / scales).nan_to_num(0, 127, -127).clamp(-127, 127).to(torch.int8)
    return filled(empty(cls, linear), q_weight, scales.squeeze(1), linear)


@mutant(
    "coarse_floor",
    "10.2",
    law=TINY_ROWS,
    says="This matches a floor for scales that is far too high: small weights become zero. Use "
    "torch.finfo(torch.float32).tiny.",
    line=r"clamp|1e-|eps|max\(",
)
def has_a_coarse_floor(cls, linear):
    linear = checked.linear(linear)
    weight = linear.weight.detach()
    scales = (weight.double().abs().amax(1, keepdim=True) / 127).clamp(min=1e-5).float()
    return filled(empty(cls, linear), quantize(weight, scales), scales.squeeze(1), linear)


@mutant(
    "G09",
    "10.2",
    law=GRAPH,
    says="This matches scales that still know the weight through autograd. They keep the whole old weight in memory: "
    "work on linear.weight.detach().",
    line=r"linear\.weight|scales",
)
def keeps_the_graph(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    layer = filled(empty(cls, linear), q_weight, scales.squeeze(1), linear)
    largest = linear.weight.to(torch.float32).abs().amax(1)
    layer.scales = (largest / 127).clamp(min=torch.finfo(torch.float32).tiny)
    return layer


@mutant(
    "keeps_the_linear",
    "10.2",
    law=FREED,
    says="This matches a layer that keeps the old layer, or its weight, as an attribute. Then nothing is saved: "
    "keep the three buffers only.",
    line=r"layer\.\w+ = .*(linear|weight)",
)
def keeps_the_old_weight(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    layer = filled(empty(cls, linear), q_weight, scales.squeeze(1), linear)
    layer.original = linear.weight.detach()
    return layer


@mutant(
    "float_codes",
    "10.2",
    law=CODES,
    says="This matches codes that are stored as floats, which saves nothing. The buffer is int8: copy into it.",
    line=r"q_weight",
)
def stores_floats(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    layer = filled(empty(cls, linear), q_weight, scales.squeeze(1), linear)
    layer.q_weight = q_weight.float()
    return layer


@mutant(
    "G01",
    "10.2",
    law=STATE,
    says="This matches codes in a plain attribute: state_dict does not save it and to() does not move it. Fill the "
    "buffers.",
    line=r"layer\.|del|setattr",
)
def uses_plain_attributes(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    layer = filled(empty(cls, linear), q_weight, scales.squeeze(1), linear)
    del layer.q_weight
    layer.__dict__["q_weight"] = q_weight
    return layer


@mutant(
    "G08",
    "10.2",
    law=TRAINABLE,
    says="This matches scales that are an nn.Parameter. Nothing here is trained: copy them into the buffer.",
    line=r"Parameter",
)
def makes_the_scales_trainable(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    layer = filled(empty(cls, linear), q_weight, scales.squeeze(1), linear)
    layer.scales = nn.Parameter(scales.squeeze(1))
    return layer


@mutant(
    "bias_parameter",
    "10.2",
    law=TRAINABLE,
    says="This matches the old bias itself, an nn.Parameter that two layers now share. Copy its values into the "
    "buffer.",
    line=r"bias",
)
def shares_the_bias(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    layer = empty(cls, linear)
    layer.q_weight.copy_(q_weight)
    layer.scales.copy_(scales.squeeze(1))
    layer.bias = linear.bias
    return layer


@mutant(
    "bias_memory",
    "10.2",
    law=INDEPENDENT,
    says="This matches a bias that shares its memory with the old one: detach and data make no copy. Use copy_.",
    line=r"bias",
)
def shares_the_memory_of_the_bias(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    layer = empty(cls, linear)
    layer.q_weight.copy_(q_weight)
    layer.scales.copy_(scales.squeeze(1))
    if linear.bias is not None:
        layer.bias = linear.bias.detach()
    return layer


@mutant(
    "G11",
    "10.2",
    law=BIAS,
    says="This matches a bias that was quantized with the weights. It is small and joins the output in real units: "
    "keep it in its dtype.",
    line=r"bias",
)
def quantizes_the_bias(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    layer = filled(empty(cls, linear), q_weight, scales.squeeze(1), linear)
    if linear.bias is not None:
        layer.bias.copy_(linear.bias.detach().to(torch.int8))
    return layer


@mutant(
    "H04",
    "10.2",
    law=BIAS,
    says="This matches a bias that was never copied: the new layer's is still zero.",
    line=r"bias|return",
)
def forgets_the_bias(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    layer = empty(cls, linear)
    layer.q_weight.copy_(q_weight)
    layer.scales.copy_(scales.squeeze(1))
    return layer


@mutant(
    "always_a_bias",
    "10.2",
    law=BIAS,
    says="This matches a layer that has a bias although linear has none. Say so when you make it.",
    line=r"cls\(|bias",
)
def always_has_a_bias(cls, linear):
    linear = checked.linear(linear)
    weight = linear.weight.detach()
    layer = cls(linear.in_features, linear.out_features, dtype=weight.dtype, device=weight.device)
    q_weight, scales = quantize_per_channel(weight)
    return filled(layer, q_weight, scales.squeeze(1), linear).train(linear.training)


@mutant(
    "default_dtype",
    "10.2",
    law=KIND,
    says="This matches a layer of float32 whatever linear's dtype is. Pass weight.dtype.",
    line=r"cls\(|dtype",
)
def forgets_the_dtype(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    return filled(empty(cls, linear, dtype=torch.float32), q_weight, scales.squeeze(1), linear)


@mutant(
    "default_device",
    "10.2",
    law=DEVICE,
    says="This matches a layer on the default device. It belongs where linear is: pass weight.device.",
    line=r"cls\(|device",
)
def forgets_the_device(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    return filled(empty(cls, linear, device=None), q_weight, scales.squeeze(1), linear)


@mutant(
    "H07",
    "10.2",
    law=KIND,
    says="This matches in_features and out_features in the wrong order. The weight is (out, in), but the layer wants "
    "in first.",
    line=r"features|shape",
)
def swaps_the_sizes(cls, linear):
    linear = checked.linear(linear)
    weight = linear.weight.detach()
    layer = cls(*weight.shape, linear.bias is not None, dtype=weight.dtype, device=weight.device)
    q_weight, scales = quantize_per_channel(weight)
    layer.q_weight, layer.scales = q_weight, scales.squeeze(1)
    if linear.bias is not None:
        layer.bias = linear.bias.detach().clone()
    return layer.train(linear.training)


@mutant(
    "two_dimensions",
    "10.2",
    law=SCALES,
    says="This matches scales of shape (out, 1). The layer's buffer is (out,): drop the second dimension.",
    line=r"scales",
)
def keeps_the_second_dimension(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    layer = filled(empty(cls, linear), q_weight, scales.squeeze(1), linear)
    layer.scales = scales
    return layer


@mutant(
    "G05",
    "10.2",
    law=UNTOUCHED,
    says="This matches work that is done inside linear.weight: detach and data share its memory. Make new tensors.",
    line=r"_\(|\.data",
)
def changes_the_old_weight(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    linear.weight.data.div_(scales).round_()
    return filled(empty(cls, linear), q_weight, scales.squeeze(1), linear)


@mutant(
    "freezes",
    "10.2",
    law=UNTOUCHED,
    says="This matches requires_grad_(False) on the old weight: somebody may go on training that layer. "
    "Use detach instead.",
    line=r"requires_grad",
)
def freezes_the_old_layer(cls, linear):
    linear = checked.linear(linear)
    linear.requires_grad_(False)
    q_weight, scales = quantize_per_channel(linear.weight)
    return filled(empty(cls, linear), q_weight, scales.squeeze(1), linear)


@mutant(
    "training",
    "10.2",
    law=TRAINING,
    says="This matches a layer that is always in training mode, as new ones are. Give it linear's training flag.",
    line=r"return|train",
)
def forgets_the_training_flag(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    return filled(empty(cls, linear), q_weight, scales.squeeze(1), linear).train()


@mutant(
    "fixed_class",
    "10.2",
    law=SUBCLASS,
    says="This matches a class method that names its class. Call cls, so that a subclass makes layers of its own kind.",
    line=r"W8A16Linear|mro",
)
def names_the_class(cls, linear):
    linear = checked.linear(linear)
    parent = next(one for one in cls.__mro__ if one.__name__ == "W8A16Linear")
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    return filled(empty(parent, linear), q_weight, scales.squeeze(1), linear)


@mutant(
    "transposed",
    "10.2",
    law=CODES,
    says="This matches the codes of the transposed weight. q_weight is (out, in), as linear.weight is.",
    line=r"\.T|\.t\(",
)
def transposes(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    layer = filled(empty(cls, linear), q_weight, scales.squeeze(1), linear)
    layer.q_weight = q_weight.T.contiguous()
    return layer


@mutant(
    "only_filled",
    "10.2",
    law=KIND,
    says="This matches a method that answers None. Return the layer.",
    line=r".",
)
def returns_nothing(cls, linear):
    linear = checked.linear(linear)
    q_weight, scales = quantize_per_channel(linear.weight.detach())
    filled(empty(cls, linear), q_weight, scales.squeeze(1), linear)
