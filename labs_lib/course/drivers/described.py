"""Small models, described in words: plain data for the laws, and something that a learner can read beside a failure.

A model is a list of its layers, such as ``"emb: Embedding(7, 4); block.0: Linear(4, 4); head: Linear(4, 7) tied to
emb; again: same as block"``. Dotted names make containers that run their children in order. ``": Linear(4, 3)"`` is
a bare layer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, prune


class Subclass(nn.Linear):
    """A linear layer with a class of its own."""


class Conv1D(nn.Module):
    """GPT-2's linear layer, which holds its weight as (in, out) and is no ``nn.Linear``."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, outputs))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight


class SelfAttention(nn.Module):
    """``nn.MultiheadAttention`` from a sequence to itself."""

    def __init__(self, features: int, heads: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(features, heads, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.attention(x, x, x, need_weights=False)[0]
        return answer


def encoder_layer(features: int, heads: int, hidden: int) -> nn.Module:
    return nn.TransformerEncoderLayer(features, heads, hidden, dropout=0.0, batch_first=True)


def weight_norm(inputs: int, outputs: int) -> nn.Module:
    """A layer whose weight is computed, whenever it is read, from a direction and a length."""
    return parametrizations.weight_norm(nn.Linear(inputs, outputs))


def pruned(inputs: int, outputs: int) -> nn.Module:
    """A layer whose weight is computed, before each forward, from a weight and a mask."""
    return prune.l1_unstructured(nn.Linear(inputs, outputs), "weight", amount=0.5)


KINDS: dict[str, Callable[..., nn.Module]] = {
    "Conv1D": Conv1D,
    "Embedding": nn.Embedding,
    "LayerNorm": nn.LayerNorm,
    "Linear": nn.Linear,
    "Pruned": pruned,
    "ReLU": nn.ReLU,
    "SelfAttention": SelfAttention,
    "Subclass": Subclass,
    "TransformerEncoderLayer": encoder_layer,
    "WeightNorm": weight_norm,
}


def model_of(description: str) -> nn.Module:
    """The described model, in training mode, with weights from a fixed seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        model = nn.Sequential()
        for line in description.split(";"):
            name, kind = (part.strip() for part in line.split(":"))
            if not name:
                return _layer(kind)
            _put(model, name, kind)
        return model


def probe_of(description: str) -> Tensor:
    """Something that the first layer can take, in two texts of three tokens."""
    first = re.search(r"(\w+)\((\d+)", description)
    assert first is not None
    if first[1] == "Embedding":
        return torch.arange(6).reshape(2, 3)
    width = int(first[2])
    return torch.linspace(-1, 2, 6 * width).reshape(2, 3, width)


def answers(model: nn.Module, probe: Tensor) -> tuple[Tensor, Tensor]:
    """What a model says in evaluation mode, where torch has fast paths, and in training mode. The mode is kept."""
    was_training = model.training
    with torch.no_grad():
        evaluating, training = model.eval()(probe), model.train()(probe)
    model.train(was_training)
    return evaluating, training


def _put(model: nn.Module, name: str, kind: str) -> None:
    *parents, last = name.split(".")
    place: Any = model
    for parent in parents:
        if parent not in place._modules:
            place.add_module(parent, nn.Sequential())
        place = place._modules[parent]
    if kind.startswith("same as "):
        place.add_module(last, model.get_submodule(kind.removeprefix("same as ")))
        return
    kind, _, other = kind.partition(" tied to ")
    layer: Any = _layer(kind)
    if other:
        layer.weight = model.get_submodule(other).weight
    place.add_module(last, layer)


def _layer(kind: str) -> nn.Module:
    """From the text of a call, such as ``Linear(4, 3, bias=False)``."""
    call: Any = ast.parse(kind, mode="eval").body
    arguments = [ast.literal_eval(argument) for argument in call.args]
    return KINDS[call.func.id](*arguments, **{word.arg: ast.literal_eval(word.value) for word in call.keywords})
