"""nbgrader and otter-grader on the exercises of lessons 3 to 5, written for them: one notebook, nine tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from labs_lib.course.root import ROOT, STATE

from .classroom import Pupil

PLACE = STATE / "peers"
VERSIONS = {
    "nbgrader": ["nbgrader==0.9.6", "numpy", "safetensors"],
    "otter": ["otter-grader==7.0.0", "ipykernel", "numpy", "safetensors"],
}
T = "T = torch.tensor([[191.6, -13.5, 728.6], [92.14, 295.5, -184.0], [0.0, 684.6, 245.5]])"
TESTS = {
    "03.1": "assert q_range(8, True) == (-128, 127)\nassert q_range(8, False) == (0, 255)\n"
    "assert q_range(2) == (-2, 1)",
    "03.2": "q = quantize(T, 3.5, -70)\nassert q.dtype == torch.int8\n"
    "assert q.tolist() == [[-15, -74, 127], [-44, 14, -123], [-70, 126, 0]]",
    "03.3": "q = torch.tensor([-128, 0, 127], dtype=torch.int8)\n"
    "assert torch.allclose(dequantize(q, 0.5, 10), torch.tensor([-69.0, -5.0, 58.5]))\n"
    "assert dequantize(q, 0.5, 10).dtype == torch.float32",
    "03.4": "clipping, rounding = split_error(T, T + 0.5, 3.5, -70)\n"
    "assert abs(clipping + rounding - 0.25) < 1e-6\nassert clipping >= 0 and rounding >= 0",
    "04.1": "scale, zero_point = choose_qparams(T)\nassert abs(float(scale) - 3.5788) < 1e-3\n"
    "assert int(zero_point) == -77",
    "04.2": "q, scale, zero_point = quantize_asymmetric(T)\n"
    "error = (scale * (q.float() - zero_point) - T).square().mean()\nassert abs(float(error) - 1.5730) < 1e-3",
    "05.1": "assert abs(float(choose_scale(T)) - 5.7370) < 1e-3\n"
    "assert abs(float(choose_scale(T, bits=4)) - 728.6 / 7) < 1e-3",
    "05.2": "q, scale = quantize_symmetric(T)\nassert q.tolist() == [[33, -2, 127], [16, 52, -32], [0, 119, 43]]\n"
    "assert (quantize_symmetric(-T)[0] == -q).all()",
    "05.3": "assert abs(sqnr_db(torch.tensor([1.0]), torch.tensor([0.9])) - 20) < 1e-2\n"
    "assert sqnr_db(T, T) == float('inf')",
}
GIVEN = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nimport torch\n{T}"


def install() -> None:
    """Make the two environments, with the torch of this one."""
    import torch

    for name, wanted in VERSIONS.items():
        subprocess.run([sys.executable, "-m", "uv", "venv", "-q", "--clear", PLACE / name], check=True)
        version = torch.__version__.partition("+")[0]
        command = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", PLACE / name, f"torch=={version}"]
        variables = dict(os.environ)
        if variables.get("PIP_FIND_LINKS"):
            variables.setdefault("UV_FIND_LINKS", variables["PIP_FIND_LINKS"])
        else:
            variables.setdefault("UV_TORCH_BACKEND", "cpu")
        subprocess.run([*command, *wanted], check=True, env=variables)


def body(pupil: Pupil) -> str:
    """A pupil's module as a cell: the course's decorator does nothing there."""
    return pupil.text.replace(
        "from labs_lib.course.exercise import exercise", "def exercise(_):\n    return lambda function: function\n"
    ).replace("from __future__ import annotations\n", "")


def nbgrader(folder: Path, pupils: Sequence[Pupil], cores: int, seconds: int) -> tuple[float, int] | None:
    """How long ``nbgrader autograde`` takes in all, one process a core, and how many submissions it has graded.

    A cell may take ``seconds``. None where it is not installed.
    """
    program = PLACE / "nbgrader" / "bin" / "nbgrader"
    if not program.exists():
        return None
    courses = [folder / str(number) for number in range(cores)]
    for course, some in zip(courses, (pupils[core::cores] for core in range(cores)), strict=True):
        _save(course / "source" / "ps1" / "ps1.ipynb", _nbgrader_notebook(""))
        for pupil in some:
            place = course / "submitted" / pupil.name.replace(" ", "_") / "ps1" / "ps1.ipynb"
            _save(place, _nbgrader_notebook(body(pupil)))
        _run([program, "generate_assignment", "ps1", f"--course-dir={course}"], course)
    limit = f"--ExecutePreprocessor.timeout={seconds}"
    took = _together([[program, "autograde", "ps1", f"--course-dir={course}", limit] for course in courses], courses)
    return took, sum(len([*course.glob("autograded/*/ps1/ps1.ipynb")]) for course in courses)


def otter(folder: Path, pupils: Sequence[Pupil], cores: int, _: int) -> tuple[float, int] | None:
    """How long ``otter run`` takes in all, ``cores`` at a time, and how many submissions it has graded.

    It knows no limit for a cell. None where it is not installed.
    """
    program = PLACE / "otter" / "bin" / "otter"
    if not program.exists():
        return None
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "autograder.zip", "w") as file:
        file.writestr("otter_config.json", "{}")
        for exercise_id, test in TESTS.items():
            name = f"q{exercise_id.replace('.', '_')}"
            file.writestr(f"tests/{name}.py", f"OK_FORMAT = True\ntest = {_otter_test(name, test)!r}\n")
    commands, places = [], []
    for pupil in pupils:
        place = folder / pupil.name.replace(" ", "_")
        cells = [
            new_code_cell("import otter\ngrader = otter.Notebook()"),
            new_code_cell(GIVEN),
            new_code_cell(body(pupil)),
        ]
        cells += [new_code_cell(f'grader.check("q{exercise_id.replace(".", "_")}")') for exercise_id in TESTS]
        _save(place / "ps1.ipynb", new_notebook(cells=cells))
        commands.append([program, "run", "ps1.ipynb", "-a", folder / "autograder.zip", "--no-logo"])
        places.append(place)
    start = time.perf_counter()
    for first in range(0, len(commands), cores):
        _together(commands[first : first + cores], places[first : first + cores])
    took = time.perf_counter() - start
    return took, sum((place / "results.json").exists() for place in places)


RUNS: dict[str, Callable[[Path, Sequence[Pupil], int, int], tuple[float, int] | None]] = {
    "nbgrader": nbgrader,
    "otter": otter,
}


def _nbgrader_notebook(answer: str) -> nbformat.NotebookNode:
    solution = new_code_cell(answer or "### BEGIN SOLUTION\n### END SOLUTION")
    solution.metadata["nbgrader"] = _mark("answer", solution=True)
    cells = [new_code_cell(GIVEN), solution]
    for exercise_id, test in TESTS.items():
        cell = new_code_cell(test)
        cell.metadata["nbgrader"] = _mark(f"test_{exercise_id.replace('.', '_')}", points=1)
        cells.append(cell)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(cells=cells, metadata=kernel)


def _mark(name: str, *, solution: bool = False, points: int | None = None) -> dict[str, object]:
    mark: dict[str, object] = {"grade_id": name, "schema_version": 3, "solution": solution, "task": False}
    mark |= {"grade": points is not None, "locked": points is not None}
    return mark if points is None else mark | {"points": points}


def _otter_test(name: str, test: str) -> dict[str, object]:
    code = "\n".join(f">>> {line}" for line in test.split("\n"))
    suite = {"cases": [{"code": code, "hidden": False, "locked": False}], "scored": True, "type": "doctest"}
    return {"name": name, "points": 1, "suites": [suite | {"setup": "", "teardown": ""}]}


def _save(path: Path, notebook: nbformat.NotebookNode) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def _run(command: Sequence[object], place: Path) -> None:
    subprocess.run(
        [str(word) for word in command], cwd=place, check=True, capture_output=True, env=_environment(command)
    )


def _together(commands: Sequence[Sequence[object]], places: Sequence[Path]) -> float:
    """Seconds until all of some commands are through, whatever becomes of a submission."""
    start = time.perf_counter()
    running = [
        subprocess.Popen(
            [str(word) for word in command],
            cwd=place,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(command),
        )
        for command, place in zip(commands, places, strict=True)
    ]
    for process in running:
        process.wait()
    return time.perf_counter() - start


def _environment(command: Sequence[object]) -> dict[str, str]:
    """The peer's own Python and kernel come first."""
    own = str(Path(str(command[0])).parent)
    return {**os.environ, "PATH": f"{own}{os.pathsep}{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
