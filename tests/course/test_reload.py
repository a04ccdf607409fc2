"""After an edit, names that a notebook imported earlier run the new body."""

from __future__ import annotations

import os
import warnings

import pytest

pytestmark = pytest.mark.slow  # each one begins a shell, and ends it

FIRST_CELL = """
from labs_lib.course import check, lesson
lesson(3)
import torch
from labs_lib.affine import quantize
import labs_lib.affine as affine
keep = quantize  # a name that the reload cannot know
"""


@pytest.fixture
def shell(course, tmp_path, monkeypatch):
    """An IPython shell in this process, as a kernel has one."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        config = Config()
        config.HistoryManager.enabled = False
        shell = InteractiveShell.instance(config=config)

        def run(code):
            done = shell.run_cell(code, store_history=False)
            done.raise_error()
            return done.result

        yield run
        shell.reset(new_session=False)
        shell.restore_sys_module_state()
        InteractiveShell.clear_instance()


def save(course, exercise_id, body):
    """Write a body with a time stamp that differs, however coarse the clock."""
    before = course.file.stat().st_mtime
    course.write(exercise_id, body)
    os.utime(course.file, (before + 10, before + 10))


def test_an_edit_counts_from_the_next_cell_on(course, shell, capsys):
    shell(FIRST_CELL)
    said = capsys.readouterr().out
    assert said.startswith("Lesson 3: Quantize and dequantize a tensor. About 60 minutes.\n")
    assert "  03.2  quantize             labs_lib/affine.py   Real values to codes\n" in said
    assert shell("quantize(torch.tensor([3.0]), 1.0).item()") == 3
    assert "03.2 is not written yet" in capsys.readouterr().out
    for answer in (41, 42):
        save(course, "03.2", f"return torch.tensor({answer})")
        assert shell("quantize(torch.tensor([3.0]), 1.0).item()") == answer
        assert shell("keep(torch.tensor([3.0]), 1.0).item()") == answer
        assert shell("affine.quantize(torch.tensor([3.0]), 1.0).item()") == answer


def test_a_stub_that_comes_back_falls_back_again(course, shell):
    shell(FIRST_CELL)
    save(course, "03.2", "return torch.tensor(41)")
    assert shell("keep(torch.tensor([3.0]), 1.0).item()") == 41
    assert course.labs("reset", "03.2").status == 0
    os.utime(course.file, (2e9, 2e9))
    assert shell("keep(torch.tensor([3.0]), 1.0).item()") == 3


def test_a_check_in_a_notebook_judges_what_is_on_disk(course, shell):
    shell(FIRST_CELL)
    save(course, "03.1", "return (-2 ** (bits - 1), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)")
    assert repr(shell("check('03.1')")).startswith("03.1 q_range: passed")
    save(course, "03.1", "return (0, 1)")
    assert repr(shell("check('03.1')")).startswith("03.1 q_range: not yet")
    assert shell("affine.q_range()") == (0, 1)


def test_a_syntax_error_is_one_line_and_the_rest_goes_on(course, shell, capsys):
    shell(FIRST_CELL)
    save(course, "03.1", "return (-7, 7)")
    save(course, "03.2", "return torch.tensor((41)")
    assert shell("affine.q_range()") == (-7, 7)
    line = course.line_of("torch.tensor((41)")
    said = f"labs_lib/affine.py:{line} cannot be read ('(' was never closed), the rest of the file can\n"
    assert said in capsys.readouterr().out
    with pytest.raises(SyntaxError, match=r"see `labs check 03\.2`"):
        shell("keep(torch.tensor([3.0]), 1.0)")
    assert "was never closed" in repr(shell("check('03.2')"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("import math", "import math\nimport no_such_package", "(ModuleNotFoundError: No module named"),
        ("import math", "import math from", "(SyntaxError: invalid syntax)"),
    ],
)
def test_a_file_that_cannot_run_leaves_the_last_good_bodies(course, shell, capsys, old, new, said):
    shell(FIRST_CELL)
    save(course, "03.1", "return (-7, 7)")
    assert shell("affine.q_range()") == (-7, 7)
    course.edit(old, new)
    assert shell("affine.q_range()") == (-7, 7)
    line = course.line_of(new.split("\n")[-1])
    assert f"labs_lib/affine.py:{line} stops the file from running {said}" in capsys.readouterr().out
    course.file.unlink()
    assert shell("affine.q_range()") == (-7, 7)
    assert "labs_lib/affine.py stops the file from running (FileNotFoundError" in capsys.readouterr().out


def test_the_traceback_after_an_edit_shows_the_learners_line(course, shell):
    shell(FIRST_CELL)
    save(course, "03.2", "steps = x / scale\nreturn steps[99]")
    with pytest.raises(IndexError) as raised:
        shell("keep(torch.tensor([3.0]), 1.0)")
    assert raised.traceback[-1].path == course.file
    assert raised.traceback[-1].lineno + 1 == course.line_of("return steps[99]")


def test_a_helper_that_is_new_in_the_file_can_be_imported(course, shell):
    shell(FIRST_CELL)
    course.edit("def code_dtype", "def helper():\n    return 5\n\n\ndef code_dtype")
    assert shell("from labs_lib.affine import helper\nhelper()") == 5


def test_two_lessons_in_one_kernel_reload_once(course, shell, capsys):
    shell(FIRST_CELL + "lesson(4)")
    save(course, "03.1", "return (-7, 7)")
    course.edit("import math", "import math\nprint('run')")
    capsys.readouterr()
    assert shell("affine.q_range()") == (-7, 7)
    assert capsys.readouterr().out.count("run\n") == 1
    assert shell("get_ipython().events.callbacks['pre_run_cell']").__len__() == 1


def test_in_solutions_mode_nothing_is_reloaded(shell, monkeypatch):
    monkeypatch.setenv("LABS_MODE", "solutions")
    shell("from labs_lib.course import lesson\nlesson(3)")
    assert shell("get_ipython().events.callbacks['pre_run_cell']") == []


@pytest.mark.slow
def test_a_real_kernel_runs_what_was_saved(tree, course, tmp_path, monkeypatch):
    manager = pytest.importorskip("jupyter_client.manager")
    monkeypatch.setenv("PYTHONPATH", str(tree.root))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    kernel, client = manager.start_new_kernel(cwd=str(tree.root))
    try:

        def run(code):
            said = []
            reply = client.execute_interactive(
                code, output_hook=lambda message: said.append(message["content"]), timeout=120
            )
            assert reply["content"]["status"] == "ok", reply
            return "".join(content.get("text") or content.get("data", {}).get("text/plain", "") for content in said)

        run(FIRST_CELL)
        save(course, "03.2", "return torch.tensor(41)")
        assert run("keep(torch.tensor([3.0]), 1.0).item()") == "41"
        said = run("check('03.2')")
        assert said == repr(course.module("course").check("03.2"))
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)
