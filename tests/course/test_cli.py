"""The `labs` command, without and with a terminal, from anywhere."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

COMMANDS = (
    "start",
    "check",
    "watch",
    "hint",
    "solution",
    "reset",
    "status",
    "exam",
    "next",
    "doctor",
    "models",
    "hub",
    "verify",
    "render",
    "stubs",
    "grade",
    "release",
)
GROUPS = ("models", "hub")
GROUPED = [["dev", "check"], ["models", "list"], ["models", "fetch"], ["models", "remove"], ["hub", "serve"]]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("command", [[name] for name in COMMANDS if name not in GROUPS] + GROUPED, ids=" ".join)
def test_every_command_has_help_with_an_example(course, command):
    done = course.labs(*command, "--help")
    assert done.status == 0
    assert re.search(rf"^ *Example: labs {' '.join(command)}", done.out, re.MULTILINE)
    assert "\x1b" not in done.out
    assert "│" not in done.out  # plain lines, no boxes


def test_help_lists_every_command(course):
    done = course.labs("--help")
    listed = re.findall(r"^  (\w+) ", done.out.partition("Commands:")[2], re.MULTILINE)
    assert sorted(listed) == sorted([*COMMANDS, "dev"])


@pytest.mark.parametrize("command", [["check"], ["hint"], ["solution"], ["reset"]], ids=" ".join)
def test_an_unknown_id_lists_near_ones(course, command):
    done = course.labs(*command, "quantise")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("labs: no exercise 'quantise'; near: 03.2 quantize")
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("command", ["start", "verify", "render"])
def test_an_unknown_lesson_lists_them(course, command):
    done = course.labs(command, "99")
    assert done.status == 2
    assert done.err.startswith("labs: no lesson '99'; the lessons are 1 introduction")


@pytest.mark.parametrize("arguments", [["nonsense"], ["check", "--nonsense"], ["hint"], ["status", "extra"]])
def test_a_wrong_call_is_told_in_words(course, arguments):
    done = course.labs(*arguments)
    assert done.status == 2
    assert "Traceback" not in done.err
    assert "Usage: labs" in done.err


def test_an_unknown_mode_is_told_in_words(course, monkeypatch):
    monkeypatch.setenv("LABS_MODE", "cheat")
    done = course.labs("check")
    assert (done.status, done.err) == (
        2,
        "labs: LABS_MODE must be one of student, strict, solutions, got 'cheat'\n",
    )


def test_a_lesson_without_exercises(course):
    done = course.labs("check", "1")
    assert (done.status, done.out) == (0, "there are no exercises in this lesson\n")
    assert course.labs("check", "1", "--json").out == "[]\n"


def test_status_of_a_fresh_course(course):
    lines = course.labs("status").out.split("\n")
    first = course.module("course.catalogue").lessons()[0]
    assert lines[0] == f" 1  {first.title} ({first.minutes} minutes)"
    assert lines[3] == "      03.1  q_range                    not started            0/5"
    assert lines[-2:] == ["points: 0 of 520", ""]
    assert len(lines) == 18 + 38 + 2


def test_status_shows_points_and_places(course):
    course.solve("03.1")
    course.write("03.2", "return x[99]")
    out = course.labs("status").out
    assert "      03.1  q_range                    passed                 5/5\n" in out
    line = f"labs_lib/affine.py:{course.line_of('return x[99]')}"
    assert f"      03.2  quantize                   stopped by an error    0/15   {line}\n" in out
    assert "points: 5 of 520\n" in out


@pytest.mark.slow
def test_next_is_the_first_that_does_not_pass(course):
    course.solve("03.1")
    line, entry = course.line_of('@exercise("03.2")'), course.module("course.catalogue").find("03.2")
    assert course.labs("next").out == (
        f"03.2 quantize: {entry.title} (about {entry.lines} lines, {entry.minutes} minutes)\n"
        "  state     not started\n"
        f"  write     labs_lib/affine.py:{line}\n"
        "  read      labs start 3\n"
        "  check     labs check 03.2\n"
    )
    course.write("03.1", "return 0, 1")
    assert course.labs("next").out.startswith("03.1 q_range: The codes of a bit width")
    course.solve()
    assert course.labs("next").out.startswith("All exercises pass.")


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False),  # stdout is not a terminal
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"COLUMNS": "30"}, False),
    ],
)
def test_colour_only_repeats_words(course, monkeypatch, environment, coloured):
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    course.solve("03.1")
    plain = course.labs("status").out
    for name, value in {"TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)
    shown = course.labs("status").out
    assert (COLOUR.search(shown) is not None) == coloured
    assert COLOUR.sub("", shown) == plain


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_a_closed_stream_is_no_reason_to_fail(course, monkeypatch, stream):
    course.solve("03.1")
    monkeypatch.setattr(sys, stream, None)
    monkeypatch.setattr(sys, "argv", ["labs", "check", "03.1", "--json"])
    with pytest.raises(SystemExit) as stop:
        course.module("course.cli").main()
    assert stop.value.code == 0


@pytest.mark.slow
def test_a_copy_checks_itself_from_anywhere(tree, course, tmp_path, monkeypatch):
    course.solve("03.1")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("tests", "solutions", "labs_lib"):  # somebody else's packages of the same names
        (elsewhere / name).mkdir()
        (elsewhere / name / "__init__.py").write_text("raise RuntimeError('the wrong package')\n")
    command = [sys.executable, "-P", "-m", "labs_lib", "check", "03.1"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tree.root), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=elsewhere, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("03.1 q_range: passed")
    assert (tree.root / ".labs" / "verdicts.json").exists()
    assert sorted(path.name for path in elsewhere.iterdir()) == ["labs_lib", "solutions", "tests"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell closes the streams")
@pytest.mark.parametrize("closing", ["<&-", "2>&-", "| head -1", "</dev/null | cat"])
def test_a_shell_may_close_streams(tree, closing):
    command = f"{sys.executable} -m labs_lib status {closing}"
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tree.root), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(["sh", "-c", command], cwd=tree.root, env=environment, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.startswith(" 1  ")
