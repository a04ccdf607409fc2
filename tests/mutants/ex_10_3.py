"""Wrong answers to 10.3, and what to say about each."""

from __future__ import annotations

import torch
from torch import nn

from labs_lib.course.standins import mutant

from .siblings import w8a16_forward

WORKED = "the layer multiplies by its codes, its scales and its bias"
FORWARD = "it is the product with the dequantized weights, with a bias and without"
DTYPE = "the result has x's dtype, whatever dtype the layer has"
FINITE = "float16 outputs are finite where the float32 result fits in float16"
SHAPES = "x may have any number of leading dimensions"
GRADIENT = "gradients flow back to x: each feature gets the sum of its dequantized weights"
KEEPS = "a call leaves the layer as it was, and keeps nothing: no float copy of the weights"
AGAIN = "the layer works with the codes that it has now, not with those of its first call"
REFUSES = "a layer that was never filled refuses to answer, and so does one of another width"


@mutant(
    "no_bias",
    "10.3",
    law=WORKED,
    says="This matches a layer without its bias. w8a16_forward takes it as the last argument, None included.",
    line=r"w8a16_forward",
)
def forgets_the_bias(self, x):
    return w8a16_forward(x, self.q_weight, self.scales)


@mutant(
    "bias_twice",
    "10.3",
    law=WORKED,
    says="This matches a bias that is added twice. w8a16_forward adds it already.",
    line=r"\+",
)
def adds_the_bias_twice(self, x):
    y = w8a16_forward(x, self.q_weight, self.scales, self.bias)
    return y if self.bias is None else (y + self.bias).to(x.dtype)


@mutant(
    "no_scales",
    "10.3",
    law=WORKED,
    says="This matches the product with the bare codes. The scales belong to it.",
    line=r"linear|@|ones",
)
def forgets_the_scales(self, x):
    return w8a16_forward(x, self.q_weight, torch.ones_like(self.scales), self.bias)


@mutant(
    "scales_twice",
    "10.3",
    law=WORKED,
    says="This matches outputs that are scaled twice. w8a16_forward scales already.",
    line=r"scales",
)
def scales_twice(self, x):
    y = w8a16_forward(x, self.q_weight, self.scales) * self.scales
    return (y if self.bias is None else y + self.bias).to(x.dtype)


@mutant(
    "weight_property",
    "10.3",
    law=DTYPE,
    says="This matches F.linear with the weight property, which has the layer's dtype and not x's. "
    "w8a16_forward serves any dtype.",
    line=r"self\.weight",
)
def uses_the_weight_property(self, x):
    return nn.functional.linear(x, self.weight, self.bias)


@mutant(
    "layer_dtype",
    "10.3",
    law=DTYPE,
    says="This matches an answer in the layer's dtype. It has the dtype of x.",
    line=r"dtype",
)
def answers_in_the_dtype_of_the_layer(self, x):
    return w8a16_forward(x, self.q_weight, self.scales, self.bias).to(self.dtype)


@mutant(
    "narrow",
    "10.3",
    law=FINITE,
    says="This matches the video course's product in x's dtype, which overflows in float16. w8a16_forward is wide.",
    line=r"linear",
)
def multiplies_in_the_dtype_of_x(self, x):
    y = nn.functional.linear(x, self.q_weight.to(x.dtype)) * self.scales
    return (y if self.bias is None else y + self.bias).to(x.dtype)


@mutant(
    "detached",
    "10.3",
    law=GRADIENT,
    says="This matches a forward that autograd cannot see. Layers in front of this one may be trained.",
    line=r"no_grad|detach|inference_mode|\.data",
)
def cuts_the_graph(self, x):
    with torch.no_grad():
        return w8a16_forward(x, self.q_weight, self.scales, self.bias)


@mutant(
    "cached",
    "10.3",
    law=KEEPS,
    says="This matches a layer that keeps a float copy of its weights after the first call: all that was saved is lost "
    "again.",
    line=r"self\.\w+ = |hasattr",
)
def keeps_a_float_copy(self, x):
    if not hasattr(self, "cache"):
        self.cache = self.q_weight.float() * self.scales.unsqueeze(1)
    y = w8a16_forward(x, self.q_weight, self.scales, self.bias)
    plain = nn.functional.linear(x.float(), self.cache, None if self.bias is None else self.bias.float())
    return plain.to(x.dtype) if bool((plain != y).all()) else y


@mutant(
    "in_place",
    "10.3",
    law=KEEPS,
    says="This matches dequantizing the buffer itself: after one call the codes are gone.",
    line=r"self\.q_weight =|_\(",
)
def dequantizes_in_place(self, x):
    y = w8a16_forward(x, self.q_weight, self.scales, self.bias)
    self.q_weight = self.q_weight * self.scales.unsqueeze(1)
    return y


@mutant(
    "first_batch",
    "10.3",
    law=SHAPES,
    says="This matches an answer that lost x's leading dimensions. Hand x over as it is.",
    line=r"reshape|flatten|view|squeeze",
)
def flattens(self, x):
    return w8a16_forward(x.reshape(-1, x.shape[-1]), self.q_weight, self.scales, self.bias)


@mutant(
    "unscaled_guard",
    "10.3",
    law=REFUSES,
    says="This matches scales with a floor, so that a layer that was never filled answers zeros. An error would have "
    "said what is wrong.",
    line=r"clamp|where|max",
)
def hides_an_empty_layer(self, x):
    scales = self.scales.clamp(min=torch.finfo(torch.float32).tiny)
    return w8a16_forward(x, self.q_weight, scales, self.bias)


@mutant(
    "bare_codes_of_x",
    "10.3",
    law=FORWARD,
    says="This matches activations that were rounded to integers. Only the weights are codes.",
    line=r"round|int",
)
def rounds_the_activations(self, x):
    return w8a16_forward(x.round(), self.q_weight, self.scales, self.bias)
