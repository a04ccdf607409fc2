"""A learner's copy is made once, is never overwritten, and nothing of it is ever lost."""

import pytest

from labs_lib.course import catalogue
from labs_lib.course.nb import normalise, workspace
from tests.notebooks.fixtures.building import book, code, printed, value


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(catalogue, "ROOT", tmp_path)
    monkeypatch.setattr(workspace, "WORKSPACE", tmp_path / "workspace")
    (tmp_path / "notebooks").mkdir()
    entry = catalogue.find_lesson(3)
    entry.notebook.write_text(book(code("print(1)", printed("1\n")), code("2", value("2"))), encoding="utf-8")
    return entry


def backups(copy):
    return sorted(path.name for path in (copy.parent / "backup").glob("*"))


def test_a_copy_has_the_cells_and_no_outputs(lesson):
    copy = workspace.start(3)
    cells = normalise.load(copy).cells
    assert copy.parent.name == "workspace"
    assert copy.name == lesson.notebook.name
    assert [cell.source for cell in cells] == ["print(1)", "2"]
    assert [(cell.outputs, cell.execution_count) for cell in cells] == [([], None)] * 2


def test_the_original_stays_as_it_is(lesson):
    before = lesson.notebook.read_bytes()
    workspace.start(lesson)
    workspace.start(lesson, fresh=True)
    assert lesson.notebook.read_bytes() == before


def test_a_copy_is_never_overwritten(lesson, capsys):
    copy = workspace.start(lesson)
    copy.write_text("mine", encoding="utf-8")
    capsys.readouterr()
    assert workspace.start(lesson) == copy
    assert copy.read_text(encoding="utf-8") == "mine"
    assert "your copy is as you left it" in capsys.readouterr().out


def test_a_new_version_is_announced_with_the_command_that_gets_it(lesson, capsys):
    workspace.start(lesson)
    lesson.notebook.write_text(book(code("print(2)")), encoding="utf-8")
    capsys.readouterr()
    workspace.start(lesson)
    said = capsys.readouterr().out
    assert "the lesson has changed since you made it" in said
    assert "labs start 3 --fresh" in said


def test_new_outputs_alone_are_no_new_version(lesson, capsys):
    workspace.start(lesson)
    lesson.notebook.write_text(book(code("print(1)"), code("2", value("3"))), encoding="utf-8")
    workspace.start(lesson)
    assert "has changed" not in capsys.readouterr().out


def test_work_in_the_copy_is_no_new_version(lesson, capsys):
    copy = workspace.start(lesson)
    copy.write_text(copy.read_text(encoding="utf-8").replace("print(1)", "print(5)"), encoding="utf-8")
    workspace.start(lesson)
    assert "has changed" not in capsys.readouterr().out


def test_fresh_keeps_every_old_copy(lesson, capsys):
    copy = workspace.start(lesson)
    for text in ("first", "second"):
        copy.write_text(text, encoding="utf-8")
        workspace.start(lesson, fresh=True)
        assert [cell.source for cell in normalise.load(copy).cells] == ["print(1)", "2"]
    kept = backups(copy)
    assert kept == [f"{copy.stem}-1.ipynb", f"{copy.stem}-2.ipynb"]
    assert [(copy.parent / "backup" / name).read_text(encoding="utf-8") for name in kept] == ["first", "second"]
    assert f"your copy is kept as workspace/backup/{kept[1]}" in capsys.readouterr().out


def test_fresh_without_a_copy_makes_one(lesson):
    copy = workspace.start(lesson, fresh=True)
    assert copy.is_file()
    assert backups(copy) == []


def test_a_lesson_without_a_notebook_is_named(lesson):
    lesson.notebook.unlink()
    with pytest.raises(catalogue.UnknownId, match=r"lesson 3 has no notebooks/03_quantize_a_tensor\.ipynb"):
        workspace.start(lesson)
