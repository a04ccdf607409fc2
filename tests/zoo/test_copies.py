"""Converted copies: made once, made anew when what they are made from changes, never half made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labs_lib.course.root import ROOT
from labs_lib.zoo import copies


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(copies, "MODELS", tmp_path / "models")
    return tmp_path / "models"


def write(folder: Path) -> None:
    (folder / "weights").write_text("whole")


def test_a_copy_is_made_once_and_found_again(models):
    assert copies.kept("net", "1") is None
    assert copies.make("net", "1", write) == models / "net" == copies.kept("net", "1")
    assert (models / "net" / "weights").read_text() == "whole"
    assert [path.name for path in models.iterdir()] == ["net"]


def test_another_origin_replaces_it(models):
    copies.make("net", "1", write)
    assert copies.kept("net", "2") is None
    copies.make("net", "2", lambda folder: (folder / "other").touch())
    assert copies.kept("net", "1") is None
    assert sorted(path.name for path in (models / "net").iterdir()) == [copies.MARK, "other"]
    assert [path.name for path in models.iterdir()] == ["net"]


def test_an_error_or_ctrl_c_leaves_what_was_there(models):
    copies.make("net", "1", write)

    def stopped(folder: Path) -> None:
        (folder / "weights").write_text("ha")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copies.make("net", "2", stopped)
    assert (models / "net" / "weights").read_text() == "whole"
    assert [path.name for path in models.iterdir()] == ["net"]


def test_a_killed_process_leaves_no_copy_and_its_rest_is_swept_later(models):
    code = (
        "import os, sys; from pathlib import Path; from labs_lib.zoo import copies\n"
        "copies.MODELS = Path(sys.argv[1])\n"
        "copies.make('net', '1', lambda folder: ((folder / 'weights').write_text('ha'), os._exit(9)))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(models)], cwd=ROOT).returncode == 9
    assert copies.kept("net", "1") is None
    (rest,) = models.iterdir()
    assert rest.name.startswith(copies.UNFINISHED)

    copies.make("net", "1", write)
    assert rest.exists()  # it might be somebody's who is still writing
    os.utime(rest, (0, 0))
    copies.make("net", "2", write)
    assert [path.name for path in models.iterdir()] == ["net"]


def test_of_two_at_the_same_time_the_first_stays(models):
    def late(folder: Path) -> None:
        copies.make("net", "1", write)
        (folder / "weights").write_text("late")

    copies.make("net", "1", late)
    assert (models / "net" / "weights").read_text() == "whole"


def test_removing(models):
    assert not copies.remove("net")
    copies.make("net", "1", write)
    assert copies.remove("net")
    assert list(models.iterdir()) == []
