"""Whatever an editor leaves on disk, `labs status`, `check` and `next` answer, and name the right line."""

from __future__ import annotations

import json
import re

import pytest

STUB = '    raise NotImplementedError("Exercise 03.2'
HALF = "    q = torch.round(x / scale  # half"


def replace(old, new):
    return lambda text: text.replace(old, new)


def dedented_return(text):
    return re.sub(f"{re.escape(STUB)}.*\n", "    y = x\nreturn y\n", text)


def second_half_missing(text):
    return text[: text.index("@exercise", text.index('@exercise("04.1")') + 1)]


BROKEN_BLOCKS = {  # what breaks 03.2 alone: the change, the piece of the line that is named, what is said
    "unclosed parenthesis": (replace(STUB, f"{HALF}\n{STUB}"), "# half", "'(' was never closed"),
    "unclosed triple quote": (
        replace(STUB, f'    """half\n{STUB}'),
        '"""half',
        "unterminated triple-quoted string",
    ),
    "bad indentation": (replace(STUB, f"      x = 1\n{STUB}"), "      x = 1", "unexpected indent"),
    "tabs and spaces": (replace(STUB, f"\tx = 1\n{STUB}"), "\tx = 1", "inconsistent use of tabs"),
    "a NUL byte": (replace(STUB, f"    x = 1\0\n{STUB}"), "x = 1", "a NUL character"),
    "dedented return": (dedented_return, "return y", "'return' outside function"),
    "unclosed id": (
        replace('@exercise("03.2")', '@exercise("03.2)'),
        '@exercise("03.2',
        "unterminated string",
    ),
}
BROKEN_FILES = {  # what is not the fault of one exercise
    "empty": lambda text: "",
    "only spaces": lambda text: "  \n\n",
    "prose": lambda text: "this is not Python\n",
    "broken import": replace("import math", "import math from"),
    "missing package": replace("import math", "import no_such_package"),
    "no imports": replace("from labs_lib.course.exercise import exercise\n", ""),
    "exit at import": replace("import math", "import sys\nsys.exit()"),
    "decorator removed": replace('@exercise("03.2")\n', ""),
    "other id": replace('@exercise("03.2")', '@exercise("99.9")'),
    "id is a number": replace('@exercise("03.2")', "@exercise(03.2)"),
    "merge conflict": replace("import math", "<<<<<<< HEAD\nimport math\n=======\n>>>>>>> main"),
    "two definitions": lambda text: text + '\n\n@exercise("03.2")\ndef quantize(x, scale):\n    return x\n',
    "a class": replace("def quantize(", "class quantize:\n    def nothing("),
}


def answers(course):
    """All doors answer in words."""
    for arguments in (
        ["status"],
        ["next"],
        ["check"],
        ["check", "03.2"],
        ["check", "--json"],
        ["hint", "03.2"],
    ):
        done = course.labs(*arguments)
        assert done.status in (0, 1), (arguments, done)
        assert "Traceback" not in done.out + done.err
        assert done.err == ""
    repr(course.module("course").check())
    course.module("course").check()._repr_html_().encode()
    return {verdict["id"]: verdict for verdict in json.loads(course.labs("check", "--json").out)}


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN_BLOCKS)
def test_a_broken_exercise_leaves_the_others(course, name):
    change, piece, message = BROKEN_BLOCKS[name]
    course.solve("03.1", "05.3")
    course.file.write_text(change(course.text()), encoding="utf-8")
    verdicts = answers(course)
    states = {key: verdict["state"] for key, verdict in verdicts.items()}
    expected = {key: "not_started" for key in states} | {"03.1": "passed", "03.2": "error", "05.3": "passed"}
    assert states == expected
    assert verdicts["03.2"]["message"].startswith("Python cannot read this: ")
    assert message in verdicts["03.2"]["message"]
    shown = course.labs("check", "03.2").out
    place = f"labs_lib/affine.py:{course.line_of(piece)}"
    (line,) = (line for line in shown.split("\n") if line.startswith(f"  {place}    "))
    assert piece.strip() in line
    assert place in course.labs("status").out


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_a_broken_file_is_said_in_words(course, name):
    course.solve("03.1", "03.2")
    course.file.write_text(BROKEN_FILES[name](course.text()), encoding="utf-8")
    verdicts = answers(course)
    assert verdicts["03.2"]["state"] in ("error", "failed")
    assert verdicts["03.2"]["points"] == 0
    assert verdicts["03.2"]["message"]


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("broken import", "import math from", "Python cannot read this: invalid syntax"),
        (
            "missing package",
            "import no_such_package",
            "ModuleNotFoundError: No module named 'no_such_package'",
        ),
        ("exit at import", "sys.exit()", "SystemExit"),
        ("no imports", '@exercise("03.1")', "NameError: name 'exercise' is not defined"),
    ],
)
def test_what_stops_the_whole_file_is_named_with_its_line(course, name, line, said):
    course.solve("03.1", "03.2")
    course.file.write_text(BROKEN_FILES[name](course.text()), encoding="utf-8")
    shown = course.labs("check", "03.2").out
    assert said in shown
    assert f"  labs_lib/affine.py:{course.line_of(line)}    {line}\n" in shown


