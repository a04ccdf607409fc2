"""Copies are found, two people's own right answers are not."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap

import pytest

from labs_lib.course import catalogue, source, standins, stubs
from labs_lib.course.root import SOLUTIONS
from labs_lib.grading import similarity
from labs_lib.grading.intake import Submission

from . import a_class

FILE = a_class.FILE
IDS = [entry.id for entry in catalogue.exercises() if entry.file == FILE]
EQUIVALENTS = {exercise_id: standins.equivalents_of(exercise_id) for exercise_id in IDS}


def answers(choose: int) -> str:
    """affine.py with an equivalent of each exercise in it: the ``choose``-th of each, by the same author."""
    text = a_class.module(*IDS)
    for exercise_id, bodies in EQUIVALENTS.items():
        block = source.read(SOLUTIONS / FILE, text).blocks[exercise_id]
        node = ast.parse(textwrap.dedent(inspect.getsource(bodies[choose % len(bodies)]))).body[0]
        node.decorator_list, node.name = [], block.function
        lines = text.split("\n")
        lines[block.first_line : block.last_line] = [ast.unparse(node)]
        text = "\n".join(lines)
    return text


def disguised(text: str) -> str:
    """The same with other names, comments and layout."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            mine = node.id
            for other in ast.walk(tree):
                if isinstance(other, ast.Name) and other.id == mine:
                    other.id = f"my_{mine}"
        if isinstance(node, ast.FunctionDef):
            node.body[0] = ast.Expr(ast.Constant("Written by me, all alone."))
    return "# my own work\n" + re.sub(r"\n    return", "\n\n    # and now\n    return", ast.unparse(tree))


def found(*texts: str, **names: str) -> dict[tuple[str, str], float]:
    """The pairs among texts, by name."""
    named = {f"s{number}": text for number, text in enumerate(texts)} | names
    submissions = (Submission(name, {FILE: text}) for name, text in named.items())
    return {(pair.one, pair.other): pair.share for pair in similarity.pairs(submissions)}


FIRST, SECOND = answers(0), answers(1)


def test_a_renamed_copy_is_found():
    pairs = found(FIRST, SECOND, copy=disguised(FIRST))
    assert {*pairs} == {("copy", "s0")}
    assert pairs["copy", "s0"] > 0.9


def test_three_copies_in_a_small_class_are_found():
    pairs = found(FIRST, disguised(FIRST), FIRST + "\n# x\n", SECOND, a_class.module("03.1"))
    assert {*pairs} == {("s0", "s1"), ("s0", "s2"), ("s1", "s2")}


def test_two_independent_right_answers_are_not():
    assert found(FIRST, SECOND, answers(2)) == {}


def test_the_reference_and_the_stub_are_no_ones_own():
    whole = a_class.module(*IDS)
    assert similarity.own_fingerprints({FILE: whole}) == {}
    assert similarity.own_fingerprints({FILE: disguised(whole)}) == {}
    assert found(whole, whole, whole, a_class.module(), a_class.module("03.1")) == {}


def test_what_the_whole_class_does_is_the_obvious_way():
    """Ten who share 03.2 to 05.3; two of them share the rest as well."""
    mine = answers(0)
    ten = {f"p{n}": mine.replace("def q_range", f"def helper_{n}(): return {n}\n\n\ndef q_range") for n in range(10)}
    assert found(**ten) == {}


def test_the_report_names_pairs_and_escapes_them():
    pair = similarity.Pair("<b>ada</b>", "bo", 12, 0.75, ("03.1", "03.2"))
    page = similarity.report([pair])
    assert "&lt;b&gt;ada&lt;/b&gt;" in page and "75 %" in page and "03.1, 03.2" in page
    assert "<script" not in page and "http" not in page
    assert "No such pair" in similarity.report([])


@pytest.mark.parametrize(
    "text",
    ["def (", "\x00", "\ud800", "x = " + "(" * 500 + ")" * 500, "x = " + "-" * 5000 + "1", "x" + ".a" * 20000, ""],
    ids=["syntax", "nul", "surrogate", "parentheses", "minus", "attributes", "empty"],
)
def test_no_text_stops_the_report(text):
    body = a_class.module("03.1", quantize=text if "\n" not in text else "pass")
    assert found(body, FIRST, text) == {}


def test_every_file_of_the_course_is_read():
    texts = {file: (SOLUTIONS / file).read_text(encoding="utf-8") for file in stubs.files()}
    assert similarity.own_fingerprints(texts) == {}
