"""Wrong answers to 16.3, and what to say about each."""

from __future__ import annotations

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import pack, quantize, quantize_per_channel, quantize_per_group, to_unsigned

EXAMPLE = "codes of 4 bits: 0.7, -0.7, 0, 0.1 with the scale 0.1 are 15, 1, 8, 9, the bytes 0x1F and 0x98"
KIND = "the answer is a PackedLinear of the linear layer's sizes and dtype, with the bits and group size asked for"
SCALES = "every group of a row has the float32 scale max|w| / (2**(bits-1) - 1), whatever the weights' dtype"
CODES = "the bytes hold, for every weight, the nearest code of its group plus 2**(bits-1)"
SHORT = "in_features need not divide: neither the bytes nor the last group is full then"
ZEROS = "weights of zero have the code 2**(bits-1), and a scale that is positive"
BIAS = "the bias is copied as it is, and a layer without one gets none"
STATE = "bytes, scales and bias are saved, under these names and dtypes, and nothing else"
BYTES = "its memory is ceil(in * bits / 8) bytes a row, 4 bytes a scale, and the bias: nothing else hangs on it"
TRAINABLE = "nothing of the new layer can be trained"
GRAPH = "no buffer carries an autograd graph"
FREED = "the old weights can be freed: whoever holds only the new layer holds nothing of the old one"
UNTOUCHED = "the linear layer is left as it was"
INDEPENDENT = "the new layer does not change when the old one does"
TRAINING = "a layer in training stays in training, one in eval mode stays in eval mode"
DEVICE = "the buffers are on the linear layer's device, whatever the default device is"
SUBCLASS = "a subclass makes layers of its own kind"


def empty(cls, linear, bits, group_size, **changed):
    """A layer of zeros for a linear layer."""
    arguments = {"dtype": linear.weight.dtype, "device": linear.weight.device, **changed}
    has_bias = linear.bias is not None
    layer = cls(linear.in_features, linear.out_features, has_bias, bits=bits, group_size=group_size, **arguments)
    return layer.train(linear.training)


def filled(layer, packed_weight, scales, linear):
    """Copies, into the buffers."""
    layer.packed_weight.copy_(packed_weight)
    layer.scales.copy_(scales)
    if linear.bias is not None:
        layer.bias.copy_(linear.bias.detach())
    return layer


def bytes_and_scales(linear, bits, group_size):
    """What belongs into the buffers."""
    q, scales = quantize_per_group(linear.weight.detach(), group_size, bits=bits)
    return pack(to_unsigned(q, bits), bits), scales


