"""Rules about the laws: right answers pass, wrong ones do not, and no law needs a later lesson."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from .. import catalogue, engine, modes, standins, stubs
from ..catalogue import Exercise
from ..root import LAWS, LIBRARY, ROOT, SOLUTIONS

SEEDS = 20
MUTANTS, EQUIVALENTS = 5, 2


def solutions_pass(entries: Sequence[Exercise]) -> Iterator[str]:
    """The reference passes every law, on the public cases (seed 0) and on 20 other seeds."""
    ids = [entry.id for entry in entries]
    judged: set[str] = set()
    with modes.using(modes.Mode("solutions")):
        for seed in range(SEEDS + 1):
            for outcome in engine.judge(ids, seed=seed):
                judged.add(outcome.exercise_id)
                if outcome.state != "passed":
                    yield f"{outcome.exercise_id}, seed {seed}: {outcome.statement} [{outcome.case}]: {outcome.error}"
    for exercise_id in ids:
        if exercise_id not in judged:
            yield f"{exercise_id} has no law"


def mutants_die(entries: Sequence[Exercise]) -> Iterator[str]:
    """At least five mutants an exercise, each rejected by the law that it names."""
    for entry in entries:
        mutants = standins.mutants_of(entry.id)
        if len(mutants) < MUTANTS:
            yield f"{entry.id} has {len(mutants)} mutants"
        for mutant in mutants:
            outcomes = engine.judge([entry.id], replaced={entry.id: mutant.body}, statement=mutant.law)
            if not outcomes:
                yield f"{entry.id}: the mutant {mutant.name} names a law that does not exist: {mutant.law}"
            elif all(outcome.state == "passed" for outcome in outcomes):
                yield f"{entry.id}: the mutant {mutant.name} survives the law {mutant.law!r}"


def equivalents_pass(entries: Sequence[Exercise]) -> Iterator[str]:
    """At least two other right answers an exercise, each accepted by all its laws."""
    for entry in entries:
        equivalents = standins.equivalents_of(entry.id)
        if len(equivalents) < EQUIVALENTS:
            yield f"{entry.id} has {len(equivalents)} equivalents"
        for body in equivalents:
            for outcome in engine.judge([entry.id], replaced={entry.id: body}):
                if outcome.state != "passed":
                    yield f"{entry.id}: {body.__name__} is refused by {outcome.statement!r}: {outcome.error}"


def prefix_matrix(entries: Sequence[Exercise]) -> Iterator[str]:
    """With the lessons up to k written, the rest stubs and fallback off, all laws of lesson k pass."""
    numbers = sorted({entry.lesson for entry in entries})
    with tempfile.TemporaryDirectory() as folder:
        tree = _small_copy(Path(folder))
        for last in numbers:
            solved = [entry.id for entry in catalogue.exercises() if entry.lesson <= last]
            for file in stubs.files():
                text = stubs.stub_module((SOLUTIONS / file).read_text(encoding="utf-8"), file, solved=solved)
                (tree / "labs_lib" / file).write_text(text, encoding="utf-8")
            for verdict in _strict_check(tree, [entry.id for entry in entries if entry.lesson == last]):
                if verdict["state"] != "passed":
                    yield f"written up to lesson {last}: {verdict['id']} {verdict['state']}: {verdict['message']}"


def _small_copy(folder: Path) -> Path:
    """The library and its laws, without the solutions and the weights."""
    skip = shutil.ignore_patterns("__pycache__", "files")
    shutil.copytree(LIBRARY, folder / "labs_lib", ignore=skip)
    shutil.copytree(LAWS, folder / "tests" / "laws", ignore=skip)
    shutil.copy(ROOT / "tests" / "__init__.py", folder / "tests")
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _strict_check(tree: Path, ids: list[str]) -> list[dict[str, str]]:
    environment = {**os.environ, "PYTHONPATH": str(tree), "LABS_MODE": "strict", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "labs_lib", "check", "--json", *ids]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)
    try:
        verdicts: list[dict[str, str]] = json.loads(done.stdout)
    except ValueError:
        raise RuntimeError(f"{' '.join(command)} said {done.stdout}{done.stderr}") from None
    return verdicts
