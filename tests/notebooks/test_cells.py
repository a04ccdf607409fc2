"""What a cell is: a check, marked, blank; and which share of a course goes uncompared."""

import pytest

from labs_lib.course.nb import cells, guards, normalise
from labs_lib.course.nb.fallback import split_verdicts, verdict_problem, without_announcements
from labs_lib.course.root import NOTEBOOKS
from tests.notebooks.fixtures.building import book, code, printed, value

ANNOUNCED = "03.2 is not written yet: using the reference so that you can go on\n"


@pytest.mark.parametrize("source", ['check("03.2")', "x = 1\ncheck('03.2', '03.3')", 'check(\n  "03.2"\n)  # now'])
def test_a_check_cell_ends_with_a_check(source):
    assert cells.is_check(source)


@pytest.mark.parametrize(
    "source", ["", "check", "check()", 'v = check("03.2")', 'check("03.2")\nx', 'print(check("03.2"))', "%time x"]
)
def test_other_cells_are_none(source):
    assert not cells.is_check(source)


def test_blank_cells_are_not_counted(tmp_path):
    path = tmp_path / "blank.ipynb"
    path.write_text(book(code("x = 1"), code("  \n"), code("y = 2"), counts=[1, None, 2]), encoding="utf-8")
    assert guards.stored_problems(path) == []
    assert [cell.source for cell in cells.code_cells(normalise.load(path))] == ["x = 1", "y = 2"]


def course(tmp_path, ignored, total):
    marked = [code("id(1)", value("1"), tags=["nbval-ignore-output"], ignore="an address") for _ in range(ignored)]
    path = tmp_path / "course.ipynb"
    path.write_text(book(*[code(f"x = {n}") for n in range(total - ignored)], *marked), encoding="utf-8")
    return [path]


def test_three_percent_may_be_ignored(tmp_path):
    assert guards.too_many_ignored(course(tmp_path, 3, 100)) is None


def test_one_cell_more_is_too_many(tmp_path):
    problem = guards.too_many_ignored(course(tmp_path, 4, 100))
    assert problem is not None
    assert problem.startswith("4 of 100 code cells go uncompared, 3% are allowed:")
    assert problem.endswith("course.ipynb, cell 100: an address")


def test_the_course_keeps_under_the_cap():
    assert guards.too_many_ignored(sorted(NOTEBOOKS.glob("*.ipynb"))) is None


def test_only_whole_lines_that_announce_are_taken_out():
    outputs = [printed(f"a\n{ANNOUNCED}b\n"), printed(ANNOUNCED), printed(f"x {ANNOUNCED}"), value(ANNOUNCED)]
    left = without_announcements(outputs)
    assert [output.get("text", "value") for output in left] == ["a\nb\n", f"x {ANNOUNCED}", "value"]
    assert outputs[0].text == f"a\n{ANNOUNCED}b\n"


def test_verdicts_are_read_from_values_of_check_cells():
    two = value(
        "03.2 quantize: passed, judged on the reference\n\n10.3 W8.forward: not started\n\n  next      labs hint 10.3"
    )
    rest, verdicts = split_verdicts([printed("03.2 quantize: passed\n"), two])
    assert verdicts == [("03.2 quantize", "passed"), ("10.3 W8.forward", "not started")]
    assert [output.output_type for output in rest] == ["stream"]


@pytest.mark.parametrize(
    ("stored", "produced"),
    [
        ([], []),
        ([("03.2 q", "not yet")], [("03.2 q", "not started")]),
        ([("03.2 q", "passed")], []),
        ([("03.2 q", "passed")], [("03.2 q", "passed")]),
        ([("03.2 q", "passed")], [("03.2 q", "not yet")]),
        ([("03.2 q", "passed")], [("03.3 r", "not started")]),
        ([("03.2 q", "passed")], [("03.2 q", "not started"), ("03.3 r", "not started")]),
    ],
)
def test_a_check_on_stubs_must_say_not_started(stored, produced):
    assert verdict_problem(stored, produced) is not None


def test_not_started_in_place_of_passed_is_right():
    stored, produced = (
        [("03.2 q", "passed"), ("03.3 r", "passed")],
        [("03.2 q", "not started"), ("03.3 r", "not started")],
    )
    assert verdict_problem(stored, produced) is None
