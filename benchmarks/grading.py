"""Submissions a minute: ``labs grade`` on a class of 100, beside nbgrader and otter-grader on the same exercises.

    python -m benchmarks.grading --install      # once: makes the two peers' environments under .labs/peers
    python -m benchmarks.grading

The peers get less to do: three assertions an exercise in place of the laws. They have no sandbox: what the hostile
submissions of this class do, they do to this machine (it is bounded, see ``classroom.HOSTILE``).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from labs_lib import show
from labs_lib.course.root import ROOT
from labs_lib.grading import results
from labs_lib.grading.intake import Submission

from . import classroom, peers

CLASS, SMALL = 100, 25  # submissions: of the class, and of the one that memory is compared with
PEERS = {"nbgrader": CLASS, "otter": 20}  # of the same class; otter starts anew with every submission
CORES = 2
SECONDS = 5  # for one exercise, or one cell: what a hostile submission can cost


def main(arguments: Sequence[str] = ()) -> None:
    """Print rates, whether all grades are right, and memory."""
    if "--install" in arguments:
        peers.install()
    with tempfile.TemporaryDirectory() as scratch:
        small = peak(lambda: ours(Path(scratch, "small"), SMALL))
        large = peak(lambda: ours(Path(scratch, "large"), CLASS))
        seconds, wrong = ours(Path(scratch, "timed"), CLASS)  # to look at memory takes time
        rate = 60 * CLASS / seconds
        rows: list[list[object]] = [["labs grade", CLASS, CLASS, seconds, rate, 1.0]]
        for name, run in peers.RUNS.items():
            some = [*classroom.pupils(CLASS)][: PEERS[name]]
            done = run(Path(scratch, name), some, CORES, SECONDS)
            if done is None:
                print(f"{name} is not installed: python -m benchmarks.grading --install")
                continue
            rows.append([name, len(some), done[1], done[0], 60 * len(some) / done[0], rate * done[0] / 60 / len(some)])
    headers = ["grader", "submissions", "graded", "seconds", "a minute", "ours is as many times as fast"]
    show.table(rows, headers, digits=[0, 0, 0, 1, 1, 1])
    print(f"grades that are not what they must be: {len(wrong)} of {CLASS}")
    for line in wrong:
        print(f"  {line}")
    print(f"peak memory of all processes: {large:.0f} MB for {CLASS} submissions, {small:.0f} MB for {SMALL}")


def ours(folder: Path, count: int) -> tuple[float, list[str]]:
    """Grade a class. Returns the seconds, and the grades that are wrong."""
    class_folder, out = folder / "class", folder / "results"
    pupils = classroom.write(class_folder, count)
    only = [word for lesson in classroom.LESSONS for word in ("--only", lesson)]
    command = [sys.executable, "-m", "labs_lib", "grade", str(class_folder), "--out", str(out), *only]
    command += ["--jobs", str(CORES), "--seconds", str(SECONDS)]
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    return seconds, [problem for pupil in pupils.values() for problem in problems(pupil, out)]


def problems(pupil: classroom.Pupil, out: Path) -> list[str]:
    """Where a submission's grade is not what it must be."""
    data = json.loads((out / Submission(pupil.name).folder_name / results.FILE).read_text(encoding="utf-8"))
    states = {one["id"]: one["state"] for one in data["exercises"]}
    return [
        f"{pupil.name}: {exercise_id} is {states.get(exercise_id)}, not {wanted}"
        for exercise_id, wanted in pupil.states.items()
        if states.get(exercise_id) not in wanted.split(" or ")
    ]


def peak(run: Callable[[], object]) -> float:
    """The most memory that this process's children have for themselves while something runs, in MB."""
    done, most = threading.Event(), 0.0

    def watch() -> None:
        nonlocal most
        while not done.wait(0.25):
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            most = max(most, total / 2**20)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        run()
    finally:
        done.set()
        watcher.join()
    return most


if __name__ == "__main__":
    main(sys.argv[1:])
