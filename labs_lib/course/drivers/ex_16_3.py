"""Drives 16.3, ``PackedLinear.from_linear``: makes a linear layer, has it packed, and reports what came of it."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ..load import newest
from .ex_10_2 import Make, Quantize, bytes_of, linear_of, what_became_of_it, what_is_left

BUFFERS = ("packed_weight", "scales", "bias")
SIZES = ("in_features", "out_features", "bits", "group_size", "dtype")


def drive(scenario: str, weight: Tensor, bias: Tensor | None = None, x: Tensor | None = None, **form: Any) -> Any:
    """Pack ``nn.Linear`` with these weights (out, in), and report as the scenario says.

    Args:
        scenario: one of the functions below, by name with spaces: ``"convert"``, ``"delete the linear"``.
        weight, bias: copies of them are the linear layer's.
        x: activations, where the scenario calls the layer.
        form: ``bits`` and ``group_size``, where they are not left to the method's defaults.

    What a new layer should have and has not is reported as text.
    """
    make, quantize = functools.partial(linear_of, weight, bias), functools.partial(_packed, **form)
    report: Callable[..., Any] = SCENARIOS[scenario]
    return report(make, quantize) if x is None else report(make, quantize, x)


def convert(make: Make, quantize: Quantize) -> Any:
    """The three buffers."""
    return _buffers(quantize(make()))


def describe(make: Make, quantize: Quantize) -> Any:
    """The kind of the new layer and the attributes that a reader asks for."""
    return _description(quantize(make()))


def forward(make: Make, quantize: Quantize, x: Tensor) -> Any:
    """What the new layer answers."""
    return quantize(make())(x)


def state_dict(make: Make, quantize: Quantize) -> Any:
    """Name, dtype and shape of each tensor that would be saved."""
    saved = quantize(make()).state_dict()
    return tuple((name, str(tensor.dtype), tuple(tensor.shape)) for name, tensor in saved.items())


def load_into_a_skeleton(make: Make, quantize: Quantize) -> Any:
    """The three buffers, saved and put into a layer that was built on the meta device from the sizes alone."""
    layer = quantize(make())
    sizes = (layer.in_features, layer.out_features, layer.bias is not None)
    form = {"bits": layer.bits, "group_size": layer.group_size, "dtype": layer.dtype, "device": "meta"}
    skeleton = type(layer)(*sizes, **form)
    skeleton.load_state_dict(layer.state_dict(), assign=True)
    return _buffers(skeleton)


def load_into_a_new_layer(make: Make, quantize: Quantize) -> Any:
    """The three buffers, saved and copied into a new layer's zeros."""
    layer = quantize(make())
    sizes = (layer.in_features, layer.out_features, layer.bias is not None)
    other = type(layer)(*sizes, bits=layer.bits, group_size=layer.group_size, dtype=layer.dtype)
    other.load_state_dict(layer.state_dict())
    return _buffers(other)


def what_can_be_trained(make: Make, quantize: Quantize) -> Any:
    """The names of parameters, and of other tensors of the new layer that autograd follows."""
    layer = quantize(make())
    followed = [name for name in BUFFERS if getattr(getattr(layer, name, None), "requires_grad", False)]
    return tuple(dict.fromkeys([name for name, _ in layer.named_parameters()] + followed))


def count_the_bytes(make: Make, quantize: Quantize) -> Any:
    """The memory of all tensors that hang on the new layer, in buffers or elsewhere."""
    return bytes_of(quantize(make()))


def delete_the_linear(make: Make, quantize: Quantize) -> Any:
    """What of the old layer is still in memory when only the new layer is held."""
    return what_is_left(make, quantize)


def deepcopy(make: Make, quantize: Quantize) -> Any:
    """The three buffers of a copy, and its sizes."""
    twin = copy.deepcopy(quantize(make()))
    return _buffers(twin), _description(twin)


def look_at_the_linear(make: Make, quantize: Quantize) -> Any:
    """The old layer afterwards: weight, bias, and what is no longer as it was."""
    return what_became_of_it(make, quantize)


def change_the_linear(make: Make, quantize: Quantize) -> Any:
    """The three buffers after the old layer's weights and bias were overwritten with zeros."""
    linear = make()
    layer = quantize(linear)
    with torch.no_grad():
        for parameter in linear.parameters():
            parameter.zero_()
    return _buffers(layer)


def training(make: Make, quantize: Quantize) -> Any:
    """The training flag of the new layer, for a layer in training and for one in eval mode."""
    return quantize(make().train()).training, quantize(make().eval()).training


def subclass(make: Make, quantize: Quantize) -> Any:
    """The kind of layer that a subclass makes."""
    kind: Any = type("MyOwnLinear", (newest("packing").PackedLinear,), {})
    return type(kind.from_linear(make())).__name__


def default_device_meta(make: Make, quantize: Quantize) -> Any:
    """The three buffers, made while new tensors go to the meta device unless somebody says otherwise."""
    linear = make()
    with torch.device("meta"):
        layer = quantize(linear)
    return _buffers(layer)


def a_conv1d_instead(make: Make, quantize: Quantize) -> Any:
    return quantize(nn.Conv1d(make().in_features, make().out_features, kernel_size=1))


def the_weight_instead(make: Make, quantize: Quantize) -> Any:
    return quantize(make().weight)


REPORTS: tuple[Callable[..., Any], ...] = (
    convert,
    describe,
    forward,
    state_dict,
    load_into_a_skeleton,
    load_into_a_new_layer,
    what_can_be_trained,
    count_the_bytes,
    delete_the_linear,
    deepcopy,
    look_at_the_linear,
    change_the_linear,
    training,
    subclass,
    default_device_meta,
    a_conv1d_instead,
    the_weight_instead,
)
SCENARIOS = {report.__name__.replace("_", " "): report for report in REPORTS}


def _packed(linear: Any, **form: Any) -> Any:
    return newest("packing").PackedLinear.from_linear(linear, **form)


def _buffers(layer: Any) -> tuple[Any, ...]:
    return tuple(getattr(layer, name, f"no {name}") for name in BUFFERS)


def _description(layer: Any) -> tuple[Any, ...]:
    values = (getattr(layer, name, f"no {name}") for name in SIZES)
    return type(layer).__name__, *(str(one) if isinstance(one, torch.dtype) else one for one in values)
