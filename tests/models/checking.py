"""The check: what must be true of an architecture before, during and after ``quantize_model``."""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor, nn

from labs_lib.models import conv1d_to_linear, memory_footprint, quantize_model
from labs_lib.replacement import ReplacementReport, replace_linears, shared_weights

from .architectures import Architecture
from .bounds import check_layer, first_order, put_weight
from .building import answer, build, build_default, inputs
from .left_out import CHOOSES, NO_BFLOAT16

MODEL = 1e-4  # of the largest output: the rounding of two ways to compute one float32 model


@dataclass(frozen=True)
class Result:
    """What the table says about an architecture, and what the check has measured."""

    report: ReplacementReport
    kinds: dict[str, dict[str, int]]  # weights that are left: by list, and by the kind of the module that holds them
    layers: int  # replaced, each counted once
    layers_run: int  # of these, those that the forward pass reached
    rounding: float  # the largest difference to the float model with dequantized weights, of the largest output
    error: float  # the norm of the error of the outputs, of the norm of the outputs
    bound: float  # the first-order bound of the same


def check(architecture: Architecture) -> Result:
    """Raises AssertionError, with a sentence, at the first thing that is not as it must be."""
    given = inputs(architecture)
    original = build(architecture)
    before = answer(original, given)
    assert before and all_finite(before), "the float model answers something that is not finite"

    model = copy.deepcopy(original)
    bytes_before = memory_footprint(model)
    report = quantized(model)
    kinds = account(report, original)
    layers = {name: (original.get_submodule(name), model.get_submodule(name)) for name in distinct(report, model)}
    shared = shared_weights(original)  # some heads share their bias with their model, and lose that
    copied = sum(old.bias.nbytes for old, _ in layers.values() if id(old.bias) in shared)
    saved = sum(3 * old.weight.numel() - 4 * new.out_features for old, new in layers.values()) - copied
    assert bytes_before - memory_footprint(model) == saved, "3 bytes a weight less, 4 bytes a row more"

    seen: dict[str, Tensor] = {}
    after = answer(model, given, watch={name: new for name, (_, new) in layers.items()}, seen=seen)
    assert before.keys() == after.keys() and all_finite(after), "the quantized model answers something not finite"
    for name, (old, new) in layers.items():
        check_layer(name, old, new, seen.get(name))

    moved = copy.deepcopy(original)
    for name, (_, new) in layers.items():
        put_weight(moved.get_submodule(name), new.weight)
    rounding = difference(answer(moved, given), after)
    assert rounding <= MODEL, f"not the float model with dequantized weights: {rounding:.2g} of the largest output"

    check_copies(architecture, model, given, after)
    check_twice(model, report, after, given)
    check_bfloat16(architecture, given)
    error, bound = first_order(original, layers, given, before, after)
    if architecture.name in CHOOSES:
        assert error > bound, f"the error {error:.3g} is within the bound {bound:.3g}: it need not be in CHOOSES"
    else:
        assert error <= bound, f"the error {error:.3g} of the output is beyond the first-order bound {bound:.3g}"
    return Result(report, kinds, len(layers), len(seen), rounding, error, bound)


def full_size(architecture: Architecture) -> tuple[int, float] | None:
    """Parameters, and the share of them that would be quantized, where the library's own configuration can be built.

    Nothing is computed: the model stands on the meta device, and its linear layers become nothing.
    """
    try:
        model = build_default(architecture)
    except (ImportError, AttributeError, KeyError, TypeError, ValueError):
        return None
    conv1d_to_linear(model, ("lm_head",))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "no linear layer was replaced")
        report = replace_linears(model, lambda linear: nn.Identity(), exclude=("lm_head",))
    return report.total, report.share


def quantized(model: nn.Module) -> ReplacementReport:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "no linear layer was replaced")
        return quantize_model(model)


def all_finite(outputs: Mapping[str, Tensor]) -> bool:
    return all(bool(output.isfinite().all()) for output in outputs.values())


def distinct(report: ReplacementReport, model: nn.Module) -> list[str]:
    """One name for each replaced layer: a shared layer has several."""
    return list({id(model.get_submodule(name)): name for name in reversed(report.replaced)}.values())


