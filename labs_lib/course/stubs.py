"""Making the learner's modules from ``solutions/``: same signatures and docstrings, bodies taken out."""

from __future__ import annotations

import ast
from collections.abc import Container

from . import source
from .catalogue import Exercise, exercises
from .root import LIBRARY, SOLUTIONS
from .stub_form import exercise_id_of, given_statements

LINE_LENGTH = 120
NOTE = (
    "# This file is yours: write the bodies of its exercises. `labs check 03.2` judges one in a second,\n"
    "# `labs hint 03.2` helps, `labs reset 03.2` brings an untouched stub back (your version is kept).\n"
)


def files() -> list[str]:
    """The learner's modules, in the order of the course."""
    return list(dict.fromkeys(exercise.file for exercise in exercises()))


def module_name(file: str) -> str:
    return f"labs_lib.{file.removesuffix('.py').replace('/', '.')}"


def stub_module(solution: str, file: str, *, solved: Container[str] = ()) -> str:
    """The text of a learner's module, from the text of its solution; the bodies of ``solved`` exercises stay in."""
    tree = ast.parse(solution)
    lines = solution.splitlines()
    for node in sorted(_exercise_nodes(tree), key=lambda node: -node.lineno):
        assert node.end_lineno is not None
        if exercise_id_of(node) in solved:
            continue
        lines[_kept_until(node) : node.end_lineno] = _raise_lines(node, file)
    docstring_end = tree.body[0].end_lineno or 0
    note = NOTE.replace("03.2", next(entry.id for entry in exercises() if entry.file == file))
    return "\n".join([*lines[:docstring_end], "", *note.splitlines(), *lines[docstring_end:]]) + "\n"


def stub_of(entry: Exercise) -> str:
    """The lines of one untouched exercise."""
    text = stub_module(entry.solution_file.read_text(encoding="utf-8"), entry.file)
    for node in _exercise_nodes(ast.parse(text)):
        if exercise_id_of(node) == entry.id:
            first = min(decorator.lineno for decorator in node.decorator_list)
            return "\n".join(text.splitlines()[first - 1 : node.end_lineno]) + "\n"
    raise ValueError(f"{entry.id} is not in solutions/{entry.file}")


def write() -> list[str]:
    """Write every learner's module anew. Returns the files that changed."""
    changed = []
    for file in files():
        wanted = stub_module((SOLUTIONS / file).read_text(encoding="utf-8"), file)
        target = LIBRARY / file
        if not target.exists() or source.text_of(target) != wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(wanted, encoding="utf-8")
            changed.append(file)
    return changed


def differences() -> list[str]:
    """The learner's modules that are not what ``write`` would make: an edit, or a solution that moved on."""
    return [
        file
        for file in files()
        if not (LIBRARY / file).exists()
        or source.text_of(LIBRARY / file) != stub_module((SOLUTIONS / file).read_text(encoding="utf-8"), file)
    ]


def written_exercises() -> list[str]:
    """The ids of exercises that are not untouched stubs, a missing or unreadable one included."""
    blocks = {file: source.read(LIBRARY / file).blocks for file in files() if (LIBRARY / file).exists()}
    here = [entry for entry in exercises() if entry.file in blocks]
    found = {entry.id: blocks[entry.file].get(entry.id) for entry in here}
    return [exercise_id for exercise_id, block in found.items() if block is None or not block.is_stub]


def _exercise_nodes(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and exercise_id_of(node)]


def _kept_until(node: ast.FunctionDef) -> int:
    """The last line (1-based) of what stays: the signature, the docstring and the argument checks."""
    given = given_statements(node)
    assert given, f"{node.name} needs a docstring"
    return given[-1].end_lineno or node.lineno


def _raise_lines(node: ast.FunctionDef, file: str) -> list[str]:
    """The stub's own statement, on one line where it fits, as ruff would have it."""
    exercise_id = exercise_id_of(node)
    indent = " " * node.body[0].col_offset
    text = f'"Exercise {exercise_id}: write {node.name} in labs_lib/{file} (`labs hint {exercise_id}`)"'
    line = f"{indent}raise NotImplementedError({text})"
    if len(line) <= LINE_LENGTH:
        return [line]
    return [f"{indent}raise NotImplementedError(", f"{indent}    {text}", f"{indent})"]
