"""In which order exercises are graded: a reference enters the sandbox only after its own exercise."""

from __future__ import annotations

import ast

import pytest

from labs_lib.course import catalogue, stubs
from labs_lib.course.stub_form import exercise_id_of, is_stub
from labs_lib.grading import plan

from .conftest import judged, solved
from .red_team.memoriser import laws_by_heart

# Where a secret seed changes nothing yet: the whole domain is public, or the driver builds its models from words.
THE_SAME_CASES_FOR_ALL = {
    "03.1": "23 widths, and each has one answer",
    "12.2": "models by name",
    "13.1": "models by name",
    "13.2": "models by name",
    "13.3": "models by name",
}


def bodies_in(text: str) -> dict[str, bool]:
    """Whether each exercise of a module is written, by its id."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    found = {exercise_id_of(node): not is_stub(node, exercise_id_of(node) or "") for node in nodes}
    return {exercise_id: written for exercise_id, written in found.items() if exercise_id}


def test_every_exercise_is_graded_once():
    assert sorted(entry.id for entry in plan.order()) == sorted(entry.id for entry in catalogue.exercises())


def test_the_references_are_those_of_exercises_graded_before():
    graded: set[str] = set()
    for entry in plan.order():
        written = {}
        for text in plan.references(entry).values():
            written.update(bodies_in(text))
        assert {exercise_id for exercise_id, is_written in written.items() if is_written} == graded, entry.id
        graded.add(entry.id)


def test_what_is_handed_out_holds_no_body():
    assert list(plan.untouched()) == stubs.files()
    assert not any(written for text in plan.untouched().values() for written in bodies_in(text).values())


def test_some_lessons_in_the_order_of_grading():
    assert [entry.id for entry in plan.chosen(["10"])] == ["10.1", "10.3", "10.2"]
    assert len(plan.chosen([])) == len(plan.order())


@pytest.mark.slow
def test_the_reference_passes_under_a_secret_seed(best):
    """The proof of the order: each exercise alone, with the references of those before it and no others."""
    graded = best(solved())
    assert {one.id: one.message for one in graded if one.state != "passed"} == {}
    assert len(graded) == len(judged())


@pytest.mark.slow
@pytest.mark.parametrize("exercise_id", [entry.id for entry in judged()])
def test_knowing_the_public_cases_is_not_enough(exercise_id):
    held, laws = laws_by_heart(exercise_id, seed=20_251_125)
    assert (held == laws) == (exercise_id in THE_SAME_CASES_FOR_ALL), f"{held} of {laws} laws"
