"""The edition for students holds no solution, and works."""

from __future__ import annotations

import html
import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from labs_lib.course import catalogue
from labs_lib.course.cli import app
from labs_lib.course.devcheck.solution_lines import telling_lines
from labs_lib.grading import plan, release
from labs_lib.grading.leaks import leaks

LINE = "q = torch.round(x / scale) + zero_point"  # of 03.2
COMMANDS = "import sys; from labs_lib.course.cli import app; app(sys.argv[1:], standalone_mode=False)"


def notebook(**cell: object) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": [], "outputs": [], **cell}]})


PLACES = {
    "labs_lib/helper.py": f"def f():\n    # once: {LINE}\n",
    "docs/answers.md": f"Write `{LINE}` and be done.",
    "notebooks/a.ipynb": notebook(source=["x = 1\n", LINE + "\n", "y = 2"]),
    "notebooks/b.ipynb": notebook(cell_type="markdown", source=[f"> {html.escape(LINE)}"]),
    "notebooks/c.ipynb": notebook(outputs=[{"output_type": "stream", "text": [f"42  {LINE}\n"]}]),
    "notebooks/d.ipynb": notebook(outputs=[{"data": {"text/html": f"<pre>{html.escape(LINE)}</pre>"}}]),
    "labs_lib/course/lessons.toml": f'hints = ["Perhaps {LINE}"]',
    "broken_over_lines.py": LINE.replace(" + ", " \\\n        + "),
    "closer.txt": LINE.replace(" ", ""),
}


@pytest.fixture
def folder(tmp_path):
    """A folder with files by name."""

    def make(files):
        for name, text in files.items():
            path = tmp_path / "folder" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / "folder"

    return make


def test_the_planted_line_is_one_of_the_solution():
    assert LINE in telling_lines(catalogue.find("03.2"))


@pytest.mark.parametrize("name", PLACES)
def test_a_planted_line_is_found(folder, name):
    (found,) = leaks(folder({name: PLACES[name], "README.md": "nothing\n"}))
    assert found.startswith(f"{name}:") and found.endswith(f"holds a line of the solution of 03.2: {LINE}")


def test_its_line_is_named(folder):
    (found,) = leaks(folder({"a.py": f"import torch\n\n\n  {LINE}  # or so\n"}))
    assert found.startswith("a.py:4 ")


def test_pictures_and_other_code_hold_none(folder):
    picture = notebook(outputs=[{"data": {"image/png": LINE}}])
    other = "q = torch.round(x / step) + offset\n"
    assert not [*leaks(folder({"a.png": b"\x89PNG\xff" + LINE.encode(), "b.ipynb": picture, "c.py": other}))]


def test_ignored_files_stay_out_and_new_ones_are_named(folder):
    files = {
        ".gitignore": "draft*\nresults/\n",
        "labs_lib/a.py": "",
        "labs_lib/draft.py": "",
        "docs/results/b.json": "",
    }
    files |= {"docs/.cache/c": "", "notebooks/__pycache__/d.pyc": "", "solutions/affine.py": "", "results/e.json": ""}
    root = folder(files)
    everything = ["docs/results/b.json", "labs_lib/a.py", "labs_lib/draft.py"]
    assert release.files(root=root) == sorted([".gitignore", *everything]), "without git"
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", ".gitignore"], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *command], cwd=root, check=True)
    assert release.files(root=root) == [".gitignore", "labs_lib/a.py"]
    assert release.uncommitted(root) == ["labs_lib/a.py"]


@pytest.fixture
def small_course(folder, monkeypatch):
    """A course of two files, whose owner has written all exercises."""
    solved = (release.ROOT / "solutions" / "affine.py").read_text(encoding="utf-8")
    root = folder({"README.md": "# Title\nText.\n", "labs_lib/affine.py": solved, "docs/a.md": "nothing\n"})
    monkeypatch.setattr(release, "ROOT", root)
    monkeypatch.setattr(release, "files", lambda: ["README.md", "labs_lib/affine.py", "docs/a.md"])
    return root


def test_an_instructors_own_bodies_never_ship(small_course, tmp_path):
    files = release.release(tmp_path / "out")
    assert (tmp_path / "out" / "labs_lib" / "affine.py").read_text() == plan.untouched()["affine.py"]
    assert "labs_lib/affine.py" in files
    assert (tmp_path / "out" / "README.md").read_text().startswith("# Title\n\n> This is the edition for a graded")


def test_a_leak_stops_it_and_nothing_is_written(small_course, tmp_path):
    (small_course / "docs" / "a.md").write_text(PLACES["docs/answers.md"])
    with pytest.raises(release.Leak, match=r"^docs/a\.md:1 holds a line of the solution of 03\.2"):
        release.release(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_what_is_there_is_not_overwritten(small_course, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").touch()
    with pytest.raises(FileExistsError):
        release.release(tmp_path / "out")


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """The edition of this course."""
    out = tmp_path_factory.mktemp("release") / "course"
    done = CliRunner().invoke(app, ["release", str(out)])
    assert done.exit_code == 0, done.output
    return out


@pytest.mark.slow
def test_it_has_no_solutions_and_no_line_of_them(edition):
    assert {path.name for path in edition.iterdir() if path.is_dir()} == {"labs_lib", "notebooks", "docs", "tests"}
    assert {path.name for path in (edition / "tests").iterdir()} == {"__init__.py", "laws"}
    assert not [*leaks(edition)]
    for entry in catalogue.exercises():
        assert f'raise NotImplementedError("Exercise {entry.id}' in _joined(edition / entry.path), entry.id


def _joined(path):
    return (
        path.read_text(encoding="utf-8")
        .replace("NotImplementedError(\n", "NotImplementedError(")
        .replace("  ", "")
        .replace("( ", "(")
    )


@pytest.mark.slow
def test_it_checks_and_counts(edition):
    """Both commands in one process: torch is slow to load."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LABS_", "PYTEST_"))}
    path = edition / "labs_lib" / "affine.py"
    body = "return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)"
    text = path.read_text(encoding="utf-8")
    place = text.index('raise NotImplementedError("Exercise 03.1')
    path.write_text(text[:place] + body + text[text.index("\n", place) :], encoding="utf-8")
    script = f"{COMMANDS}; app(['status'], standalone_mode=False)"
    done = subprocess.run(
        [sys.executable, "-c", script, "check", "03.1", "03.2", "--json"],
        cwd=edition,
        env={**clean, "PYTHONPATH": str(edition)},
        capture_output=True,
        text=True,
    )
    verdicts, end = json.JSONDecoder().raw_decode(done.stdout)
    assert [one["state"] for one in verdicts] == ["passed", "not_started"], done.stderr
    assert "5 of" in done.stdout[end:]
