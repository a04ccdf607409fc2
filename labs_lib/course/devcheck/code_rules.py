"""Rules about the two trees: stubs that only raise, equal interfaces, nothing leaked."""

from __future__ import annotations

import ast
import contextlib
import doctest
import io
import sys
from collections.abc import Iterator
from types import ModuleType
from unittest import mock

from .. import catalogue, modes, stubs
from ..root import LIBRARY, ROOT, SOLUTIONS
from ..stub_form import exercise_id_of
from . import solution_lines


def stub_raises() -> Iterator[str]:
    """Running the docstring's example on an untouched stub raises NotImplementedError that names the exercise."""
    for file in stubs.files():
        module = ModuleType(f"labs_lib.{file.removesuffix('.py').replace('/', '.')}")
        text = stubs.stub_module((SOLUTIONS / file).read_text(encoding="utf-8"), file)
        with mock.patch.dict(sys.modules, {module.__name__: module}):  # a dataclass looks its module up there
            exec(compile(text, f"stub of {file}", "exec"), module.__dict__)
        functions = {exercise_id_of(node): node for node in ast.walk(ast.parse(text)) if exercise_id_of(node)}
        for entry in catalogue.exercises():
            if entry.file == file:
                raised = _run_example(ast.get_docstring(functions[entry.id]) or "", module)  # type: ignore[arg-type]
                if raised is None:
                    yield f"{entry.id}: the example in the docstring does not reach the stub"
                elif not isinstance(raised, NotImplementedError) or f"Exercise {entry.id}:" not in str(raised):
                    yield f"{entry.id}: the stub raises {type(raised).__name__}: {raised}"


def same_interface() -> Iterator[str]:
    """Each exercise has the same signature and docstring in ``labs_lib/`` and in ``solutions/``."""
    for file in stubs.files():
        if not (LIBRARY / file).exists():
            yield f"labs_lib/{file} is missing"
            continue
        learner, reference = _interfaces(LIBRARY / file), _interfaces(SOLUTIONS / file)
        for exercise_id in sorted(learner.keys() | reference.keys()):
            if learner.get(exercise_id) != reference.get(exercise_id):
                yield f"{exercise_id} differs between labs_lib/{file} and solutions/{file}"


def no_leak() -> Iterator[str]:
    """No line of a solution stands anywhere in ``labs_lib/``."""
    telling = {line: entry.id for entry in catalogue.exercises() for line in solution_lines.telling_lines(entry)}
    for path in sorted(LIBRARY.rglob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip() in telling:
                place = f"{path.relative_to(ROOT).as_posix()}:{number}"
                yield f"{place} holds a line of the solution of {telling[line.strip()]}: {line.strip()}"


def _run_example(docstring: str, module: ModuleType) -> BaseException | None:
    """What the example raises, None if it runs through."""
    with modes.using(modes.Mode("strict")), contextlib.redirect_stdout(io.StringIO()):
        for example in doctest.DocTestParser().get_examples(docstring):
            try:
                exec(compile(example.source, "example", "single"), module.__dict__)
            except Exception as error:
                return error
    return None


def _interfaces(path: object) -> dict[str, tuple[str, str, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    found = {}
    for node in ast.walk(tree):
        exercise_id = exercise_id_of(node)
        if exercise_id is not None and isinstance(node, ast.FunctionDef):
            returns = ast.unparse(node.returns) if node.returns else ""
            found[exercise_id] = (f"{node.name}({ast.unparse(node.args)})", returns, ast.get_docstring(node) or "")
    return found
