"""Driver of 12.3: builds a language model by name, has it judged, and says in which modes it ran and was left."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from ..exercise import implementation

SURE = 50.0  # a logit that leaves the other tokens less than a billionth of a billionth


class Failure(Exception):
    """A model that cannot go on."""


class Model(nn.Module):
    """A language model that is a table of logits; a row is chosen by the tokens so far.

    It has parts, so that it has several modes: a dropout that works in training mode, and a part that has none.
    """

    def __init__(self, kind: str, table: Tensor) -> None:
        super().__init__()
        self.kind = kind
        self.table = nn.Parameter(table.detach().clone())
        self.dropout = nn.Sequential(nn.Dropout(0.5 if kind == "dropout" else 0.0))
        self.part = nn.Sequential(nn.BatchNorm1d(2), nn.Identity())
        self.seen: list[tuple[bool, bool]] = []  # of each call: was anything in training mode, was autograd on

    def forward(self, input_ids: Tensor) -> Any:
        self.seen.append((any(module.training for module in self.modules()), torch.is_grad_enabled()))
        if self.kind == "failing":
            raise Failure
        logits = self.dropout(self.table[self.row(input_ids)])
        return SimpleNamespace(logits=logits, loss=None) if self.kind == "with .logits" else logits

    def row(self, ids: Tensor) -> Tensor:
        """Which row answers at each position: the last token's, or one that hangs on all tokens of the window."""
        if self.kind == "remembering":
            return (7 * ids + 3).cumsum(-1) % len(self.table)
        return ids


def drive(model: tuple[Any, ...], input_ids: Any, **options: Any) -> tuple[Any, ...]:
    """Measure a model's perplexity.

    Args:
        model: a kind, and its logits (rows, vocabulary). Kinds: ``"table"``, where token t is followed by row t;
            ``"remembering"``, whose row depends on every token of the window so far; ``"with .logits"``, ``"dropout"``
            and ``"failing"`` are tables that answer with an object, drop logits while training, or raise.
            ``("no module",)`` is none. After the table may stand ``"eval"`` or ``"mixed"``, the modes before.
        input_ids: handed on.
        options: handed on.

    Returns:
        The answer; whether every module is in the mode that it was in, and autograd as it was; whether a part was
        in training mode while the model ran; whether autograd was on; how often the model was called; and whether
        the model's own exception came through.
    """
    perplexity = implementation("12.3")
    if model[0] == "no module":
        return (perplexity(lambda ids: torch.zeros(*ids.shape, 5), input_ids, **options),)
    built = Model(*model[:2])
    set_modes(built, *model[2:])
    before, came_through, answer = modes_of(built), False, None
    with contextlib.suppress(Failure), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # of the dropout: a call that is made again must give the same answer
        came_through = True
        answer = perplexity(built, input_ids, **options)
        came_through = False
    trained, tracked = (any(call[index] for call in built.seen) for index in (0, 1))
    return answer, modes_of(built) == before, trained, tracked, len(built.seen), came_through


def set_modes(model: Model, modes: str = "train") -> None:
    model.train(modes != "eval")
    if modes == "mixed":
        model.part[0].eval()


def modes_of(model: Model) -> tuple[Any, ...]:
    training = tuple(module.training for module in model.modules())
    return (*training, torch.is_grad_enabled(), model.table.requires_grad)
