"""Laws are collected once a process and run many times: nothing of one run is left in the next."""

from __future__ import annotations

import pytest
import torch

from labs_lib.course import catalogue, collected, engine, modes
from labs_lib.course.laws.subject import Interrupted


@pytest.fixture(autouse=True)
def the_reference():
    with modes.using(modes.Mode("solutions")):
        yield


def inputs(seed):
    """What the laws of one exercise hand to the function, case by case."""
    outcomes = engine.judge(["05.1"], seed=seed)
    return {(one.statement, one.case): one.call.args[0].nan_to_num(0.125) for one in outcomes if one.case}


def test_a_seed_says_which_inputs_whatever_ran_before():
    first, other, again = inputs(1), inputs(2), inputs(1)
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


def test_a_failure_is_gone_in_the_next_run():
    def wrong(x, *, bits=8):
        raise RuntimeError("no idea")

    broken = engine.judge(["05.1"], replaced={"05.1": wrong})
    right = engine.judge(["05.1"])
    assert {one.state for one in broken} == {"failed", "error"}
    assert {(one.state, one.error) for one in right} == {("passed", None)}
    assert [(one.statement, one.case) for one in broken] == [(one.statement, one.case) for one in right]


def test_a_run_that_was_stopped_does_not_harm_the_next():
    def stopped(x, *, bits=8):
        raise KeyboardInterrupt

    outcomes = engine.judge(["05.1"], replaced={"05.1": stopped})
    assert [type(one.error) for one in outcomes] == [Interrupted]
    assert {one.state for one in engine.judge(["05.1"])} == {"passed"}


def test_a_file_is_collected_once(monkeypatch):
    engine.judge(["05.1"])
    monkeypatch.setattr(collected, "Laws", None)  # it would be called again
    assert engine.judge(["05.2"])


def test_a_file_that_pytest_cannot_read_says_why(tmp_path):
    file = tmp_path / "test_99_laws.py"
    file.write_text("import nothing_of_that_name\n")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="nothing_of_that_name"):
            collected.run(file, lambda law: True, engine.Run())


def test_one_law_alone():
    statement = engine.judge(["05.1"])[0].statement
    assert {one.statement for one in engine.judge(["05.1"], statement=statement)} == {statement}


def test_laws_of_two_lessons_come_in_the_order_of_the_course():
    outcomes = engine.judge(["05.1", "03.1"])
    assert list(dict.fromkeys(one.exercise_id for one in outcomes)) == ["03.1", "05.1"]
    assert catalogue.law_file(3) != catalogue.law_file(5)
