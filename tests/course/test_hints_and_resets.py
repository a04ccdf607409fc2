"""Hints go one step at a time, the solution waits, a reset loses nothing."""

from __future__ import annotations

import os

import pytest


def test_hints_come_one_after_another_and_are_remembered(course):
    said = [course.labs("hint", "03.2").out for _ in range(4)]
    hints = course.module("course.catalogue").find("03.2").hints
    for text, level in zip(said, (1, 2, 3, 3), strict=True):
        assert text == (
            f"03.2 quantize, hint {level} of 3\n\n  {hints[level - 1]}\n\n"
            "write it in labs_lib/affine.py, then: labs check 03.2\n"
        )
    assert "hint 1 of 3" in course.labs("hint", "03.3").out  # each exercise has its own count


def test_a_hint_by_number_counts_as_seen(course):
    assert "hint 2 of 3" in course.labs("hint", "quantize", "2").out
    assert "hint 3 of 3" in course.labs("hint", "03.2").out
    assert "hint 1 of 3" in course.labs("hint", "03.2", "1").out
    assert course.module("course.hints").seen(course.module("course.catalogue").find("03.2")) == 3


@pytest.mark.parametrize("level", ["0", "4", "x", "-1"])
def test_there_are_three_hints(course, level):
    done = course.labs("hint", "03.2", level)
    assert done.status == 2
    assert "Traceback" not in done.err


@pytest.mark.parametrize("seen", [-5, 99, True, "2", None])
def test_a_count_that_makes_no_sense_does_no_harm(course, seen):
    progress = course.module("course.progress")
    progress.write_json(course.root / ".labs" / "hints.json", {"03.2": seen})
    assert course.labs("hint", "03.2").status == 0


def test_the_solution_waits_for_three_hints(course):
    done = course.labs("solution", "03.2")
    assert done.status == 1
    assert done.out == ("03.2 is not passed yet. `labs hint 03.2` has 3 more; --force shows it now.\n")
    course.labs("hint", "03.2")
    assert "has 2 more" in course.labs("solution", "03.2").out
    course.labs("hint", "03.2", "3")
    assert course.labs("solution", "03.2").status == 0


def test_the_solution_may_be_forced_or_earned(course):
    done = course.labs("solution", "03.1", "--force")
    assert done.status == 0
    assert done.out.startswith('@exercise("03.1")\ndef q_range(')
    assert done.out.endswith("    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1\n")
    assert course.labs("solution", "03.1").status == 1
    course.solve("03.1")
    assert course.labs("solution", "03.1").out == done.out


def test_a_reset_keeps_a_backup_and_restores_the_stub_exactly(course):
    untouched = course.text()
    for number, body in enumerate(("return x  # one", "return x  # two"), start=1):
        course.write("03.2", body)
        done = course.labs("reset", "03.2")
        assert done.out == (
            "03.2 quantize in labs_lib/affine.py is an untouched stub again\n"
            f"your version is kept in .labs/backup/03.2-{number}.py\n"
        )
        assert course.text() == untouched
        kept = (course.root / ".labs" / "backup" / f"03.2-{number}.py").read_text()
        assert kept.startswith('@exercise("03.2")\ndef quantize(')
        assert kept.endswith(f"    {body}\n")


def test_a_reset_leaves_the_rest_of_the_file_alone(course):
    course.solve("03.1", "03.3")
    course.edit("import math\n", "import math\nimport my_own\n")
    before = course.text()
    course.write("03.2", "return (x")
    course.labs("reset", "03.2")
    assert course.text() == before


def test_a_reset_of_an_untouched_stub_changes_nothing(course):
    before, when = course.text(), course.file.stat().st_mtime_ns
    done = course.labs("reset", "03.2")
    assert done.out == "03.2 quantize in labs_lib/affine.py is an untouched stub again\n"
    assert (course.text(), course.file.stat().st_mtime_ns) == (before, when)
    assert not (course.root / ".labs" / "backup").exists()


def test_a_reset_brings_back_what_was_deleted(course):
    stub = course.module("course.stubs").stub_of(course.module("course.catalogue").find("03.2"))
    course.edit(stub, "")
    assert course.labs("check", "03.2").out.startswith("03.2 quantize: stopped by an error")
    course.labs("reset", "03.2")
    assert course.text().endswith(f"\n\n\n{stub}")
    assert course.labs("check", "03.2").out.startswith("03.2 quantize: not started")


@pytest.mark.parametrize("text", ["", "my notes\n"])
def test_a_reset_of_an_emptied_file_brings_all_of_it_back(course, text):
    course.file.write_text(text)
    done = course.labs("reset", "03.2")
    assert course.labs("stubs", "--check").status == 0
    assert ("your version is kept" in done.out) == bool(text)


def test_a_reset_keeps_permissions_and_odd_bytes(course):
    os.chmod(course.file, 0o664)
    course.write("03.2", "return x")
    course.file.write_bytes(course.file.read_bytes().replace(b"    return x\n", b"    return x  # \xe9\n"))
    course.labs("reset", "03.2")
    assert course.file.stat().st_mode & 0o777 == 0o664
    assert (course.root / ".labs" / "backup" / "03.2-1.py").read_bytes().endswith(b"return x  # \xe9\n")
    assert course.labs("stubs", "--check").status == 0
