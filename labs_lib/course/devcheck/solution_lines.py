"""The lines of ``solutions/`` that a learner has to write."""

from __future__ import annotations

import ast
import functools
import io
import tokenize

from ..catalogue import Exercise
from ..root import SOLUTIONS
from ..stub_form import exercise_id_of, given_statements

TELLING = 8  # tokens; a shorter line (`return q, scale`) gives nothing away
COMMONPLACE = frozenset({'with torch.device("meta"):'})  # stands in every second program


@functools.cache
def bodies(file: str) -> dict[str, list[str]]:
    """The non-blank lines of each exercise's body without docstring and argument checks, by id."""
    text = (SOLUTIONS / file).read_text(encoding="utf-8")
    lines = text.splitlines()
    found = {}
    for node in ast.walk(ast.parse(text)):
        exercise_id = exercise_id_of(node)
        if exercise_id is not None and isinstance(node, ast.FunctionDef):
            start = given_statements(node)[-1].end_lineno or node.lineno
            found[exercise_id] = [line.strip() for line in lines[start : node.end_lineno] if line.strip()]
    return found


def telling_lines(entry: Exercise) -> list[str]:
    """The lines long enough to give the answer away."""
    lines = bodies(entry.file).get(entry.id, [])
    return [line for line in lines if count_tokens(line) >= TELLING and line not in COMMONPLACE]


def count_tokens(line: str) -> int:
    """How many names, numbers and operators a line has."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(line).readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):  # a piece of a longer statement
        return len(line.split())
    return sum(token.type in (tokenize.NAME, tokenize.NUMBER, tokenize.OP, tokenize.STRING) for token in tokens)
