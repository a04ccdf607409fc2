"""``labs verify``: one command line, one exit status."""

import sys

import pytest

from labs_lib.course import catalogue
from labs_lib.course.nb import verify
from labs_lib.course.root import NOTEBOOKS, ROOT
from tests.notebooks.fixtures.building import book, code, printed


def test_the_command_is_strict_nbval_in_this_environment():
    line = verify.command([NOTEBOOKS])
    assert line[:5] == [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env"]
    assert line[-1] == "notebooks"


def test_two_workers_share_whole_notebooks():
    line = verify.command(verify.everything())
    assert line[line.index("-n") :] == ["-n", "2", "--dist", "loadscope", "notebooks", "tests", "solutions"]


def test_without_xdist_one_process_does_it(monkeypatch):
    monkeypatch.setattr(verify.importlib.util, "find_spec", lambda name: None)
    assert "-n" not in verify.command(verify.everything())


def test_a_lesson_is_its_notebook_and_its_laws():
    assert verify.chosen([3]) == [catalogue.find_lesson(3).notebook, ROOT / "tests" / "laws" / "test_03_laws.py"]


def test_a_lesson_without_exercises_is_its_notebook():
    assert verify.chosen([1]) == [catalogue.find_lesson(1).notebook]


@pytest.mark.slow
def test_its_exit_status_is_the_verdict(tree):
    path = tree.root / "notebooks" / catalogue.find_lesson(1).notebook.name
    path.unlink(missing_ok=True)
    missing = tree.labs("verify", "1")
    assert missing.returncode == 2
    assert f"there is no notebooks/{path.name}" in missing.stderr

    source = "import os\nprint(os.environ['LABS_MODE'])"
    path.write_text(book(code(source, printed("solutions\n"))), encoding="utf-8")
    good = tree.labs("verify", "1", LABS_MODE="strict", LABS_NBVAL="fallback")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "2 passed" in good.stdout

    path.write_text(book(code(source, printed("student\n"))), encoding="utf-8")
    bad = tree.labs("verify", "1")
    assert bad.returncode == 1
    assert "Cell outputs differ" in bad.stdout
