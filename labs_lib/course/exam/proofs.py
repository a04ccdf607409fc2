"""What proves an answer: exact arithmetic, and the course's own functions, evaluated anew each time."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction
from typing import Any

from .questions import Question

ARITHMETIC: dict[str, Any] = {
    "Fraction": Fraction,
    "ceil": math.ceil,
    "floor": math.floor,
    "log": math.log,
    "log10": math.log10,
    "max": max,
    "min": min,
    "range": range,
    "round": round,  # ties to even, as torch.round
}


def exact(expression: str) -> Fraction:
    """The value of an arithmetic expression of ``exam.toml``; logarithms are rounded to float64."""
    return Fraction(eval(expression, dict(ARITHMETIC)))


def answer_of(question: Question) -> Fraction | str:
    """The right answer: a number by exact arithmetic, or a letter."""
    return question.answer if question.kind == "choice" else exact(question.answer)


def proof_of(question: Question) -> Fraction | bool:
    """The answer as the course's functions give it, the learner's own where they are written; of a choice, a truth."""
    value = eval(question.proof, {**ARITHMETIC, **_course()})
    value = value.item() if hasattr(value, "item") else value
    return value if isinstance(value, bool) else Fraction(value)


def agrees(question: Question) -> bool:
    """Whether both ways give one answer, to float32's precision."""
    proof, answer = proof_of(question), answer_of(question)
    if isinstance(answer, str):
        return proof is True
    return math.isclose(proof, answer, rel_tol=1e-6, abs_tol=1e-6)


def _course() -> dict[str, Any]:
    """The functions that a proof may call. Imported late: showing a question needs none of them."""
    import torch

    from labs_lib import affine, granularity, inference, layers, models, packing

    modules = (affine, granularity, inference, layers, models, packing)
    functions = {name: value for module in modules for name, value in vars(module).items() if callable(value)}
    own = {one.__name__: one for one in (bytes_added_by_quantizing_a_tied_head, loads_nothing_into_meta)}
    return {**functions, **own, "torch": torch, "tensor": torch.tensor}


def bytes_added_by_quantizing_a_tied_head(rows: int, columns: int) -> int:
    """Put a W8A16Linear in the place of a head that shares its matrix with an embedding, and count."""
    from torch import nn

    from labs_lib.layers import W8A16Linear
    from labs_lib.models import memory_footprint

    embedding, head = nn.Embedding(rows, columns), nn.Linear(columns, rows, bias=False)
    head.weight = embedding.weight
    before = memory_footprint(nn.ModuleList([embedding, head]))
    return memory_footprint(nn.ModuleList([embedding, W8A16Linear.from_linear(head)])) - before


def loads_nothing_into_meta() -> bool:
    """Load a state dict into a skeleton without ``assign=True``: all keys match, and nothing has arrived."""
    from torch import nn

    skeleton, filled = nn.Linear(2, 2, device="meta"), nn.Linear(2, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's warning that the copy does nothing
        report = skeleton.load_state_dict(filled.state_dict())
    return not report.missing_keys and not report.unexpected_keys and skeleton.weight.is_meta
