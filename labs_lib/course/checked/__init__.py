"""The given argument checks: one line at the top of a stub, so that what a learner writes is all mathematics.

Each function returns its argument in the form that the arithmetic needs (float32 or wider, no autograd graph), or
raises an error that names the argument and says what it was.
"""

from .checkpoints import known, matching, recipe, saveable, stored
from .models import integer_ids, linear, model, parent, patterns
from .packing import layer_bits, packed, packed_bits, signed, unsigned
from .shapes import (
    accumulator,
    activations,
    bias,
    dim,
    ending,
    features,
    granularity,
    group_scale,
    group_size,
    number,
    one_value,
    output_scale,
    ranked,
    row_scales,
    shape,
    whole,
)
from .tensors import bits, codes, finite, fits, floating, same_shape, scale, zero_point

__all__ = [
    "accumulator",
    "activations",
    "bias",
    "bits",
    "codes",
    "dim",
    "ending",
    "features",
    "finite",
    "fits",
    "floating",
    "granularity",
    "group_scale",
    "group_size",
    "integer_ids",
    "known",
    "layer_bits",
    "linear",
    "matching",
    "model",
    "number",
    "one_value",
    "output_scale",
    "packed",
    "packed_bits",
    "parent",
    "patterns",
    "ranked",
    "recipe",
    "row_scales",
    "same_shape",
    "saveable",
    "scale",
    "shape",
    "signed",
    "stored",
    "unsigned",
    "whole",
    "zero_point",
]
