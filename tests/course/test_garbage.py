"""Whatever a learner's function answers, a law breaks on it; it never stops the engine, and never holds."""

from __future__ import annotations

import sys

import pytest
import torch

from labs_lib.course import catalogue, engine
from labs_lib.course.laws import shrink


def _raises(error):
    def body(*args, **kwargs):
        raise error

    return body


def _answers(value):
    def body(*args, **kwargs):
        return value

    return body


class Strange:
    """An object of a learner's own that is awkward in every way."""

    def __eq__(self, other):
        raise ValueError("not comparable")

    def __repr__(self):
        raise ValueError("not printable")


USUAL = {
    "none": _answers(None),
    "text": _answers("[-15, -74, 127]"),
    "wrong shape": _answers(torch.zeros(2, 7, 3)),
    "five results": _answers((1, 2, 3, 4, 5)),
    "int": _answers(7),
    "nan like x": lambda *args, **kwargs: args[0] * torch.nan if args and torch.is_tensor(args[0]) else None,
    "bool tensor": _answers(torch.ones(3, 3, dtype=torch.bool)),
    "runtime error": _raises(RuntimeError("size mismatch")),
}
UNUSUAL = {
    "wrong shape of codes": _answers(torch.zeros(2, 7, 3, dtype=torch.int8)),
    "empty tensor": _answers(torch.empty(0)),
    "no result": _answers(()),
    "pair of nothing": _answers((None, None)),
    "pair of text": _answers(("a", "b")),
    "pair of tensors": _answers((torch.zeros(3), torch.zeros(3, dtype=torch.int8))),
    "triple of nothing": _answers([None, None, None]),
    "long int": _answers(10**5000),
    "pair of long ints": _answers((-(10**5000), 10**5000)),
    "bool": _answers(True),
    "nan": _answers(float("nan")),
    "pair of nan": _answers((float("nan"), float("nan"))),
    "nan tensor": _answers(torch.full((3, 3), torch.nan)),
    "complex tensor": _answers(torch.ones(3, 3, dtype=torch.complex64)),
    "sparse tensor": _answers(torch.eye(3).to_sparse()),
    "meta tensor": _answers(torch.empty(3, 3, device="meta")),
    "pair of meta tensors": _answers((torch.empty((), device="meta"), torch.empty((), device="meta"))),
    "float8 tensor": _answers(torch.ones(3, 3).to(torch.float8_e4m3fn)),
    "numpy array": _answers(torch.zeros(3, 3).numpy()),
    "strange object": _answers(Strange()),
    "pair of strange objects": _answers((Strange(), Strange())),
    "nested": _answers((((torch.zeros(1),),),)),
    "its arguments": lambda *args, **kwargs: args,
    "its first argument": lambda *args, **kwargs: args[0] if args else None,
    "wrong signature": lambda: None,
    "assertion error": _raises(AssertionError()),
    "error without a text": _raises(KeyError()),
    "exit": lambda *args, **kwargs: sys.exit(0),
    "endless recursion": lambda *args, **kwargs: UNUSUAL["endless recursion"](*args, **kwargs),
    "torch's own not-implemented": lambda *args, **kwargs: torch.round(torch.tensor([True])),
    "squeezes x in place": lambda *args, **kwargs: torch.as_tensor(args[0] if args else 0.0).unsqueeze_(0),
}
KINDS = {**USUAL, **UNUSUAL}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("entry", [e for e in catalogue.exercises() if e.lesson <= 5], ids=lambda entry: entry.id)
def test_no_law_holds_for_garbage(entry, kind, monkeypatch):
    monkeypatch.setattr(shrink, "TRIES", 2)  # shrinking must survive garbage too, but need not finish
    outcomes = engine.judge([entry.id], replaced={entry.id: KINDS[kind]})
    held = [outcome for outcome in outcomes if outcome.state not in ("failed", "error")]
    assert outcomes
    assert not [outcome for outcome in held if outcome.case != "no_codes"]  # NaN times nothing is right there


@pytest.mark.slow
@pytest.mark.parametrize("kind", USUAL)
@pytest.mark.parametrize("entry", [e for e in catalogue.exercises() if e.lesson > 5], ids=lambda entry: entry.id)
def test_garbage_is_never_passed(entry, kind, monkeypatch):
    """Some laws of layers and models ask about one thing only, such as what was freed. Never do all of them hold."""
    monkeypatch.setattr(shrink, "TRIES", 2)
    states = {outcome.state for outcome in engine.judge([entry.id], replaced={entry.id: USUAL[kind]})}
    assert states & {"failed", "error"} and states <= {"passed", "failed", "error"}
