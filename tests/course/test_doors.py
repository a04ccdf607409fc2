"""pytest, `labs check` and a notebook's check are doors to the same laws."""

from __future__ import annotations

import json
import re

import pytest

pytestmark = pytest.mark.slow


def laws(tree, **environment):
    """Plain pytest, in a process of its own."""
    return tree.run("-m", "pytest", "tests/laws", "-q", "-rs", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", **environment)


def counts(done):
    summary = done.stdout.strip().splitlines()[-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|error)", summary)}


def test_pytest_skips_what_is_not_started(tree):
    done = laws(tree)
    assert not counts(done).keys() & {"failed", "error"}
    assert done.returncode == 0
    assert "not started: Exercise 03.2: write quantize in labs_lib/affine.py" in done.stdout


def test_pytest_judges_the_reference_in_solutions_mode(tree):
    done = laws(tree, LABS_MODE="solutions")
    assert counts(done).keys() == {"passed"}
    assert done.returncode == 0


def test_pytest_says_what_the_check_says(tree, course):
    course.solve("03.1", "03.2", "05.1")
    course.write("05.1", "x = x.abs()\nreturn x.amax() / q_range(bits)[1]")
    course.write("03.4", "return 1 / 0")
    done = laws(tree)
    broken = set(re.findall(r"^(\d\d\.\d): ", done.stdout, re.MULTILINE))
    verdicts = {one["id"]: one for one in json.loads(course.labs("check", "--json").out)}
    assert broken == {key for key, one in verdicts.items() if one["state"] in ("failed", "error")} == {"03.4", "05.1"}
    assert f"05.1: {verdicts['05.1']['law']}\n" in done.stdout
    assert "ZeroDivisionError: division by zero" in done.stdout
    failures = done.stdout.partition("short test summary info")[0]
    assert failures.count("labs_lib/course") == 0  # no traceback through the machinery


def test_strict_mode_judges_all_that_the_learner_wrote(tree, course):
    course.solve()
    course.write("03.1", "return (0, 1) if signed else (0, 2**bits - 1)")
    assert "03.2: " not in laws(tree).stdout
    assert "03.2: " in laws(tree, LABS_MODE="strict").stdout
