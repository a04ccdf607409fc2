"""Which body runs when an exercise is called: the learner's, the reference, or neither."""

from __future__ import annotations

import shutil

import pytest
import torch

WRONG = "return torch.zeros_like(x, dtype=torch.int8)  # {}".format
RAISE = '    raise NotImplementedError("Exercise 03.2'
RANGE = "return (0, 1)"


@pytest.fixture
def call(course):
    """Calls quantize of the copy in a mode, as somebody who imported it before."""
    affine = course.module("affine")
    modes = course.module("course.modes")

    def quantize(mode="student", **fields):
        with modes.using(modes.Mode(mode, **fields)):
            return affine.quantize(torch.tensor([2.0]), 1.0).tolist()

    return quantize


def reload(course):
    return course.module("course.load").learner_modules()


def test_an_untouched_stub_falls_back_and_says_so_once(call, capsys):
    assert call() == [2]
    assert call() == [2]
    said = capsys.readouterr().out
    assert said == "03.2 is not written yet: using the reference so that you can go on\n"


def test_the_learners_body_runs_as_soon_as_it_is_written(course, call, capsys):
    course.write("03.2", WRONG("mine"))
    reload(course)
    assert call() == [0]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("return x[5]", IndexError),
        ("return unknown_name", NameError),
        ("q_min, q_max = q_range(bits, signed)\nraise NotImplementedError('later')", NotImplementedError),
        ("import sys; sys.exit()", SystemExit),
    ],
)
def test_an_exception_of_the_learners_is_never_papered_over(course, call, body, kind):
    course.write("03.2", body)
    reload(course)
    with pytest.raises(kind):
        call()


def test_a_half_written_body_is_the_learners(course, call):
    course.edit(RAISE, "    y = 1\n" + RAISE)
    reload(course)
    with pytest.raises(NotImplementedError, match=r"labs hint 03\.2"):
        call()


@pytest.mark.parametrize("change", ["    # a comment\n", "\n\n"])
def test_comments_and_blank_lines_leave_a_stub_untouched(course, call, change):
    course.edit(RAISE, change + RAISE)
    reload(course)
    assert call() == [2]


def test_strict_never_uses_the_reference(call):
    with pytest.raises(NotImplementedError, match="write quantize in labs_lib/affine"):
        call("strict")


def test_solutions_always_uses_the_reference(course, call):
    course.write("03.2", WRONG("mine"))
    course.write("03.1", RANGE)
    reload(course)
    assert call("solutions") == [2]


def test_only_one_exercise_is_the_learners(course, call):
    course.solve("03.2")
    course.write("03.1", RANGE)
    reload(course)
    assert call("only", only="03.2") == [2]  # q_range is the reference's
    assert call("only", only="03.1") == [2]  # quantize is the reference's, and so is what it calls
    assert call("strict") == [1]


def test_a_stand_in_runs_in_every_mode(call):
    for mode in ("student", "strict", "solutions", "only"):
        assert call(mode, replaced={"03.2": lambda x, scale: torch.tensor([7])}) == [7]


def test_the_mode_comes_from_the_environment(course, call, monkeypatch):
    modes = course.module("course.modes")
    monkeypatch.setenv("LABS_MODE", "strict")
    assert modes.current().name == "strict"
    with modes.using(modes.Mode("solutions")):
        assert modes.current().name == "solutions"
    monkeypatch.setenv("LABS_MODE", "")
    assert modes.current().name == "student"
    monkeypatch.setenv("LABS_MODE", "only")  # needs an id, which a variable does not hold
    with pytest.raises(modes.UnknownMode, match="student, strict, solutions, got 'only'"):
        modes.current()


def test_a_decorated_function_keeps_its_signature_and_docstring(course):
    quantize = course.module("affine").quantize
    assert quantize.__name__ == "quantize"
    assert quantize.exercise_id == "03.2"
    assert quantize.__doc__.startswith("Map real values to integer codes")


def test_something_typed_at_a_prompt_is_not_a_stub(course, call):
    exercise = course.module("course.exercise").exercise
    space = {"exercise": exercise, "torch": torch, "__name__": "__main__"}
    exec("@exercise('03.2')\ndef quantize(x, scale): return torch.tensor([9])", space)
    assert call() == [9]


class TestWithoutSolutions:
    """An edition for a graded class: there is no solutions/ folder."""

    @pytest.fixture(autouse=True)
    def withhold(self, course):
        shutil.rmtree(course.root / "solutions")

    def test_an_unwritten_exercise_says_what_is_needed(self, call, capsys):
        with pytest.raises(NotImplementedError) as raised:
            call()
        assert str(raised.value) == (
            "Exercise 03.2: this needs your quantize, and this edition of the course ships without solutions. "
            "Write it in labs_lib/affine.py (`labs hint 03.2`)"
        )
        assert capsys.readouterr().out == ""  # no promise of a reference

    def test_a_check_uses_the_learners_own_bodies(self, course, call):
        course.write("03.2", "return torch.full_like(x, q_range(bits, signed)[1]).to(torch.int8)")
        course.write("03.1", RANGE)
        reload(course)
        assert call("only", only="03.2") == [1]
        assert call("only", only="03.1") == [1]

    def test_solutions_mode_says_what_is_missing(self, call):
        with pytest.raises(NotImplementedError, match="ships without solutions"):
            call("solutions")
