"""Reading a learner's file: stubs are told from work, and a broken piece leaves the rest readable."""

from __future__ import annotations

import ast

import pytest

from labs_lib.course import source
from labs_lib.course.stub_form import exercise_id_of, given_statements, is_stub

STUB = '''@exercise("03.1")
def q_range(bits=8):
    """The codes."""
    bits, low = checked.bits(bits), checked.low(bits)
    checked.fits("bits", bits)
    raise NotImplementedError("Exercise 03.1: write q_range")
'''
RAISE = '    raise NotImplementedError("Exercise 03.1: write q_range")\n'
THREE = """import math


@exercise("03.1")
def one():
    return 1


@exercise("03.2")
def two():
    return 2


@exercise("03.3")
def three():
    return 3
"""


def first_statement(text):
    return ast.parse(text).body[0]


def read(tmp_path, text):
    path = tmp_path / "affine.py"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return source.read(path)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", True),
        ('    """The codes."""\n', "", True),  # a learner may delete the docstring
        ("    checked.fits", "    # checked.fits", True),
        (RAISE, "    return 1\n", False),
        (RAISE, "    pass\n", False),
        (RAISE, "    y = 1\n" + RAISE, False),
        (RAISE, RAISE + "    return 1\n", False),
        ("Exercise 03.1:", "Exercise 03.2:", False),  # copied from elsewhere
        (RAISE, "    raise NotImplementedError\n", False),
        ("    checked.fits", "    other.fits", False),
        ("bits, low = checked.bits(bits), checked.low(bits)", "bits, low = checked.bits(bits), 3", False),
    ],
)
def test_is_stub(old, new, expected):
    assert is_stub(first_statement(STUB.replace(old, new)), "03.1") is expected


def test_the_id_stands_in_the_decorator():
    assert exercise_id_of(first_statement(STUB)) == "03.1"
    assert exercise_id_of(first_statement(STUB.replace("@exercise", "@other"))) is None
    assert exercise_id_of(first_statement('@staticmethod\n@exercise("03.1")\ndef f(): ...')) == "03.1"
    assert exercise_id_of(first_statement("@exercise\ndef f(): ...")) is None
    assert exercise_id_of(first_statement("x = 1")) is None


def test_given_statements_end_at_the_first_other_one():
    node = first_statement(STUB.replace("    checked.fits", "    y = 1\n    checked.fits"))
    assert [statement.lineno for statement in given_statements(node)] == [3, 4]


def test_blocks_know_their_lines(tmp_path):
    found = read(tmp_path, THREE)
    assert found.problem is None
    assert [(b.exercise_id, b.function, b.first_line, b.last_line) for b in found.blocks.values()] == [
        ("03.1", "one", 4, 6),
        ("03.2", "two", 9, 11),
        ("03.3", "three", 14, 16),
    ]
    assert found.lines(found.blocks["03.2"]) == '@exercise("03.2")\ndef two():\n    return 2\n'


def test_methods_are_found_in_their_class(tmp_path):
    found = read(tmp_path, 'class Layer:\n    @classmethod\n    @exercise("10.2")\n    def make(cls):\n        pass\n')
    block = found.blocks["10.2"]
    assert (block.function, block.first_line, block.last_line) == ("Layer.make", 2, 5)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("return 2", "return (2", 11),  # an unclosed parenthesis
        ("return 2", 'return """2', 11),  # an unclosed triple quote
        ("    return 2", "  return 2\n    x = 1", 12),
        ("    return 2", "\tx = 2\n        return x", 12),  # a tab among spaces
        ("    return 2", "return 2", 11),
        ("    return 2", "    x = 2\nreturn x", 12),  # only the compiler refuses this one
        ("    return 2", "    x = 2\n    return\0 x", 12),
        ("def two()", "def two(", 10),
        ("def two():", "def two()", 10),
        ('"03.2"', '"03.2', 9),
        ("return 2", "return 2 +", 11),
        ("return 2", "await 2", 11),
        ("return 2", "return " + "(" * 300 + ")" * 300, 11),
    ],
)
def test_an_error_in_one_exercise_leaves_the_others(tmp_path, old, new, line):
    found = read(tmp_path, THREE.replace(old, new))
    assert found.problem is None
    assert found.blocks["03.2"].problem.lineno == line
    assert not found.blocks["03.2"].is_stub
    assert [key for key, block in found.blocks.items() if block.problem is None] == ["03.1", "03.3"]
    space = {"exercise": lambda _: lambda function: function}
    exec(compile(found.runnable, "affine.py", "exec"), space)
    assert (space["one"](), space["three"]()) == (1, 3)
    with pytest.raises(SyntaxError, match=r"exercise 03\.2 cannot be read, see `labs check 03\.2`"):
        space["two"]()
    shift = new.count("\n") - old.count("\n")
    assert space["three"].__code__.co_firstlineno == found.blocks["03.3"].first_line == 14 + shift


@pytest.mark.parametrize("broken", ["import math from", "import math\nx = (", "import math\n}"])
def test_an_error_outside_every_exercise_belongs_to_the_file(tmp_path, broken):
    found = read(tmp_path, THREE.replace("import math", broken))
    assert found.problem.lineno == 1 + broken.count("\n")
    assert list(found.blocks) == ["03.1", "03.2", "03.3"]


def test_two_errors_are_two_problems(tmp_path):
    found = read(tmp_path, THREE.replace("return 1", "return (").replace("return 3", "return )"))
    assert [block.problem and block.problem.lineno for block in found.blocks.values()] == [6, None, 16]


def test_of_two_definitions_the_last_counts(tmp_path):
    found = read(tmp_path, THREE + '\n\n@exercise("03.1")\ndef one():\n    return 11\n')
    assert (found.blocks["03.1"].first_line, len(found.blocks)) == (19, 3)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_endings_and_a_byte_order_mark_change_nothing(tmp_path, ending):
    plain = read(tmp_path, THREE)
    other = read(tmp_path, b"\xef\xbb\xbf" + THREE.replace("\n", ending).encode())
    assert other.text == plain.text
    assert [block.first_line for block in other.blocks.values()] == [4, 9, 14]


def test_lines_are_counted_as_python_counts_them(tmp_path):
    found = read(tmp_path, THREE.replace("return 1", "return '\x0c \u2028 \x85'"))
    assert found.lines(found.blocks["03.3"]) == '@exercise("03.3")\ndef three():\n    return 3\n'


def test_bytes_that_are_not_utf8_break_one_exercise_and_survive(tmp_path):
    found = read(tmp_path, THREE.encode().replace(b"return 2", b"return 2  # caf\xe9"))
    assert found.blocks["03.2"].problem.lineno == 11
    assert found.blocks["03.2"].problem.msg == "a character that is not UTF-8"
    assert found.text.encode(errors="surrogateescape").endswith(b"return 3\n")
    assert b"caf\xe9" in found.text.encode(errors="surrogateescape")


def test_an_empty_file_has_no_exercises(tmp_path):
    assert read(tmp_path, "").blocks == {}
    assert read(tmp_path, "").problem is None
