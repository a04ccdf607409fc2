"""Lessons and exercises by any of their names; near ones for a slip."""

from __future__ import annotations

import pytest

from labs_lib.course import catalogue
from labs_lib.course.catalogue import UnknownId


def ids(names):
    return [entry.id for entry in catalogue.select(names)]


def test_the_course_in_order():
    assert [lesson.number for lesson in catalogue.lessons()] == list(range(1, 19))
    assert ids(["3", "4", "5"]) == ["03.1", "03.2", "03.3", "03.4", "04.1", "04.2", "05.1", "05.2", "05.3"]
    assert ids([]) == sorted(ids([])) and len(ids([])) == 38
    assert sum(entry.points for entry in catalogue.exercises()) == 520


@pytest.mark.parametrize("name", ["03.2", "quantize"])
def test_an_exercise_by_id_or_function(name):
    entry = catalogue.find(name)
    assert (entry.id, entry.function, entry.lesson, entry.module) == ("03.2", "quantize", 3, "affine")
    assert entry.path == "labs_lib/affine.py"
    assert catalogue.relative(entry.written_file) == entry.path
    assert catalogue.relative(entry.solution_file) == "solutions/affine.py"
    assert len(entry.hints) == 3


@pytest.mark.parametrize("name", [3, "3", "03", "quantize_a_tensor", "03_quantize_a_tensor"])
def test_a_lesson_by_number_or_slug(name):
    lesson = catalogue.find_lesson(name)
    assert lesson.number == 3
    assert catalogue.relative(lesson.notebook) == "notebooks/03_quantize_a_tensor.ipynb"
    assert catalogue.relative(catalogue.law_file(3)) == "tests/laws/test_03_laws.py"


def test_a_selection_keeps_the_order_asked_for_and_no_doubles():
    assert ids(["04.2", "q_range", "4", "03.1"]) == ["04.2", "03.1", "04.1"]
    assert ids(["1"]) == []


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("03.9", "03.1 q_range"),
        ("3.2", "03.2 quantize"),
        ("quantise", "03.2 quantize"),
        ("chose_scale", "05.1 choose_scale"),
        ("quantize_asymetric", "04.2 quantize_asymmetric"),
    ],
)
def test_an_unknown_id_lists_near_ones(name, near):
    with pytest.raises(UnknownId, match=f"^no exercise '{name}'; near: .*{near}"):
        catalogue.find(name)


@pytest.mark.parametrize("name", ["zzzzzz", "", "💡"])
def test_nothing_near_points_to_the_list(name):
    with pytest.raises(UnknownId, match=r"`labs status` lists them"):
        catalogue.find(name)


@pytest.mark.parametrize("name", ["0", "99", "", "quant", "-3"])
def test_an_unknown_lesson_lists_them_all(name):
    with pytest.raises(UnknownId, match=r"the lessons are 1 introduction, 2 overview, 3 quantize_a_tensor"):
        catalogue.find_lesson(name)


def test_a_catalogue_is_data():
    (lesson,) = catalogue.read(
        '[[lesson]]\nnumber = 7\nslug = "s"\ntitle = "T"\nminutes = 5\n'
        '[[lesson.exercise]]\nid = "07.1"\nfunction = "Layer.forward"\nfile = "beyond/gptq.py"\ntitle = "t"\n'
        'minutes = 1\nlines = 2\npoints = 3\nhints = ["a", "b", "c"]\n'
    )
    (entry,) = lesson.exercises
    assert (entry.lesson, entry.module, entry.path) == (7, "beyond.gptq", "labs_lib/beyond/gptq.py")
