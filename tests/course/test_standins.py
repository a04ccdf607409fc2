"""The laws against known mistakes, which they must reject, and against other right answers, which they must accept."""

from __future__ import annotations

import functools
import inspect
import re

import pytest

from labs_lib.course import catalogue, diagnosis, engine, judgement, source, standins
from labs_lib.course.laws import shrink
from labs_lib.course.standins import Mutant

EXERCISES = list(catalogue.exercises())
MUTANTS = [mutant for entry in EXERCISES for mutant in standins.mutants_of(entry.id)]
EQUIVALENTS = [(entry.id, body) for entry in EXERCISES for body in standins.equivalents_of(entry.id)]


SAMPLE = 1  # mutants of each exercise; the rule mutants-die of `labs dev check` proves them all


def mutant_id(mutant: Mutant) -> str:
    return f"{mutant.exercise_id}-{mutant.name}"


@functools.cache
def outcomes_of(mutant_index: int) -> list[engine.Outcome]:
    """What all laws say of a mutant, as in a learner's check."""
    mutant = MUTANTS[mutant_index]
    return engine.judge([mutant.exercise_id], replaced={mutant.exercise_id: mutant.body})


@pytest.mark.parametrize("entry", EXERCISES, ids=lambda entry: entry.id)
def test_there_are_enough(entry):
    mutants = standins.mutants_of(entry.id)
    assert len(mutants) >= 5
    assert len({mutant.name for mutant in mutants}) == len(mutants)
    assert len(standins.equivalents_of(entry.id)) >= 2


@pytest.mark.parametrize(
    "mutant", [mutant for entry in EXERCISES for mutant in standins.mutants_of(entry.id)[:SAMPLE]], ids=mutant_id
)
def test_a_mutant_is_killed_by_its_law(mutant, monkeypatch):
    monkeypatch.setattr(shrink, "TRIES", 0)
    replaced = {mutant.exercise_id: mutant.body}
    outcomes = engine.judge([mutant.exercise_id], replaced=replaced, statement=mutant.law)
    assert outcomes, f"{mutant.exercise_id} has no law {mutant.law!r}"
    assert "not_started" not in {outcome.state for outcome in outcomes}
    assert {"failed", "error"} & {outcome.state for outcome in outcomes}


@pytest.mark.parametrize("mutant", MUTANTS, ids=mutant_id)
def test_a_mutant_can_be_told_to_a_learner(mutant):
    assert mutant.says.endswith(".") and len(mutant.says) < 250
    body = inspect.getsource(mutant.body)
    body = body[body.index("def ") :].splitlines()[1:]
    assert mutant.line and any(re.search(mutant.line, line) for line in body)
    mine = inspect.signature(mutant.body).parameters
    assert [(p.name, p.default, p.kind) for p in mine.values()] == _parameters(mutant.exercise_id)


@pytest.mark.slow
def test_most_mutants_are_told_apart():
    """A learner is told the mistake they made, not a relative of it."""
    told = {mutant_id(mutant): diagnosis.diagnose(mutant.exercise_id, outcomes_of(index)) for index, mutant in _all()}
    assert None not in told.values()
    wrong = {name: other.name for name, other in told.items() if other and mutant_id(other) != name}
    assert len(wrong) <= 0.05 * len(told), wrong


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])  # the rule equivalents-pass has seed 0
@pytest.mark.parametrize(("exercise_id", "body"), EQUIVALENTS, ids=lambda value: getattr(value, "__name__", value))
def test_an_equivalent_passes(exercise_id, body, seed):
    outcomes = engine.judge([exercise_id], replaced={exercise_id: body}, seed=seed)
    wrong = [(outcome.statement, outcome.case, str(outcome.error)) for outcome in outcomes if outcome.state != "passed"]
    assert outcomes and not wrong


@pytest.mark.parametrize("name", ["03.2-A04", "04.1-B05", "05.3-twenty_log"])
def test_the_whole_way_to_a_verdict(name, tmp_path):
    """A learner's file with a mutant's body in it: law, evidence, diagnosis and suspect line reach the verdict."""
    index, mutant = next((index, mutant) for index, mutant in _all() if mutant_id(mutant) == name)
    entry = catalogue.find(mutant.exercise_id)
    body = inspect.getsource(mutant.body)
    path = tmp_path / "affine.py"
    path.write_text(f'@exercise("{entry.id}")\n{body[body.index("def ") :]}', encoding="utf-8")
    verdict = judgement.verdict_of(entry, outcomes_of(index), source.read(path))
    assert verdict.state == "failed" and verdict.points == 0
    assert verdict.diagnosis == mutant.says
    assert verdict.law and verdict.input and verdict.got
    assert re.search(mutant.line, verdict.line) and verdict.place.startswith("labs_lib/affine.py:")


def _all() -> list[tuple[int, Mutant]]:
    return list(enumerate(MUTANTS))


def _reference(exercise_id: str) -> standins.Body:
    from labs_lib.course.exercise import reference

    return reference(exercise_id)


def _parameters(exercise_id: str) -> list[tuple[str, object, object]]:
    found = inspect.signature(_reference(exercise_id)).parameters
    return [(p.name, p.default, p.kind) for p in found.values()]
