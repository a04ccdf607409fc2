"""The driver of 11.2: replaces the layers of a described model, and says what became of them."""

from __future__ import annotations

import gc
import warnings
import weakref
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from ..exercise import implementation
from .described import answers, model_of, probe_of

Facts = tuple[tuple[str, Any], ...]


class Refused(ValueError):
    """What ``build`` raises when it is told to."""


class Copied(nn.Module):
    """Answers what the old layer answers, and holds copies of its weight and bias."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.register_buffer("weight", linear.weight.detach().clone())
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, self.weight, self.bias)  # type: ignore[arg-type]


class Doubled(nn.Module):
    """Answers twice what the old layer answers, and has no weight that a parent could read."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.copied = Copied(linear)

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = 2 * self.copied(x)
        return answer


class Wrapped(nn.Module):
    """Holds the old layer itself, as adapters do."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.base = linear

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.base(x)
        return answer


BUILDS: dict[str, type[nn.Module]] = {"copy": Copied, "double": Doubled, "wrap": Wrapped}


def drive(model: str, build: str, *, exclude: Iterable[str] = ()) -> Facts:
    """Replace the layers of a described model, and say what the call gave and what the model is now.

    Args:
        model: a description; a text without a colon is handed on as it is, which is no model at all.
        build: "copy", "double" or "wrap", what to make of a layer. ", twice" behind it replaces again afterwards, and
            ", not LAYER" raises ``Refused`` for one layer.
        exclude: handed on.

    Returns:
        Pairs of a name and a fact.
    """
    replace_linears = implementation("11.2")
    if ":" not in model:
        return _of_report(replace_linears(model, Copied, exclude=exclude))  # type: ignore[arg-type]
    whole, probe = model_of(model), probe_of(model)
    kind, _, rest = build.partition(", ")
    calls = Calls(whole, BUILDS[kind], refused=rest.removeprefix("not ") if rest.startswith("not ") else None)
    before = answers(whole, probe)
    others = {name: parameter.detach().clone() for name, parameter in whole.named_parameters()}
    report, note = None, ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            report = replace_linears(whole, calls.build, exclude=exclude)
            if rest == "twice":
                report = replace_linears(whole, calls.build, exclude=exclude)
        except Refused as error:
            note = " ".join([str(error), *getattr(error, "__notes__", ())])
    if kind == "copy" and calls.alive_now():
        gc.collect()  # what stands in a cycle is freed later, but it is freed
    return (
        *_of_report(report),
        ("note", note),
        ("warnings", tuple(f"{one.category.__name__}: {one.message}" for one in caught)),
        ("built", tuple(calls.built)),
        ("alive", (*calls.alive, calls.alive_now())),
        *_of_model(whole),
        ("before", before),
        ("after", answers(whole, probe)),
        ("changed", tuple(name for name, now in whole.named_parameters() if not _is_in(others, name, now))),
    )


class Calls:
    """Makes new layers, and takes down which layers it got and which old weights were still alive."""

    def __init__(self, model: nn.Module, kind: type[nn.Module], refused: str | None) -> None:
        self.kind, self.refused = kind, refused
        self.names = [(weakref.ref(module), name) for name, module in model.named_modules()]
        self.built: list[str] = []
        self.alive: list[int] = []
        self.weights: list[weakref.ref[Tensor]] = []

    def build(self, linear: nn.Linear) -> nn.Module:
        names = [name for module, name in self.names if module() is linear]
        self.built.append(names[0] if names else "a layer that is not in the model")
        self.alive.append(self.alive_now())
        if self.built[-1] == self.refused:
            raise Refused("this layer cannot be quantized")
        self.weights.append(weakref.ref(linear.weight))
        return self.kind(linear)

    def alive_now(self) -> int:
        """How many weights of the layers that were handed in before are still there."""
        return sum(weight() is not None for weight in self.weights)


def _of_report(report: Any) -> Facts:
    sizes = getattr(report, "sizes", None)
    return (
        ("returned", type(report).__name__),
        *((name, getattr(report, name, None)) for name in ("replaced", "excluded", "tied", "unsupported")),
        ("sizes", tuple(sizes.items()) if isinstance(sizes, dict) else None),
        ("total", getattr(report, "total", None)),
        ("share", getattr(report, "share", None)),
    )


def _of_model(model: nn.Module) -> Facts:
    """Its modules under all their names, those names that lead to one module, and its mode."""
    modules = list(model.named_modules(remove_duplicate=False))[1:]
    names: dict[nn.Module, list[str]] = {}
    for name, module in modules:
        names.setdefault(module, []).append(name)
    return (
        ("modules", tuple(f"{name}: {type(module).__name__}" for name, module in modules)),
        ("same", tuple(" = ".join(found) for found in names.values() if len(found) > 1)),
        ("training", model.training),
    )


def _is_in(others: dict[str, Tensor], name: str, now: Tensor) -> bool:
    """Whether a parameter is what it was before. One of a new layer has no before."""
    return name not in others or torch.equal(others[name], now)
