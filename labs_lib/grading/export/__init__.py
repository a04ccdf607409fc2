"""Other programs' formats, made from ``results.json`` and nothing else, so that every total is the same.

gradescope   ``results/SUBMISSION/gradescope.json``: what its autograder puts at ``/autograder/results/results.json``
classroom    ``results/SUBMISSION/classroom.json``: what GitHub Classroom's reporter takes, base64-coded by the workflow
junit        ``results/junit.xml``: a test suite a submission, a test case an exercise
csv          ``results/grades.csv``: a row a submission, a column an exercise
html         ``results/report.html``: the class at a glance, with its commonest misconceptions; one file, no script
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .. import results
from . import classroom, gradescope, html_report, junit, table

Data = Mapping[str, Any]

SINGLE: dict[str, tuple[str, Callable[[Data], Data]]] = {
    "gradescope": ("gradescope.json", gradescope.convert),
    "classroom": ("classroom.json", classroom.convert),
}
CLASS: dict[str, tuple[str, Callable[[Iterable[Data]], str]]] = {
    "junit": ("junit.xml", junit.convert),
    "csv": ("grades.csv", table.convert),
    "html": ("report.html", html_report.convert),
}
FORMATS = (*SINGLE, *CLASS)


def known(names: Iterable[str]) -> list[str]:
    """The formats of a comma-separated list. ValueError for one that there is not."""
    chosen = [name.strip() for text in names for name in text.split(",") if name.strip()]
    for name in chosen:
        if name not in FORMATS:
            raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {name!r}")
    return list(dict.fromkeys(chosen))


def export(out: Path, formats: Iterable[str]) -> list[Path]:
    """Write the results of a folder in other formats. Returns the files of the class as a whole."""
    written = []
    for name in formats:
        if name in SINGLE:
            file, convert = SINGLE[name]
            for data in every(out):
                results.write(folder_of(out, data) / file, convert(data))
        else:
            file, convert_all = CLASS[name]
            results.write_text(out / file, convert_all(every(out)))
            written.append(out / file)
    return written


def every(out: Path) -> Iterator[Data]:
    """All results below a folder, one at a time, by the name of the submission."""
    for path in sorted(out.glob(f"*/{results.FILE}")):
        data = results.read(path)
        if data is not None:
            yield data


def folder_of(out: Path, data: Data) -> Path:
    from ..intake import Submission

    return out / Submission(data["submission"]).folder_name
