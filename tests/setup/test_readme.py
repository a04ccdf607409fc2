"""The README must stay true: its commands exist, and its table is the catalogue's."""

import re

import typer.main

from labs_lib.course import catalogue
from labs_lib.course.cli import app
from labs_lib.course.root import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_labs_command_in_the_readme_exists():
    known = typer.main.get_command(app).commands
    named = set(re.findall(r"\blabs ([a-z]+)\b(?! are| is)", re.sub(r"Quantization labs", "", README)))
    assert named >= {"start", "check", "watch", "hint", "status", "next", "solution", "reset", "verify", "stubs"}
    assert named <= set(known), named - set(known)


def test_every_make_target_in_the_readme_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:^|`)make ([a-z]+)\b", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"no make target {target}"


def test_the_lesson_table_is_the_catalogue():
    rows = re.findall(r"^\| \[(\d+)\. ([^\]]+)\]\(([^)]+)\) \| (\d+) \| (.*?) ?\|$", README, re.MULTILINE)
    expected = []
    for lesson in catalogue.lessons():
        functions = ", ".join(f"`{entry.function}`" for entry in lesson.exercises)
        notebook = catalogue.relative(lesson.notebook)
        expected.append((str(lesson.number), lesson.title, notebook, str(lesson.minutes), functions))
    assert rows == expected


def test_the_windows_commands_name_the_file_that_the_makefile_runs():
    assert r"py labs_lib\course\bootstrap.py lab" in README
    assert "labs_lib/course/bootstrap.py" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert (ROOT / "labs_lib" / "course" / "bootstrap.py").is_file()
