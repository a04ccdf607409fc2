"""The learner's modules are made from solutions/: bodies go, everything a learner needs stays."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import pytest

from labs_lib.course import catalogue, source, stubs
from labs_lib.course.stub_form import given_statements

RAISE = '    raise NotImplementedError("Exercise 03.2'
EXERCISES = [pytest.param(entry, id=entry.id) for entry in catalogue.exercises()]
MODULE = '''"""Two exercises and what is given."""

import math

from labs_lib.course import checked
from labs_lib.course.exercise import exercise

LIMIT = 3  # given


class Layer:
    def plain(self):
        return LIMIT

    @exercise("03.1")
    def forward(self, x):
        """Method.

        Text with ``code``.
        """
        checked.codes("x", x)
        y = x + 1  # gone

        return y


@exercise("03.2")
def last(x):
    """Function."""

    def inner():
        return math.pi

    return inner
'''
MADE = '''"""Two exercises and what is given."""

# This file is yours: write the bodies of its exercises. `labs check 03.1` judges one in a second,
# `labs hint 03.1` helps, `labs reset 03.1` brings an untouched stub back (your version is kept).

import math

from labs_lib.course import checked
from labs_lib.course.exercise import exercise

LIMIT = 3  # given


class Layer:
    def plain(self):
        return LIMIT

    @exercise("03.1")
    def forward(self, x):
        """Method.

        Text with ``code``.
        """
        checked.codes("x", x)
        raise NotImplementedError("Exercise 03.1: write forward in labs_lib/affine.py (`labs hint 03.1`)")


@exercise("03.2")
def last(x):
    """Function."""
    raise NotImplementedError("Exercise 03.2: write last in labs_lib/affine.py (`labs hint 03.2`)")
'''


def node_of(path, exercise_id):
    return source.read(path).blocks[exercise_id].node


def test_a_module_becomes_its_stub():
    assert stubs.stub_module(MODULE, "affine.py") == MADE


def test_solved_exercises_keep_their_bodies():
    made = stubs.stub_module(MODULE, "affine.py", solved=["03.2"])
    assert "return inner" in made
    assert "y = x + 1" not in made


@pytest.mark.parametrize("entry", EXERCISES)
def test_signature_docstring_and_given_lines_stay(pristine, entry):
    stub = node_of(pristine.root / entry.path, entry.id)
    solution = node_of(entry.solution_file, entry.id)
    assert ast.dump(stub.args) == ast.dump(solution.args)
    assert ast.dump(stub.returns) == ast.dump(solution.returns)
    assert ast.get_docstring(stub) == ast.get_docstring(solution)
    assert stub.body[:-1] == given_statements(stub)
    assert [*map(ast.dump, stub.body[:-1])] == [*map(ast.dump, given_statements(solution))]
    assert source.read(pristine.root / entry.path).blocks[entry.id].is_stub


@pytest.mark.parametrize("entry", EXERCISES)
def test_one_stub_is_the_same_alone(pristine, entry):
    read = source.read(pristine.root / entry.path)
    assert stubs.stub_of(entry) == read.lines(read.blocks[entry.id])


def test_the_made_file_is_clean_but_for_imports(pristine):
    """Ruff as the course configures it: an import that only a solution needs is allowed to wait."""
    ruff = [sys.executable, "-m", "ruff"]
    check = [*ruff, "check", "--no-cache", "--output-format", "json", "labs_lib/affine.py"]
    found = subprocess.run(check, cwd=pristine.root, capture_output=True, text=True)
    assert {problem["code"] for problem in json.loads(found.stdout)} <= {"F401"}
    form = [*ruff, "format", "--no-cache", "--check", "labs_lib/affine.py"]
    assert subprocess.run(form, cwd=pristine.root, capture_output=True).returncode == 0
    compile((pristine.root / "labs_lib" / "affine.py").read_bytes(), "affine.py", "exec")


def test_making_them_twice_changes_nothing(course):
    before = course.file.read_bytes()
    done = course.labs("stubs")
    assert (done.status, done.out) == (0, "all stubs are up to date\n")
    assert course.file.read_bytes() == before
    assert course.labs("stubs", "--check").status == 0


@pytest.mark.parametrize("where", ["labs_lib", "solutions"])
def test_check_fails_on_an_edit_of_either_side(course, where):
    path = course.root / where / "affine.py"
    path.write_text(path.read_text().replace("The dtype that stores codes", "What stores codes"))
    done = course.labs("stubs", "--check")
    assert done.status == 1
    assert "labs_lib/affine.py is not what solutions/affine.py makes" in done.out
    assert course.labs("stubs").status == 0
    assert course.labs("stubs", "--check").status == 0


def test_check_fails_where_the_file_is_missing(course):
    course.file.unlink()
    assert course.labs("stubs", "--check").status == 1
    assert course.labs("stubs").out == "written: affine.py\n"
    assert course.labs("stubs", "--check").status == 0


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (RAISE, "    return x\n" + RAISE, "03.2"),
        ('@exercise("03.2")\n', "", "03.2"),
        ('(`labs hint 03.2`)")', "(`labs hint 03.2`)", "03.2"),
        ("import math", "import math\x00", ""),
    ],
)
def test_work_is_not_overwritten_without_force(course, old, new, named):
    course.edit(old, new)
    before = course.file.read_bytes()
    done = course.labs("stubs")
    if named:
        assert (done.status, course.file.read_bytes()) == (1, before)
        assert done.out.startswith(f"{named} hold")
        done = course.labs("stubs", "--force")
    assert (done.status, done.out) == (0, "written: affine.py\n")
    assert course.labs("stubs", "--check").status == 0


def test_an_edition_without_solutions_says_so(course):
    (course.root / "solutions" / "affine.py").unlink()
    for arguments in (["stubs"], ["stubs", "--check"], ["stubs", "--force"]):
        done = course.labs(*arguments)
        assert done.status == 1
        assert "solutions" in done.out + done.err
