"""From the outcomes of an exercise's laws to one verdict."""

from __future__ import annotations

import inspect
from typing import Any

from torch import Tensor

from . import modes
from .catalogue import Exercise
from .diagnosis import diagnose, suspect_line
from .engine import Outcome
from .exercise import implementation
from .laws.driver import named_driver
from .laws.expect import LawBroken
from .laws.render import text_of
from .laws.subject import Call, Interrupted, LearnerError
from .source import Source, lines_of
from .verdict import STOPPED, Verdict


def verdict_of(entry: Exercise, outcomes: list[Outcome], read: Source | None) -> Verdict:
    """The verdict on one exercise. ``read`` is the learner's file, None when the reference was judged."""
    laws = list(dict.fromkeys(outcome.statement for outcome in outcomes))
    broken = [outcome for outcome in outcomes if outcome.state in ("failed", "error")]
    held = len(laws) - len({outcome.statement for outcome in broken})
    base: dict[str, Any] = {
        "id": entry.id,
        "function": entry.function,
        "max_points": entry.points,
        "laws": len(laws),
        "judged": "yours" if read is not None else "reference",
    }
    if not outcomes:
        return Verdict(state="not_gradable", points=0, note="None of its laws has run.", **base)
    unwritten = next((outcome for outcome in outcomes if outcome.state == "not_started"), None)
    if unwritten is not None:
        return Verdict(state="not_started", points=0, note=_reason(entry, str(unwritten.error or "")), **base)
    if not broken:
        return Verdict(state="passed", points=entry.points, laws_held=held, **base)
    worst = _clearest(broken)
    mutant = diagnose(entry.id, outcomes) if read is not None else None
    place, line = _place(entry, worst, mutant, read)
    return Verdict(
        state=worst.state,
        points=0,
        laws_held=held,
        law=worst.statement,
        input=_input_text(entry, worst.call),
        diagnosis=mutant.says if mutant else "",
        place=place,
        line=line,
        printed=worst.call.reply.printed if worst.call else "",
        **_evidence(worst),
        **base,
    )


def _reason(entry: Exercise, said: str) -> str:
    """What a NotImplementedError said, unless it is what every stub of the exercise says."""
    return "" if said.startswith(f"Exercise {entry.id}: write ") else f"NotImplementedError: {said}".removesuffix(": ")


def _clearest(broken: list[Outcome]) -> Outcome:
    """The failure to show: of the first broken law, the one with the smallest input."""
    first = [outcome for outcome in broken if outcome.statement == broken[0].statement]
    return min(first, key=lambda outcome: _size(outcome.call))


def _size(call: Call | None) -> int:
    values = [] if call is None else [*call.args, *call.kwargs.values()]
    return sum(value.numel() for value in values if isinstance(value, Tensor))


def _evidence(outcome: Outcome) -> dict[str, Any]:
    error = outcome.error
    if isinstance(error, LawBroken):
        return {"got": error.got, "expected": error.expected, "allowed": error.allowed, "note": error.note}
    assert isinstance(error, LearnerError)
    if isinstance(error, Interrupted):
        return {"got": STOPPED, "expected": "an answer", "note": "This is the line that ran when it was stopped."}
    return {"got": f"{error.raised.kind}: {error.raised.text}", "expected": "an answer, not an exception"}


def _input_text(entry: Exercise, call: Call | None) -> str:
    """The call's arguments by name: ``x = [0, 15.3], scale = 0.06``. A named driver's scenario comes first, bare."""
    if call is None:
        return ""
    with modes.using(modes.Mode("strict")):
        try:
            function = named_driver(entry.id) or implementation(entry.id)
            bound = inspect.signature(function).bind(*call.args, **call.kwargs).arguments
        except (TypeError, KeyError):
            bound = {f"argument {index + 1}": value for index, value in enumerate(call.args)} | call.kwargs
    scenario = [bound.pop("scenario")] if named_driver(entry.id) and "scenario" in bound else []
    return ", ".join([*scenario, *(f"{name} = {text_of(value)}" for name, value in bound.items())])


def _place(entry: Exercise, outcome: Outcome, mutant: Any, read: Source | None) -> tuple[str, str]:
    if read is None:
        return "", ""
    if isinstance(outcome.error, LearnerError) and outcome.error.raised.file == entry.path:
        return f"{entry.path}:{outcome.error.raised.line}", outcome.error.raised.source
    block = read.blocks[entry.id]
    number = suspect_line(block, mutant, read.lines(block))
    return f"{entry.path}:{number}", lines_of(read.text)[number - 1].strip()
