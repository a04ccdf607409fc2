"""A learner's measurements on disk: whole, sorted, and never overwritten by the reference's."""

from __future__ import annotations

import json

import pytest

from labs_lib.course import results
from labs_lib.course.modes import Mode, using
from labs_lib.course.results import Result

LARGE, SMALL = Result("large", 300, 8.00049, 0.000123456), Result("small", 100, 2.5, 1.7)


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "STATE", tmp_path / "state")
    return tmp_path / "state"


def test_results_come_back_sorted_and_rounded():
    stored = results.keep("18", {"model": "tiny-lm"}, [LARGE, SMALL])
    assert stored == results.kept("18") == [SMALL, Result("large", 300, 8.0, 0.0001235)]


def test_the_file_is_the_same_for_the_same_results(state):
    results.keep("18", {"model": "tiny-lm"}, [LARGE, SMALL])
    first = (state / "results.json").read_bytes()
    results.keep("18", {"model": "tiny-lm"}, [SMALL, LARGE])
    assert (state / "results.json").read_bytes() == first
    assert json.loads(first)["lessons"]["18"]["setting"] == {"model": "tiny-lm"}


def test_another_lesson_keeps_its_results():
    results.keep("18", {}, [SMALL])
    results.keep("30", {}, [LARGE])
    assert results.kept("18") == [SMALL]


def test_the_reference_never_overwrites_a_learners_results(state):
    with using(Mode("student")):
        results.keep("18", {}, [SMALL])
    with using(Mode("solutions")):
        assert results.keep("18", {}, []) == []
    with using(Mode("student")):
        assert results.kept("18") == [SMALL]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"lessons": {"18": {"results": [{"name": 1}]}}}', "not json"])
def test_a_damaged_file_holds_nothing_and_is_replaced(state, text):
    state.mkdir()
    (state / "results.json").write_text(text)
    with using(Mode("student")):
        assert results.kept("18") == []
        assert results.keep("18", {}, [SMALL]) == [SMALL]
        assert results.kept("18") == [SMALL]


def test_where_nothing_can_be_written_the_results_are_returned(state):
    state.write_text("a file, not a folder")
    assert results.keep("18", {}, [SMALL]) == [SMALL]


def test_ranking_is_by_divergence_among_those_that_fit():
    middle = Result("middle", 200, 4.5, 0.03)
    assert results.ranked([LARGE, middle, SMALL], at_most=4.5) == [middle, SMALL]
    assert results.ranked([LARGE], at_most=4) == []