def account(report: ReplacementReport, original: nn.Module) -> dict[str, dict[str, int]]:
    """Every weight of two or more dimensions is in one of the four lists, once; the rest are vectors."""
    names: dict[int, list[str]] = {}
    parameters: dict[int, Tensor] = {}
    for name, parameter in original.named_parameters(remove_duplicate=False):
        names.setdefault(id(parameter), []).append(name.removesuffix(".weight"))
        parameters[id(parameter)] = parameter
    listed = [*report.replaced, *report.excluded, *report.tied, *report.unsupported]
    assert len(listed) == len(set(listed)), "a name stands in two lists"
    kinds: dict[str, dict[str, int]] = {"excluded": {}, "tied": {}, "unsupported": {}}
    for key, parameter in parameters.items():
        counted = [name for name in names[key] if report.sizes.get(name)]
        if parameter.dim() < 2:
            assert not any(name in listed for name in names[key]), f"{names[key][0]} is a vector, and in a list"
            continue
        assert [report.sizes[name] for name in counted] == [parameter.numel()], f"{names[key]} is not counted once"
        assert counted[0] in listed, f"{names[key]} is in none of the lists"
        for why, found in kinds.items():
            if counted[0] in getattr(report, why):
                kind = kind_of(original, names[key])
                found[kind] = found.get(kind, 0) + parameter.numel()
    vectors = sum(parameter.numel() for parameter in parameters.values() if parameter.dim() < 2)
    assert sum(report.sizes.values()) + vectors == report.total, "lists and vectors do not add up to the total"
    assert set(report.sizes) <= set(listed), "a size without a list"
    return kinds


def kind_of(model: nn.Module, names: list[str]) -> str:
    """What holds a weight that was left: the class of its module, and the weight's name where it is not "weight"."""
    modules = dict(model.named_modules(remove_duplicate=False))
    if len(owners := [name for name in names if name in modules]) > 1:
        return " with ".join(sorted({type(modules[name]).__name__ for name in owners}))
    if owners:
        return type(modules[owners[0]]).__name__
    owner, _, last = names[0].rpartition(".")
    return f"{type(modules[owner]).__name__}.{last}"


def difference(outputs: Mapping[str, Tensor], others: Mapping[str, Tensor]) -> float:
    """The largest difference of two answers, each output in units of its largest value."""
    largest = 0.0
    for name, output in outputs.items():
        x, y = output.double(), others[name].double()
        largest = max(largest, float((x - y).abs().amax() / x.abs().amax().clamp(min=1e-3)))
    return largest


def equal(outputs: Mapping[str, Tensor], others: Mapping[str, Tensor]) -> bool:
    return outputs.keys() == others.keys() and all(torch.equal(outputs[name], others[name]) for name in outputs)


def check_copies(
    architecture: Architecture, model: nn.Module, given: Mapping[str, Any], after: Mapping[str, Tensor]
) -> None:
    """A deep copy answers the same; so does another model, of other weights, that has loaded the saved tensors."""
    assert equal(answer(copy.deepcopy(model), given), after), "a deep copy answers something else"
    saved = safetensors.torch.save({name: part.clone() for name, part in model.state_dict().items()})
    skeleton = build(architecture, seed=1)
    quantized(skeleton)
    skeleton.load_state_dict(safetensors.torch.load(saved), strict=True)
    assert equal(answer(skeleton, given), after), "saved and loaded, the model answers something else"


def check_twice(
    model: nn.Module, report: ReplacementReport, after: Mapping[str, Tensor], given: Mapping[str, Any]
) -> None:
    again = quantized(model)
    assert not again.replaced, f"the second time {again.replaced} were replaced"
    for kind in ("excluded", "tied", "unsupported"):
        assert getattr(again, kind) == getattr(report, kind), f"{kind} differs the second time"
    assert equal(answer(model, given), after), "quantized twice, the model answers something else"


def check_bfloat16(architecture: Architecture, given: Mapping[str, Any]) -> None:
    """In bfloat16 the quantized model answers in the dtypes of the float model."""
    model = build(architecture).to(torch.bfloat16)  # a new one: LeViT keeps what it has computed in float32
    narrow = {
        name: part.to(torch.bfloat16) if isinstance(part, Tensor) and part.is_floating_point() else part
        for name, part in given.items()
    }
    if architecture.name in NO_BFLOAT16:
        with pytest.raises(RuntimeError, match=re.escape(NO_BFLOAT16[architecture.name][1])):
            answer(model, narrow)
        return
    before = answer(model, narrow)
    quantized(model)
    after = answer(model, narrow)
    assert {name: part.dtype for name, part in after.items()} == {name: part.dtype for name, part in before.items()}
    assert all_finite(after), "in bfloat16 the quantized model answers something not finite"
