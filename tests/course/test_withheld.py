"""A student edition without solutions/ (and without tests/mutants) can still check itself."""

from __future__ import annotations

import json
import shutil

import pytest

Q_RANGE = "return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)"
QUANTIZE = """q_min, q_max = q_range(bits, signed)
q = torch.round(x / scale) + zero_point
return q.clamp(q_min, q_max).to(code_dtype(bits, signed))"""


@pytest.fixture(autouse=True)
def withhold(course):
    for folder in ("solutions", "tests/mutants", "tests/equivalents"):
        shutil.rmtree(course.root / folder)


def states(course, *arguments):
    return {one["id"]: one["state"] for one in json.loads(course.labs("check", "--json", *arguments).out)}


def test_an_exercise_that_stands_alone_passes(course):
    course.write("03.1", Q_RANGE)
    assert states(course)["03.1"] == "passed"
    assert set(states(course, "4", "5").values()) == {"not_started"}


def test_an_exercise_that_needs_another_says_which(course):
    course.write("03.2", QUANTIZE)
    done = course.labs("check", "03.2")
    assert (done.status, done.err) == (1, "")
    assert done.out.startswith("03.2 quantize: not started\n")
    assert "NotImplementedError: Exercise 03.1: write q_range in labs_lib/affine.py (`labs hint 03.1`)" in done.out
    course.write("03.1", Q_RANGE)
    assert states(course, "03.1", "03.2") == {"03.1": "passed", "03.2": "passed"}


def test_a_mistake_is_told_without_a_diagnosis(course):
    course.write("03.1", Q_RANGE)
    course.write("03.2", QUANTIZE.replace("x / scale", "x * scale"))
    (verdict,) = json.loads(course.labs("check", "03.2", "--json").out)
    assert (verdict["state"], verdict["diagnosis"]) == ("failed", "")
    assert "expected" in verdict["message"]


def test_every_command_answers(course):
    assert course.labs("status").status == 0
    assert course.labs("next").status == 0
    assert course.labs("hint", "03.2", "3").status == 0
    done = course.labs("solution", "03.2", "--force")
    assert (done.status, done.err) == (1, "")
    assert done.out == "this edition ships without solutions; `labs hint 03.2 3` says nearly all of it\n"
    course.write("03.1", Q_RANGE)
    before = course.text()
    done = course.labs("reset", "03.1")
    assert (done.status, course.text()) == (1, before)
    assert done.out == "labs: no solutions/affine.py here to make the stub of 03.1 from\n"


def test_solutions_mode_cannot_judge(course, monkeypatch):
    monkeypatch.setenv("LABS_MODE", "solutions")
    done = course.labs("check", "03.1", "--json")
    assert done.status == 1
    assert "ships without solutions" in done.out + done.err
