"""From what a learner writes to a verdict: what it means, whether it is right, and which mistake it looks like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .proofs import answer_of, exact
from .questions import Question

TOLERANCE = Fraction(1, 100)  # of the right answer
NUMBER = re.compile(r"([-+]?\d+)(?:\.(\d*))?(?:[eE]([-+]?\d+))?(?:/(\d+))?(?:%|[a-zA-Z]+)?")


class Unreadable(ValueError):
    """An answer that is no number, or no letter; the message says what is expected."""


@dataclass(frozen=True)
class Given:
    """A number as it was written."""

    value: Fraction
    decimals: int | None = None  # None for a fraction such as 1/3
    digits: int = 0  # that count: leading zeros do not


@dataclass(frozen=True)
class Marked:
    """What became of one question."""

    question: Question
    state: str  # "right", "wrong", "open" or "unreadable"
    note: str = ""


def judge(question: Question, answer: Any) -> Marked:
    """Mark one answer.

    Args:
        question: as ``questions`` lists it.
        answer: a number, a tensor of one, a text such as ``"42.5 %"`` or ``"1/64"``, or a letter. None and an empty
            text leave the question open.
    """
    if answer is None or (isinstance(answer, str) and not answer.strip()):
        return Marked(question, "open")
    try:
        return _choice(question, answer) if question.kind == "choice" else _number(question, answer)
    except Unreadable as error:
        return Marked(question, "unreadable", str(error))


def _choice(question: Question, answer: Any) -> Marked:
    letter = str(answer).strip().lower().rstrip(").")
    if letter == answer_of(question):
        return Marked(question, "right", question.why)
    for mistake in question.mistakes:
        if letter == mistake.answer:
            return Marked(question, "wrong", mistake.because)
    raise Unreadable(f"answer with one letter of {', '.join(question.letters)}, got {answer!r}")


def _number(question: Question, answer: Any) -> Marked:
    given, right = given_number(answer), answer_of(question)
    assert isinstance(right, Fraction)
    if is_close(given, right, whole=question.kind == "whole"):
        return Marked(question, "right", question.why)
    for mistake in question.mistakes:
        if is_close(given, exact(mistake.answer), whole=question.kind == "whole"):
            return Marked(question, "wrong", mistake.because)
    return Marked(question, "wrong", "This is none of the common mistakes. Write down each step and try again.")


def given_number(answer: Any) -> Given:
    """A number from what was written. Unreadable where it is none."""
    answer = answer.item() if hasattr(answer, "item") else answer
    if isinstance(answer, Fraction):
        return Given(answer)
    if isinstance(answer, bool) or not isinstance(answer, int | float | str):
        raise Unreadable(f"answer with a number, got {answer!r}")
    text = re.sub(r"[\s_]", "", str(answer)).replace("\N{MINUS SIGN}", "-")
    found = NUMBER.fullmatch(text)
    if found is None or found[4] == "0":
        hint = "; decimals begin with a point" if "," in text else ""
        raise Unreadable(f"answer with a number such as 12, -0.5 or 1/64, got {answer!r}{hint}")
    whole, decimals, power, below = found[1], found[2] or "", int(found[3] or 0), found[4]
    if abs(power) > 30:
        raise Unreadable(f"answer with a number of ordinary size, got {answer!r}")
    value = Fraction(f"{whole}.{decimals or 0}") * Fraction(10) ** power
    if below:
        return Given(value / int(below))
    return Given(value, len(decimals) - power, len((whole.lstrip("+-") + decimals).lstrip("0")))


def is_close(given: Given, right: Fraction, *, whole: bool) -> bool:
    """Whether an answer is meant: equal for whole numbers, else within 1 %, or rounded to at least two digits."""
    if whole:
        return given.value == right
    if abs(given.value - right) <= TOLERANCE * abs(right):
        return True
    return given.decimals is not None and given.digits >= 2 and round(right, given.decimals) == given.value
