"""The zip for Gradescope: small, repeatable, and right when it runs where Gradescope would run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile

import pytest
from typer.testing import CliRunner

from labs_lib.course.cli import app
from labs_lib.grading import autograder

from . import a_class

KILOBYTES = 1000
FORGED = "open('{results}', 'w').write('{{\"score\": 1000}}'); import os; os._exit(0)"


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("zip") / "autograder.zip"
    done = CliRunner().invoke(app, ["grade", "--gradescope-zip", str(path), "--only", "03.1", "--only", "03.2"])
    assert done.exit_code == 0, done.output
    return path


def test_it_holds_what_grading_needs_and_no_more(archive, tmp_path):
    names = set(zipfile.ZipFile(archive).namelist())
    assert {"setup.sh", "run_autograder", "solutions/affine.py", "labs_lib/affine.py"} <= names
    assert {"labs_lib/grading/worker.py", "labs_lib/course/lessons.toml", "tests/laws/test_03_laws.py"} <= names
    assert not [name for name in names if name.startswith(("notebooks", "docs", "labs_lib/zoo", "labs_lib/show"))]
    assert autograder.KEY not in names
    assert archive.stat().st_size < KILOBYTES * 1024
    autograder.write(tmp_path / "again.zip", ["03.1", "03.2"])
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_a_course_key_is_put_in_when_it_is_asked_for(tmp_path):
    (tmp_path / "key").write_text("0123456789abcdef\n")
    (tmp_path / "short").write_text("0123")
    autograder.write(tmp_path / "a.zip", [], tmp_path / "key")
    assert zipfile.ZipFile(tmp_path / "a.zip").read(autograder.KEY) == b"0123456789abcdef"
    for wrong in (["--key", str(tmp_path / "short")], ["--only", "99.9"]):
        done = CliRunner().invoke(app, ["grade", "--gradescope-zip", str(tmp_path / "b.zip"), *wrong])
        assert done.exit_code == 2
    assert not (tmp_path / "b.zip").exists()


@pytest.mark.parametrize("script", [autograder.SETUP, autograder.RUN])
def test_the_scripts_are_bash(script):
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"users": [{"email": "bo@example.org"}, {"email": "ada@example.org"}]}', "ada@example.org,bo@example.org"),
        ('{"users": []}', "submission"),
        ('{"users": [1]}', "submission"),
        ("no JSON", "submission"),
    ],
)
def test_who_handed_in_is_read_from_gradescopes_metadata(tmp_path, text, name):
    (tmp_path / "submission_metadata.json").write_text(text)
    assert autograder.submitter(tmp_path / "submission_metadata.json") == name
    assert autograder.submitter(tmp_path / "none.json") == "submission"


@pytest.mark.slow
def test_it_grades_where_gradescope_unpacks_it(archive, tmp_path):
    source, written = tmp_path / "source", tmp_path / "results" / "results.json"
    zipfile.ZipFile(archive).extractall(source)
    written.parent.mkdir()
    forged = FORGED.format(results=written)
    a_class.hand_in(tmp_path, "submission", a_class.module("03.1", quantize=forged))
    titles = source / "labs_lib" / "course" / "lessons.toml"
    titles.write_text(titles.read_text().replace("The codes of a bit width", "The unpacked title"))
    script = tmp_path / "run_autograder"
    script.write_bytes((source / "run_autograder").read_bytes())  # Gradescope copies it there
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LABS_", "PYTEST_"))}
    places = {"AUTOGRADER_ROOT": str(tmp_path), "AUTOGRADER_PYTHON": sys.executable}
    done = subprocess.run(["bash", script], cwd=tmp_path, env=clean | places, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("backend ")
    data = json.loads(written.read_text())
    assert data["output"] == "5 of 20 points"
    assert [(one["name"], one["score"], one["max_score"], one["status"]) for one in data["tests"]] == [
        ("The unpacked title", 5, 5, "passed"),
        ("Real values to codes", 0, 15, "failed"),
    ]
    assert data["tests"][1]["output"].startswith(("error", "crashed")), "by what the sandbox lets it see"
