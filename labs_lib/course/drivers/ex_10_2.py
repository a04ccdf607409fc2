"""Drives 10.2, ``W8A16Linear.from_linear``: makes a linear layer, has it quantized, and reports what came of it."""

from __future__ import annotations

import copy
import functools
import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef

from ..load import newest

BUFFERS = ("q_weight", "scales", "bias")
Make = Callable[[], nn.Linear]  # a report makes the layer itself, so that nobody else holds it
Quantize = Callable[[Any], Any]


def drive(scenario: str, weight: Tensor, bias: Tensor | None = None, x: Tensor | None = None) -> Any:
    """Quantize ``nn.Linear`` with these weights (out, in), and report as the scenario says.

    The scenarios are the functions below, by name with spaces: ``"convert"``, ``"delete the linear"``. What a new
    layer should have and has not is reported as text.
    """
    make = functools.partial(linear_of, weight, bias)
    report: Callable[..., Any] = SCENARIOS[scenario]
    return report(make) if x is None else report(make, x)


def convert(make: Make) -> Any:
    """The three buffers."""
    return _buffers(_quantized(make()))


def describe(make: Make) -> Any:
    """The kind of the new layer and the attributes that a reader asks for."""
    layer = _quantized(make())
    sizes = tuple(getattr(layer, name, f"no {name}") for name in ("in_features", "out_features"))
    return type(layer).__name__, *sizes, str(getattr(layer, "dtype", "no dtype"))


def forward(make: Make, x: Tensor) -> Any:
    """What the new layer answers."""
    return _quantized(make())(x)


def state_dict(make: Make) -> Any:
    """Name, dtype and shape of each tensor that would be saved."""
    saved = _quantized(make()).state_dict()
    return tuple((name, str(tensor.dtype), tuple(tensor.shape)) for name, tensor in saved.items())


def what_can_be_trained(make: Make) -> Any:
    """The names of parameters, and of other tensors of the new layer that autograd follows."""
    layer = _quantized(make())
    followed = [name for name in BUFFERS if getattr(getattr(layer, name, None), "requires_grad", False)]
    return tuple(dict.fromkeys([name for name, _ in layer.named_parameters()] + followed))


def count_the_bytes(make: Make) -> Any:
    """The memory of all tensors that hang on the new layer, in buffers or elsewhere."""
    return bytes_of(_quantized(make()))


def delete_the_linear(make: Make) -> Any:
    """What of the old layer is still in memory when only the new layer is held."""
    return what_is_left(make, _quantized)


def what_is_left(make: Make, quantize: Quantize) -> Any:
    """The names of the parts of a linear layer that stay in memory as long as its quantized layer is held."""
    linear = make()
    watched: dict[str, weakref.ref[Any]] = {"linear": weakref.ref(linear)}
    watched.update({f"linear.{name}": weakref.ref(one) for name, one in linear.named_parameters()})
    named = linear.named_parameters()
    memory = {f"the memory of linear.{name}": StorageWeakRef(one.untyped_storage()) for name, one in named}
    layer = quantize(linear)
    del linear

    def left() -> tuple[str, ...]:
        alive = [name for name, reference in watched.items() if reference() is not None]
        return tuple(alive + [name for name, reference in memory.items() if not reference.expired()])

    if left():
        gc.collect()  # a cycle of references is not a leak
    alive = left()
    del layer
    return alive


def deepcopy(make: Make) -> Any:
    """The three buffers of a copy."""
    return _buffers(copy.deepcopy(_quantized(make())))


def look_at_the_linear(make: Make) -> Any:
    """The old layer afterwards: weight, bias, and what is no longer as it was."""
    return what_became_of_it(make, _quantized)


def what_became_of_it(make: Make, quantize: Quantize) -> Any:
    """A linear layer that was quantized: weight, bias, and the names of what is no longer as it was."""
    linear = make()
    before = (linear.weight, linear.bias, linear.weight.requires_grad, linear.training, linear.weight.dtype)
    quantize(linear)
    after = (linear.weight, linear.bias, linear.weight.requires_grad, linear.training, linear.weight.dtype)
    names = ("weight", "bias", "weight.requires_grad", "training", "weight.dtype")
    other = [name for name, one, two in zip(names, before, after, strict=True) if one is not two]
    other += [name for name, parameter in linear.named_parameters() if parameter.grad is not None]
    bias = None if linear.bias is None else linear.bias.detach()
    return linear.weight.detach(), bias, tuple(other)


def change_the_linear(make: Make) -> Any:
    """The three buffers after the old layer's weights and bias were overwritten with zeros."""
    linear = make()
    layer = _quantized(linear)
    with torch.no_grad():
        for parameter in linear.parameters():
            parameter.zero_()
    return _buffers(layer)


def training(make: Make) -> Any:
    """The training flag of the new layer, for a layer in training and for one in eval mode."""
    return _quantized(make().train()).training, _quantized(make().eval()).training


def subclass(make: Make) -> Any:
    """The kind of layer that a subclass makes."""
    kind: Any = type("MyOwnLinear", (newest("layers").W8A16Linear,), {})
    return type(kind.from_linear(make())).__name__


def default_device_meta(make: Make) -> Any:
    """The three buffers, made while new tensors go to the meta device unless somebody says otherwise."""
    linear = make()
    with torch.device("meta"):
        layer = _quantized(linear)
    return _buffers(layer)


def a_conv1d_instead(make: Make) -> Any:
    return _quantized(nn.Conv1d(make().in_features, make().out_features, kernel_size=1))


def the_weight_instead(make: Make) -> Any:
    return _quantized(make().weight)


REPORTS: tuple[Callable[..., Any], ...] = (
    convert,
    describe,
    forward,
    state_dict,
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


def bytes_of(layer: nn.Module) -> int:
    """The bytes of every storage that a layer can reach through its tensors, each once."""
    storages = [tensor.untyped_storage() for tensor in _tensors(layer)]
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())


def _quantized(linear: Any) -> Any:
    return newest("layers").W8A16Linear.from_linear(linear)


def _buffers(layer: Any) -> tuple[Any, ...]:
    return tuple(getattr(layer, name, f"no {name}") for name in BUFFERS)


def linear_of(weight: Tensor, bias: Tensor | None) -> nn.Linear:
    """A linear layer that holds copies of these tensors, in their layout."""
    outputs, inputs = weight.shape
    linear = nn.Linear(inputs, outputs, bias is not None, device="meta", dtype=weight.dtype)
    linear.weight = nn.Parameter(weight.detach().clone())
    if bias is not None:
        linear.bias = nn.Parameter(bias.detach().clone())
    return linear


def _tensors(layer: Any) -> Iterator[Tensor]:
    """All tensors of a module and its submodules: parameters, buffers, attributes, and what lists and dicts hold."""
    waiting, seen = [layer], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Tensor):
            yield one
        elif isinstance(one, nn.Module):
            waiting += vars(one).values()
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, (list, tuple, set)):
            waiting += one
