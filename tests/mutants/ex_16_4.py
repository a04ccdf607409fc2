"""Wrong answers to 16.4, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course.standins import mutant

from .siblings import dequantize_per_group, to_signed, unpack

EXAMPLE = "the bytes 31 and 152 with the scales 0.5 and 2 are the weights 3.5, -3.5, 0 and 2"
WEIGHTS = "every weight is its code minus 2**(bits-1), times the scale of its group, in float32"
REST = "a row has in_features weights: what is left of its last byte is none"
DECIDES = "the group size says where a group ends; the shapes do not: two scales for ten codes can be 5 or 9"
FLOAT16 = "float16 scales are taken as they are, and the arithmetic is float32 all the same"
DTYPES = "the weights are float32, whatever dtype the layer has; its weight attribute has the layer's"
GRAPH = "no autograd graph comes out"
KEEPS = "a call leaves the layer as it was, and keeps nothing: no float copy of the weights"
UNFILLED = "scales that were never filled are refused"


def codes_of(self):
    """The unsigned codes."""
    return unpack(self.packed_weight, self.bits, self.in_features)


def spread(self, scales):
    """A scale for every weight."""
    return scales.repeat_interleave(self.group_size, dim=1)[:, : self.in_features]


@mutant(
    "no_sign",
    "16.4",
    law=EXAMPLE,
    says="This matches unsigned codes times their scales: no weight is negative. Give the codes their sign first.",
    line=r"dequantize_per_group|unpack",
)
def forgets_the_sign(self):
    codes = unpack(self.packed_weight, self.bits, self.in_features)
    return dequantize_per_group(codes, self.scales.float(), self.group_size)


@mutant(
    "A13",
    "16.4",
    law=EXAMPLE,
    says="This matches a scale that is applied before the sign: scale * code - 2**(bits-1). The sign is part of the "
    "code, so it comes first.",
    line=r"-",
)
def scales_before_the_sign(self):
    codes = unpack(self.packed_weight, self.bits, self.in_features)
    return dequantize_per_group(codes, self.scales.float(), self.group_size) - 2 ** (self.bits - 1)


@mutant(
    "J15",
    "16.4",
    law=EXAMPLE,
    says="This matches codes that are read as two's complement. The bytes hold offset binary: to_signed takes "
    "2**(bits-1) away.",
    line=r"where|>=",
)
def reads_twos_complement(self):
    codes = codes_of(self).to(torch.int16)
    q = torch.where(codes >= 2 ** (self.bits - 1), codes - 2**self.bits, codes)
    return dequantize_per_group(q, self.scales.float(), self.group_size)


@mutant(
    "one_less",
    "16.4",
    law=EXAMPLE,
    says="This matches codes that are one step too high: the offset is 2**(bits-1), not the largest code.",
    line=r"-",
)
def takes_the_largest_code_away(self):
    q = codes_of(self).to(torch.int16) - (2 ** (self.bits - 1) - 1)
    return dequantize_per_group(q, self.scales.float(), self.group_size)


@mutant(
    "always_32",
    "16.4",
    law=EXAMPLE,
    says="This matches groups of 32 whatever the layer says. Use self.group_size.",
    line=r"32",
)
def always_takes_groups_of_32(self):
    q = to_signed(codes_of(self), self.bits)
    return dequantize_per_group(q, self.scales.float(), 32)


@mutant(
    "not_unpacked",
    "16.4",
    law=EXAMPLE,
    says="This matches bytes that are taken for codes. Unpack them first.",
    line=r"packed_weight",
)
def does_not_unpack(self):
    q = to_signed(self.packed_weight, 8)
    return dequantize_per_group(q, self.scales.float(), self.group_size)


@mutant(
    "four_bits",
    "16.4",
    law=WEIGHTS,
    says="This matches a layer that always unpacks 4 bits. Its width is self.bits.",
    line=r"4",
)
def always_unpacks_four_bits(self):
    q = to_signed(unpack(self.packed_weight, 4, self.in_features), 4)
    return dequantize_per_group(q, self.scales.float(), self.group_size)


@mutant(
    "all_codes",
    "16.4",
    law=REST,
    says="This matches as many weights as the bytes could hold. The last byte of a row may not be full: a row has "
    "self.in_features weights.",
    line=r"shape|//",
)
def unpacks_the_whole_row(self):
    length = self.packed_weight.shape[1] * 8 // self.bits
    q = to_signed(unpack(self.packed_weight, self.bits, length), self.bits)
    return dequantize_per_group(q, self.scales.float(), self.group_size)


@mutant(
    "wrong_features",
    "16.4",
    law=EXAMPLE,
    says="This matches out_features as the length of a row. The weight is (out, in): a row has self.in_features "
    "weights.",
    line=r"out_features",
)
def takes_the_wrong_length(self):
    q = to_signed(unpack(self.packed_weight, self.bits, self.out_features), self.bits)
    return dequantize_per_group(q, self.scales.float(), self.group_size)


@mutant(
    "E04",
    "16.4",
    law=EXAMPLE,
    says="This matches repeat, which turns the scales [a, b] into [a, b, a, b]. Each one covers group_size neighbours: "
    "repeat_interleave, or dequantize_per_group.",
    line=r"repeat\(|tile",
)
def tiles_the_scales(self):
    q = to_signed(codes_of(self), self.bits)
    return q * self.scales.float().repeat(1, self.group_size)[:, : self.in_features]


@mutant(
    "first_scale",
    "16.4",
    law=EXAMPLE,
    says="This matches the first scale of a row for all of it. Every group has its own: hand group_size to "
    "dequantize_per_group.",
    line=r"\[:, :1\]|\[:, 0|in_features\)$",
)
def takes_the_first_scale(self):
    q = to_signed(codes_of(self), self.bits)
    return dequantize_per_group(q, self.scales.float()[:, :1], self.in_features)


@mutant(
    "size_from_the_shapes",
    "16.4",
    law=DECIDES,
    says="This matches a group size that was worked out from the shapes. With a short last group they cannot tell it: "
    "use self.group_size.",
    line=r"shape",
)
def works_the_size_out(self):
    q = to_signed(codes_of(self), self.bits)
    return dequantize_per_group(q, self.scales.float(), -(-self.in_features // self.scales.shape[1]))


@mutant(
    "A15",
    "16.4",
    law=EXAMPLE,
    says="This matches dividing by the scale. A scale is real units a step: multiply.",
    line=r"/",
)
def divides(self):
    q = to_signed(codes_of(self), self.bits)
    return q / spread(self, self.scales.float())


@mutant(
    "transposed",
    "16.4",
    law=EXAMPLE,
    says="This matches the weights of the transposed layer. They are (out, in), as those of nn.Linear.",
    line=r"\.T|\.t\(",
)
def transposes(self):
    q = to_signed(codes_of(self), self.bits)
    return dequantize_per_group(q, self.scales.float(), self.group_size).T


@mutant(
    "narrow",
    "16.4",
    law=FLOAT16,
    says="This matches a product in the scales' dtype, which float16 rounds, and in which it overflows. Take the "
    "scales in float32.",
    line=r"\*",
)
def multiplies_in_the_dtype_of_the_scales(self):
    q = to_signed(codes_of(self), self.bits)
    if (self.scales <= 0).any():
        dequantize_per_group(q, self.scales, self.group_size)
    return (q * spread(self, self.scales)).float()


@mutant(
    "dtype_of_the_scales",
    "16.4",
    law=FLOAT16,
    says="This matches weights in the scales' dtype. They are float32 always.",
    line=r"dtype",
)
def answers_in_the_dtype_of_the_scales(self):
    q = to_signed(codes_of(self), self.bits)
    return dequantize_per_group(q, self.scales.float(), self.group_size).to(self.scales.dtype)


@mutant(
    "layer_dtype",
    "16.4",
    law=DTYPES,
    says="This matches weights in the layer's dtype, which may round them. dequantize answers in float32; the weight "
    "attribute does the rest.",
    line=r"dtype",
)
def answers_in_the_dtype_of_the_layer(self):
    q = to_signed(codes_of(self), self.bits)
    return dequantize_per_group(q, self.scales.float(), self.group_size).to(self.dtype)


@mutant(
    "through_bfloat16",
    "16.4",
    law=WEIGHTS,
    says="This matches scales that went through a narrower dtype on their way. Take them as they are, in float32.",
    line=r"bfloat16|half|float16",
)
def rounds_the_scales(self):
    q = to_signed(codes_of(self), self.bits)
    return dequantize_per_group(q, self.scales.bfloat16().float(), self.group_size)


@mutant(
    "cached",
    "16.4",
    law=KEEPS,
    says="This matches a layer that keeps its weights as floats after the first call: all that was saved is lost.",
    line=r"self\.\w+ = |hasattr",
)
def keeps_a_float_copy(self):
    if not hasattr(self, "cache"):
        self.cache = dequantize_per_group(to_signed(codes_of(self), self.bits), self.scales.float(), self.group_size)
    return self.cache


@mutant(
    "in_place",
    "16.4",
    law=KEEPS,
    says="This matches codes that are put back into the layer unpacked: after one call its bytes are gone. Use "
    "names of your own for what you make on the way.",
    line=r"self\.packed_weight =",
)
def unpacks_in_place(self):
    q = to_signed(codes_of(self), self.bits)
    self.packed_weight = codes_of(self)
    return dequantize_per_group(q, self.scales.float(), self.group_size)


@mutant(
    "scales_in_place",
    "16.4",
    law=KEEPS,
    says="This matches scales that were changed in the layer. float() makes no copy of float32 scales: do not work on "
    "them in place.",
    line=r"_\(|\*=",
)
def works_on_the_scales(self):
    scales = self.scales.float()
    q = to_signed(codes_of(self), self.bits)
    weights = dequantize_per_group(q, scales, self.group_size)
    scales.mul_(2 ** (self.bits - 1))
    return weights


@mutant(
    "with_a_graph",
    "16.4",
    law=GRAPH,
    says="This matches weights that autograd follows. They are made of codes, and codes cannot be trained.",
    line=r"requires_grad|Parameter",
)
def makes_a_parameter(self):
    q = to_signed(codes_of(self), self.bits)
    return dequantize_per_group(q, self.scales.float(), self.group_size).requires_grad_()


@mutant(
    "no_checks",
    "16.4",
    law=UNFILLED,
    says="This matches a product that takes scales of 0 for scales: a layer that nobody filled would answer zeros. "
    "dequantize_per_group refuses them.",
    line=r"\*",
)
def takes_any_scale(self):
    q = to_signed(codes_of(self), self.bits)
    return q.float() * spread(self, self.scales.float())