def test_a_file_that_is_gone(course):
    course.file.unlink()
    verdicts = answers(course)
    assert {one["state"] for key, one in verdicts.items() if key < "06"} == {"error"}
    assert {one["state"] for key, one in verdicts.items() if key > "06"} == {"not_started"}
    said = "there is no labs_lib/affine.py; `labs reset 03.2` brings it back"
    assert verdicts["03.2"]["message"] == said
    assert course.labs("reset", "03.2").status == 0
    assert course.labs("stubs", "--check").status == 0


def test_a_file_that_ends_too_soon(course):
    course.solve("03.1", "03.2")
    course.file.write_text(second_half_missing(course.text()), encoding="utf-8")
    verdicts = answers(course)
    assert verdicts["03.2"]["state"] == "passed"
    said = "labs_lib/affine.py holds no function with @exercise('05.1'); `labs reset 05.1` brings it back"
    assert (verdicts["05.1"]["state"], verdicts["05.1"]["message"]) == ("error", said)


def test_bytes_that_are_not_utf8(course):
    course.solve("03.1")
    course.edit(STUB, f"    x = 1  # caf\u00e9\n{STUB}")
    number = course.line_of("x = 1  # caf")
    course.file.write_bytes(course.text().encode("latin-1", errors="replace"))
    verdicts = answers(course)
    assert verdicts["03.1"]["state"] == "passed"
    assert verdicts["03.2"]["message"] == "Python cannot read this: a character that is not UTF-8"
    assert f"labs_lib/affine.py:{number}    x = 1  # caf\ufffd\n" in course.labs("check", "03.2").out


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_windows_line_endings_and_a_byte_order_mark(course, mark):
    course.solve("03.1")
    course.write("03.2", "levels = x[7000]\nreturn levels")
    course.file.write_bytes(mark + course.file.read_bytes().replace(b"\n", b"\r\n"))
    verdicts = answers(course)
    assert [verdicts[key]["state"] for key in ("03.1", "03.2", "03.3")] == ["passed", "error", "not_started"]
    number = course.line_of("levels = x[7000]")
    assert f"labs_lib/affine.py:{number}    levels = x[7000]\n" in course.labs("check", "03.2").out
    assert course.labs("reset", "03.2").status == 0
    assert answers(course)["03.2"]["state"] == "not_started"


def test_a_mistake_below_a_broken_exercise_has_the_right_line(course):
    course.edit(
        '    raise NotImplementedError("Exercise 03.1',
        '    x = (1\n    raise NotImplementedError("Exercise 03.1',
    )
    course.write("03.2", "steps = x / scale\nreturn steps")
    shown = course.labs("check", "03.2").out
    assert f"  labs_lib/affine.py:{course.line_of('return steps')}    return steps\n" in shown