@mutant(
    "J07",
    "16.3",
    law=EXAMPLE,
    says="This matches signed codes that are packed as they are, which pack refuses. Make them unsigned first.",
    line=r"pack\(",
)
def packs_signed_codes(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    q, scales = quantize_per_group(linear.weight.detach(), group_size, bits=bits)
    return filled(layer, pack(q, bits), scales, linear)


@mutant(
    "J15",
    "16.3",
    law=EXAMPLE,
    says="This matches codes in two's complement: their low bits as they are. The layer holds offset binary, which "
    "to_unsigned makes.",
    line=r"&|%",
)
def packs_twos_complement(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    q, scales = quantize_per_group(linear.weight.detach(), group_size, bits=bits)
    return filled(layer, pack(q.to(torch.int16) & 2**bits - 1, bits), scales, linear)


@mutant(
    "not_packed",
    "16.3",
    law=EXAMPLE,
    says="This matches one code a byte. The buffer has 8 // bits codes in each: pack the codes.",
    line=r"to_unsigned",
)
def does_not_pack(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    q, scales = quantize_per_group(linear.weight.detach(), group_size, bits=bits)
    layer = filled(layer, torch.zeros_like(layer.packed_weight), scales, linear)
    layer.packed_weight = to_unsigned(q, bits)
    return layer


@mutant(
    "J01",
    "16.3",
    law=EXAMPLE,
    says="This matches the first code of a byte in its highest bits. pack puts it in the lowest ones.",
    line=r"flip|<<",
)
def packs_the_other_way_round(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    q, scales = quantize_per_group(linear.weight.detach(), group_size, bits=bits)
    codes, per_byte = to_unsigned(q, bits), 8 // bits
    codes = nn.functional.pad(codes, (0, -codes.shape[-1] % per_byte))
    codes = codes.unflatten(-1, (-1, per_byte)).flip(-1).flatten(-2)
    return filled(layer, pack(codes, bits), scales, linear)


@mutant(
    "packs_down",
    "16.3",
    law=EXAMPLE,
    says="This matches bytes that hold codes of one column. pack works along the last axis: hand it (out, in).",
    line=r"\.T|\.t\(|transpose",
)
def packs_down_the_columns(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    q, scales = quantize_per_group(linear.weight.detach(), group_size, bits=bits)
    layer = filled(layer, torch.zeros_like(layer.packed_weight), scales, linear)
    layer.packed_weight = pack(to_unsigned(q, bits).T, bits).T.contiguous()
    return layer


@mutant(
    "flat",
    "16.3",
    law=EXAMPLE,
    says="This matches bytes of all rows in one line. Hand pack the matrix as it is: every row has bytes of its own.",
    line=r"flatten|reshape|view",
)
def packs_one_long_row(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    q, scales = quantize_per_group(linear.weight.detach(), group_size, bits=bits)
    layer = filled(layer, torch.zeros_like(layer.packed_weight), scales, linear)
    layer.packed_weight = pack(to_unsigned(q, bits).flatten(), bits)
    return layer


@mutant(
    "default_bits",
    "16.3",
    law=KIND,
    says="This matches a layer that was made without its bits: it thinks that it has 4. Pass bits=bits to cls.",
    line=r"cls\(",
)
def forgets_the_bits_of_the_layer(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    weight, has_bias = linear.weight.detach(), linear.bias is not None
    form = {"group_size": checked.whole("group_size", group_size), "dtype": weight.dtype, "device": weight.device}
    layer = cls(linear.in_features, linear.out_features, has_bias, **form)
    layer.packed_weight, layer.scales = bytes_and_scales(linear, checked.layer_bits(bits), group_size)
    if has_bias:
        layer.bias.copy_(linear.bias.detach())
    return layer.train(linear.training)


@mutant(
    "default_group_size",
    "16.3",
    law=KIND,
    says="This matches a layer that was made without its group size: its scales are those of groups of 32. Pass "
    "group_size=group_size to cls.",
    line=r"cls\(",
)
def forgets_the_group_size_of_the_layer(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    weight, has_bias = linear.weight.detach(), linear.bias is not None
    size = checked.whole("group_size", group_size)
    form = {"bits": bits, "dtype": weight.dtype, "device": weight.device}
    layer = cls(linear.in_features, linear.out_features, has_bias, **form)
    layer.packed_weight, layer.scales = bytes_and_scales(linear, bits, size)
    if has_bias:
        layer.bias.copy_(linear.bias.detach())
    return layer.train(linear.training)


@mutant(
    "quantizes_to_8_bits",
    "16.3",
    law=EXAMPLE,
    says="This matches codes of 8 bits, the default of quantize_per_group. They do not fit fewer: pass bits=bits.",
    line=r"quantize_per_group",
)
def quantizes_to_eight_bits(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    q, scales = quantize_per_group(linear.weight.detach(), group_size)
    return filled(layer, pack(to_unsigned(q, bits), bits), scales, linear)


@mutant(
    "ignores_the_group_size",
    "16.3",
    law=CODES,
    says="This matches one scale a row, written into every group. Each group has its own: quantize_per_group.",
    line=r"quantize_per_channel|choose_scale_per_channel",
)
def takes_one_scale_a_row(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    q, scales = quantize_per_channel(linear.weight.detach(), bits=bits)
    return filled(layer, pack(to_unsigned(q, bits), bits), scales, linear)


@mutant(
    "always_32",
    "16.3",
    law=CODES,
    says="This matches groups of 32 whatever group_size is. Pass it to quantize_per_group.",
    line=r"32",
)
def always_takes_groups_of_32(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    q, scales = quantize_per_group(linear.weight.detach(), 32, bits=bits)
    layer.scales = scales
    return filled(layer, pack(to_unsigned(q, bits), bits), scales, linear)


@mutant(
    "E03",
    "16.3",
    law=EXAMPLE,
    says="This matches scales of the shape (groups, out). The buffer is (out, groups), as quantize_per_group answers.",
    line=r"scales.*(\.T|\.t\()",
)
def transposes_the_scales(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    packed_weight, scales = bytes_and_scales(linear, bits, group_size)
    layer = filled(layer, packed_weight, scales, linear)
    layer.scales = scales.T.contiguous()
    return layer


@mutant(
    "groups_down",
    "16.3",
    law=SCALES,
    says="This matches groups that run down the columns. A group holds neighbours of a row: quantize (out, in).",
    line=r"\.T|\.t\(|transpose",
)
def groups_down_the_columns(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    q, scales = quantize_per_group(linear.weight.detach().T, group_size, bits=bits)
    layer = filled(layer, pack(to_unsigned(q.T, bits), bits), layer.scales, linear)
    layer.scales = scales.T.contiguous()
    return layer


@mutant(
    "crosses_rows",
    "16.3",
    law=SCALES,
    says="This matches groups that were cut from the flattened weights: with a short last group they cross rows. "
    "quantize_per_group takes the matrix as it is.",
    line=r"flatten|reshape|view",
)
def lets_groups_cross_rows(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    weight = linear.weight.detach()
    q, scales = quantize_per_group(weight.flatten(), group_size, bits=bits)
    layer = filled(layer, pack(to_unsigned(q.reshape(weight.shape), bits), bits), layer.scales, linear)
    layer.scales = scales.reshape(len(weight), -1) if scales.numel() % len(weight) == 0 else scales
    return layer


@mutant(
    "pads_the_weight",
    "16.3",
    law=SHORT,
    says="This matches rows that were lengthened to whole groups before they were packed. Pack the codes of the "
    "weights only.",
    line=r"pad\(",
)
def packs_the_padding(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    weight = linear.weight.detach()
    wide = nn.functional.pad(weight.float(), (0, -weight.shape[1] % min(group_size, weight.shape[1])))
    q, scales = quantize_per_group(wide.to(torch.promote_types(weight.dtype, torch.float32)), group_size, bits=bits)
    if wide.shape == weight.shape:
        q, scales = quantize_per_group(weight, group_size, bits=bits)
    layer.packed_weight = pack(to_unsigned(q, bits), bits)
    return filled(layer, layer.packed_weight, scales, linear)


@mutant(
    "G07",
    "16.3",
    law=CODES,
    says="This matches codes computed in the weights' own dtype. bfloat16 has 8 significant bits and moves codes: "
    "quantize_per_group computes in float32.",
    line=r"/|div|round",
)
def computes_in_the_dtype_of_the_weights(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    weight, top = linear.weight.detach(), 2 ** (bits - 1) - 1
    _, scales = quantize_per_group(weight, group_size, bits=bits)
    wide = scales.repeat_interleave(group_size, dim=1)[:, : weight.shape[1]].to(weight.dtype)
    q = torch.round(weight / wide).nan_to_num(0, top, -top).clamp(-top, top).to(torch.int8)
    return filled(layer, pack(to_unsigned(q, bits), bits), scales, linear)


@mutant(
    "narrow_scales",
    "16.3",
    law=SCALES,
    says="This matches scales that were rounded to the weights' dtype. They stay float32 here.",
    line=r"scales",
)
def rounds_the_scales(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    packed_weight, scales = bytes_and_scales(linear, bits, group_size)
    return filled(layer, packed_weight, scales.to(linear.weight.dtype), linear)


@mutant(
    "D06",
    "16.3",
    law=EXAMPLE,
    says="This matches scales in float16. The layer can hold them, but from_linear makes float32 ones, so that the "
    "scales of small groups do not become 0.",
    line=r"float16|half",
)
def makes_float16_scales(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size, scale_dtype=torch.float16)
    return filled(layer, *bytes_and_scales(linear, bits, group_size), linear)


@mutant(
    "C08",
    "16.3",
    law=EXAMPLE,
    says="This matches scales of max|w| / 2**(bits-1), whose largest code does not exist. Symmetric codes end at "
    "2**(bits-1) - 1.",
    line=r"/",
)
def uses_the_whole_range(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    weight, half = linear.weight.detach(), 2 ** (bits - 1)
    _, scales = quantize_per_group(weight, group_size, bits=bits)
    scales = (scales * (half - 1) / half).clamp(min=torch.finfo(torch.float32).tiny)
    q = quantize(weight, scales.repeat_interleave(group_size, dim=1)[:, : weight.shape[1]], bits=bits)
    return filled(layer, pack(to_unsigned(q, bits), bits), scales, linear)


@mutant(
    "zero_scale",
    "16.3",
    law=ZEROS,
    says="This matches a scale of 0 for a group of zeros. Any positive scale will do there; quantize_per_group has a "
    "floor.",
    line=r"scales",
)
def gives_zero_groups_a_zero_scale(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    packed_weight, scales = bytes_and_scales(linear, bits, group_size)
    scales = torch.where(scales <= torch.finfo(torch.float32).tiny, 0.0, scales)
    return filled(layer, packed_weight, scales, linear)


@mutant(
    "H04",
    "16.3",
    law=EXAMPLE,
    says="This matches a bias that was never copied: the new layer's is still zero.",
    line=r"bias|return",
)
def forgets_the_bias(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size)
    packed_weight, scales = bytes_and_scales(linear, bits, group_size)
    layer.packed_weight.copy_(packed_weight)
    layer.scales.copy_(scales)
    return layer


@mutant(
    "always_a_bias",
    "16.3",
    law=BIAS,
    says="This matches a layer that has a bias although linear has none. Say so when you make it.",
    line=r"cls\(|bias",
)
def always_has_a_bias(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    weight = linear.weight.detach()
    form = {"bits": bits, "group_size": group_size, "dtype": weight.dtype, "device": weight.device}
    layer = cls(linear.in_features, linear.out_features, **form)
    return filled(layer, *bytes_and_scales(linear, bits, group_size), linear).train(linear.training)


@mutant(
    "G11",
    "16.3",
    law=EXAMPLE,
    says="This matches a bias that was quantized with the weights. It is small and joins the output in real units: "
    "keep it in its dtype.",
    line=r"bias",
)
def quantizes_the_bias(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = filled(empty(cls, linear, bits, group_size), *bytes_and_scales(linear, bits, group_size), linear)
    if linear.bias is not None:
        layer.bias.copy_(linear.bias.detach().to(torch.int8))
    return layer


@mutant(
    "bias_parameter",
    "16.3",
    law=TRAINABLE,
    says="This matches the old bias itself, an nn.Parameter that two layers now share. Copy its values into the "
    "buffer.",
    line=r"bias",
)
def shares_the_bias(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = filled(empty(cls, linear, bits, group_size), *bytes_and_scales(linear, bits, group_size), linear)
    layer.bias = linear.bias
    return layer


@mutant(
    "bias_memory",
    "16.3",
    law=INDEPENDENT,
    says="This matches a bias that shares its memory with the old one: detach and data make no copy. Use copy_.",
    line=r"bias",
)
def shares_the_memory_of_the_bias(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = filled(empty(cls, linear, bits, group_size), *bytes_and_scales(linear, bits, group_size), linear)
    if linear.bias is not None:
        layer.bias = linear.bias.detach()
    return layer


@mutant(
    "keeps_the_linear",
    "16.3",
    law=FREED,
    says="This matches a layer that keeps the old layer, or its weight, as an attribute. Then nothing is saved: "
    "keep the three buffers only.",
    line=r"layer\.\w+ = .*(linear|weight)",
)
def keeps_the_old_weight(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = filled(empty(cls, linear, bits, group_size), *bytes_and_scales(linear, bits, group_size), linear)
    layer.original = linear.weight.detach()
    return layer


@mutant(
    "keeps_the_codes",
    "16.3",
    law=BYTES,
    says="This matches a layer that keeps the unpacked codes too, one byte each. The packed ones are enough.",
    line=r"layer\.\w+ = ",
)
def keeps_the_codes(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = filled(empty(cls, linear, bits, group_size), *bytes_and_scales(linear, bits, group_size), linear)
    layer.codes = to_unsigned(quantize_per_group(linear.weight.detach(), group_size, bits=bits)[0], bits)
    return layer


@mutant(
    "G08",
    "16.3",
    law=TRAINABLE,
    says="This matches scales that are an nn.Parameter. Nothing here is trained: copy them into the buffer.",
    line=r"Parameter",
)
def makes_the_scales_trainable(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = filled(empty(cls, linear, bits, group_size), *bytes_and_scales(linear, bits, group_size), linear)
    scales = layer.scales.clone()
    del layer.scales
    layer.scales = nn.Parameter(scales)
    return layer


@mutant(
    "G09",
    "16.3",
    law=GRAPH,
    says="This matches scales that still know the weight through autograd. They keep the whole old weight in memory: "
    "work on linear.weight.detach().",
    line=r"linear\.weight|scales",
)
def keeps_the_graph(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = filled(empty(cls, linear, bits, group_size), *bytes_and_scales(linear, bits, group_size), linear)
    layer.scales = layer.scales + 0 * linear.weight.float().clamp(-1, 1).sum()
    return layer


@mutant(
    "G01",
    "16.3",
    law=STATE,
    says="This matches bytes in a plain attribute: state_dict does not save it and to() does not move it. Fill the "
    "buffers.",
    line=r"layer\.|del|setattr",
)
def uses_plain_attributes(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = filled(empty(cls, linear, bits, group_size), *bytes_and_scales(linear, bits, group_size), linear)
    packed_weight = layer.packed_weight
    del layer.packed_weight
    layer.__dict__["packed_weight"] = packed_weight
    return layer


@mutant(
    "default_dtype",
    "16.3",
    law=KIND,
    says="This matches a layer of float32 whatever linear's dtype is. Pass weight.dtype.",
    line=r"cls\(|dtype",
)
def forgets_the_dtype(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size, dtype=torch.float32)
    return filled(layer, *bytes_and_scales(linear, bits, group_size), linear)


@mutant(
    "default_device",
    "16.3",
    law=DEVICE,
    says="This matches a layer on the default device. It belongs where linear is: pass weight.device.",
    line=r"cls\(|device",
)
def forgets_the_device(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size, device=None)
    return filled(layer, *bytes_and_scales(linear, bits, group_size), linear)


@mutant(
    "H07",
    "16.3",
    law=KIND,
    says="This matches in_features and out_features in the wrong order. The weight is (out, in), but the layer wants "
    "in first.",
    line=r"features|shape",
)
def swaps_the_sizes(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    weight = linear.weight.detach()
    form = {"bits": bits, "group_size": group_size, "dtype": weight.dtype, "device": weight.device}
    layer = cls(*weight.shape, linear.bias is not None, **form)
    layer.packed_weight, layer.scales = bytes_and_scales(linear, bits, group_size)
    if linear.bias is not None:
        layer.bias = linear.bias.detach().clone()
    return layer.train(linear.training)


@mutant(
    "G05",
    "16.3",
    law=UNTOUCHED,
    says="This matches work that is done inside linear.weight: detach and data share its memory. Make new tensors.",
    line=r"_\(|\.data",
)
def changes_the_old_weight(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = filled(empty(cls, linear, bits, group_size), *bytes_and_scales(linear, bits, group_size), linear)
    linear.weight.data.div_(linear.weight.data.abs().amax()).round_()
    return layer


@mutant(
    "freezes",
    "16.3",
    law=UNTOUCHED,
    says="This matches requires_grad_(False) on the old weight: somebody may go on training that layer. "
    "Use detach instead.",
    line=r"requires_grad",
)
def freezes_the_old_layer(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    linear.requires_grad_(False)
    return filled(empty(cls, linear, bits, group_size), *bytes_and_scales(linear, bits, group_size), linear)


@mutant(
    "training",
    "16.3",
    law=TRAINING,
    says="This matches a layer that is always in training mode, as new ones are. Give it linear's training flag.",
    line=r"return|train",
)
def forgets_the_training_flag(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    layer = empty(cls, linear, bits, group_size).train()
    return filled(layer, *bytes_and_scales(linear, bits, group_size), linear)


@mutant(
    "fixed_class",
    "16.3",
    law=SUBCLASS,
    says="This matches a class method that names its class. Call cls, so that a subclass makes layers of its own kind.",
    line=r"PackedLinear|mro",
)
def names_the_class(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    parent = next(one for one in cls.__mro__ if one.__name__ == "PackedLinear")
    return filled(empty(parent, linear, bits, group_size), *bytes_and_scales(linear, bits, group_size), linear)


@mutant(
    "only_filled",
    "16.3",
    law=KIND,
    says="This matches a method that answers None. Return the layer.",
    line=r".",
)
def returns_nothing(cls, linear, *, bits=4, group_size=32):
    linear = checked.linear(linear)
    filled(empty(cls, linear, bits, group_size), *bytes_and_scales(linear, bits, group_size), linear)
