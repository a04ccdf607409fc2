"""Bodies that stand in for an exercise: mutants (known mistakes) and equivalents (other right answers).

They live in ``tests/mutants/ex_03_2.py`` and ``tests/equivalents/ex_03_2.py``, one file an exercise. A law that no
mutant breaks proves nothing, and a law that an equivalent breaks is too strict. The mutants also diagnose: a learner
whose answer is the same as a mutant's has probably made its mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from .root import load_module

Body = Callable[..., Any]


@dataclass(frozen=True)
class Mutant:
    exercise_id: str
    name: str  # from reference tables of misconceptions, or a new one
    body: Body
    law: str  # the statement of a law that rejects it
    says: str  # the sentence that helps
    line: str = ""  # a regular expression that finds the suspect line in a learner's body


def mutant(name: str, exercise_id: str, *, law: str, says: str, line: str = "") -> Callable[[Body], Body]:
    """Register a wrong body: the law that must reject it, and what to tell a learner whose answers match it."""

    def register(body: Body) -> Body:
        body.standin = Mutant(exercise_id, name, body, law, says, line)  # type: ignore[attr-defined]
        return body

    return register


def equivalent(exercise_id: str) -> Callable[[Body], Body]:
    """Register a right body that works in another way."""

    def register(body: Body) -> Body:
        body.equivalent_of = exercise_id  # type: ignore[attr-defined]
        return body

    return register


def mutants_of(exercise_id: str) -> list[Mutant]:
    """The known mistakes of an exercise; none where the edition ships without them."""
    module = load_module(f"tests.mutants.{_file(exercise_id)}")
    found = [getattr(value, "standin", None) for value in _values(module)]
    return [one for one in found if one is not None and one.exercise_id == exercise_id]


def equivalents_of(exercise_id: str) -> list[Body]:
    """The other right answers of an exercise."""
    module = load_module(f"tests.equivalents.{_file(exercise_id)}")
    return [value for value in _values(module) if getattr(value, "equivalent_of", None) == exercise_id]


def _file(exercise_id: str) -> str:
    return f"ex_{exercise_id.replace('.', '_')}"


def _values(module: ModuleType | None) -> list[Any]:
    return [] if module is None else list(vars(module).values())
