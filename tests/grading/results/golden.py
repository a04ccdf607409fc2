"""The results and exports that must not change unnoticed: ``python -m tests.grading.results.golden`` renews them.

They change when a law of 03.1, 03.2 or 04.1 changes its statement, and when a format does. Look at the difference
before you commit it: ``git diff tests/grading/results/golden``.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from labs_lib.grading import batch, export, intake, results, sandbox

from . import a_class

FOLDER = Path(__file__).with_name("golden")
NAMES = ("half", "refused", "right", "wrong")
SINGLE = "wrong"  # whose gradescope.json and classroom.json are kept
FIXED = {"backend": "bwrap", "rules_id": "0" * 12, "source_id": "0" * 16}


def normalised(data: Mapping[str, Any]) -> dict[str, Any]:
    """Without what differs from machine to machine and from run to run."""
    exercises = [{**one, "seconds": 0.5 if one["seconds"] else 0.0} for one in data["exercises"]]
    versions = dict.fromkeys(data["versions"], "1")
    return {**data, **FIXED, "versions": versions, "exercises": exercises}


def made(files: Iterable[Path], scratch: Path) -> dict[str, str]:
    """The golden files by name, from results.

    Args:
        files: ``results.json`` of the submissions of ``NAMES``.
        scratch: an empty folder.
    """
    copies = []
    for file in files:
        copies.append(scratch / file.parent.name / results.FILE)
        results.write(copies[-1], normalised(json.loads(file.read_text(encoding="utf-8"))))
    export.export(scratch, copies, export.FORMATS)
    kept = [*copies, *(scratch / SINGLE / file for file, _ in export.SINGLE.values())]
    kept += [scratch / file for file, _ in export.CLASS.values()]
    return {path.relative_to(scratch).as_posix(): path.read_text(encoding="utf-8") for path in kept}


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        place, out = Path(scratch, "class"), Path(scratch, "out")
        a_class.write(place)
        settings = a_class.settings(out, sandbox.choose())
        for submission in intake.submissions(place):
            if submission.name in NAMES:
                batch.grade_one(submission, settings)
        for name, text in made([out / name / results.FILE for name in NAMES], Path(scratch, "golden")).items():
            results.write_text(FOLDER / name, [text])
            print(f"written: {FOLDER / name}")


if __name__ == "__main__":
    main()
