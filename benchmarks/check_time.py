"""How long a learner waits for a check, against the time that Python needs to import torch."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from labs_lib import show
from labs_lib.course import catalogue, engine, modes, standins

REPEATS = 5


def seconds(task: Callable[[], object]) -> float:
    """The median time of a few runs, after one that warms up."""
    task()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print a table: a right body, the slowest mutant, and both as a share of one torch import."""
    torch_import = seconds(lambda: subprocess.run([sys.executable, "-c", "import torch"], check=True))
    print(f"one `import torch` in a fresh process: {torch_import:.2f} s, the unit of the last two columns")
    rows = []
    for entry in catalogue.exercises():
        with modes.using(modes.Mode("solutions")):
            right = seconds(lambda entry=entry: engine.judge([entry.id]))
        wrong = max(
            seconds(lambda entry=entry, body=mutant.body: engine.judge([entry.id], replaced={entry.id: body}))
            for mutant in standins.mutants_of(entry.id)
        )
        rows.append([f"{entry.id} {entry.function}", right, wrong, right / torch_import, wrong / torch_import])
    headers = ["warm check", "right, s", "slowest mutant, s", "right, imports", "mutant, imports"]
    show.table(rows, headers, digits=[0, 3, 3, 2, 2])
