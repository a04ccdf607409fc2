"""A made-up class for lessons 3 to 5: right, half done, wrong and hostile submissions whose grades are known."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from labs_lib.course import catalogue, source, standins, stubs
from labs_lib.course.root import SOLUTIONS

FILE = "affine.py"
LESSONS = ("3", "4", "5")
SHARES = {"right": 40, "half": 25, "wrong": 25, "hostile": 10}  # of a hundred
HOSTILE = {  # what stands at the top of one exercise's body, and the state that it ends in
    "leaves": ("import os; os._exit(0)", "crashed"),
    "loops": ("while True: pass", "timeout"),
    "sleeps": ("import time; time.sleep(3600)", "timeout"),
    "fills memory": ("hold = bytearray(2**33)", "error"),
    "forks": ("import os; [os.fork() for _ in range(9)]; os._exit(0)", "error"),
    "raises SystemExit": ("raise SystemExit(0)", "error"),
    "patches torch": ("torch.equal = torch.allclose = lambda *a, **k: True; return x", "failed"),
    "floods": ("print('x' * 2**22); raise ValueError('x' * 2**22)", "error"),
    "reads solutions": ("return eval(open('/course/solutions/affine.py').read())", "error"),
    "segfaults": ("import ctypes; ctypes.string_at(0)", "crashed"),
}
ATTACKED = "03.2"


@dataclass(frozen=True)
class Pupil:
    """One submission: its text, and the states that its exercises must end in."""

    name: str
    kind: str
    text: str
    states: dict[str, str] = field(default_factory=dict)


def pupils(count: int) -> Iterator[Pupil]:
    """A class of some size, in the shares of ``SHARES``."""
    ids = [entry.id for entry in catalogue.select([*LESSONS])]
    solution = (SOLUTIONS / FILE).read_text(encoding="utf-8")
    right = stubs.stub_module(solution, FILE, solved=ids)
    all_right = dict.fromkeys(ids, "passed")
    mistakes, attacks = list(_mistakes(ids, right)), list(HOSTILE.items())
    kinds = [kind for kind, share in SHARES.items() for _ in range(share)]
    for number in range(count):
        kind = kinds[number * 37 % len(kinds)]  # mixed, and the same in every run
        name = f"{number:03} {kind}"
        if kind == "right":
            yield Pupil(name, kind, right, all_right)
        elif kind == "half":
            done = ids[: 1 + number % (len(ids) - 1)]
            states = {one: "passed" if one in done else "not_started" for one in ids}
            yield Pupil(name, kind, stubs.stub_module(solution, FILE, solved=done), states)
        elif kind == "wrong":
            exercise_id, text = mistakes[number % len(mistakes)]
            yield Pupil(name, kind, text, all_right | {exercise_id: "failed or error"})
        else:
            label, (attack, state) = attacks[number % len(attacks)]
            yield Pupil(f"{name} {label}", kind, with_line(right, ATTACKED, attack), all_right | {ATTACKED: state})


def write(folder: Path, count: int) -> dict[str, Pupil]:
    """Write a class as folders. Returns its pupils by name."""
    written = {pupil.name: pupil for pupil in pupils(count)}
    for pupil in written.values():
        path = folder / pupil.name / "labs_lib" / FILE
        path.parent.mkdir(parents=True)
        path.write_text(pupil.text, encoding="utf-8")
    return written


def with_line(text: str, exercise_id: str, line: str) -> str:
    """A module with one more line before what an exercise's body does."""
    block = source.read(SOLUTIONS / FILE, text).blocks[exercise_id]
    assert block.node is not None
    first = block.node.body[1].lineno  # after the docstring
    lines = text.split("\n")
    return "\n".join([*lines[: first - 1], f"    {line}", *lines[first - 1 :]])


def _mistakes(ids: list[str], right: str) -> Iterator[tuple[str, str]]:
    """The known mistakes whose bodies need nothing but what a learner's module has."""
    names = {node.id for node in ast.walk(ast.parse(right)) if isinstance(node, ast.Name)} | set(dir(builtins))
    for exercise_id in ids:
        entry = catalogue.find(exercise_id)
        block = source.read(SOLUTIONS / FILE, right).blocks[exercise_id]
        for mutant in standins.mutants_of(exercise_id):
            node = ast.parse(textwrap.dedent(inspect.getsource(mutant.body))).body[0]
            assert isinstance(node, ast.FunctionDef)
            node.decorator_list = []
            used = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
            own = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
            own |= {argument.arg for argument in ast.walk(node) if isinstance(argument, ast.arg)}
            if used - own <= names:
                body = re.sub(r"^def \w+\(", f"def {entry.function}(", ast.unparse(node))
                lines = right.split("\n")
                lines[block.first_line : block.last_line] = [body]
                yield exercise_id, "\n".join(lines)
