"""What a stub looks like: docstring, given argument checks, one ``raise NotImplementedError``."""

from __future__ import annotations

import ast


def exercise_id_of(node: ast.AST) -> str | None:
    """The id in a function's ``@exercise("...")`` decorator, else None."""
    if isinstance(node, ast.FunctionDef):
        for decorator in node.decorator_list:
            match decorator:
                case ast.Call(func=ast.Name(id="exercise"), args=[ast.Constant(value=str(exercise_id))]):
                    return exercise_id
    return None


def is_given(statement: ast.stmt) -> bool:
    """Whether a statement is a docstring or an argument check: a line that stays in the stub."""
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.Expr(value=value) | ast.Assign(value=value):
            calls = value.elts if isinstance(value, ast.Tuple) else [value]
            return all(_is_check(call) for call in calls)
    return False


def _is_check(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="checked"))):
            return True
    return False


def given_statements(node: ast.FunctionDef) -> list[ast.stmt]:
    """The leading statements of a body that a learner finds there and leaves there."""
    given = []
    for statement in node.body:
        if not is_given(statement):
            break
        given.append(statement)
    return given


def is_stub(node: ast.AST, exercise_id: str) -> bool:
    """Whether nobody has written anything: after the given lines comes the stub's own raise, and no more."""
    if not isinstance(node, ast.FunctionDef):
        return False
    match node.body[len(given_statements(node)) :]:
        case [ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"), args=[ast.Constant(value=str(text))]))]:
            return text.startswith(f"Exercise {exercise_id}:")
    return False
