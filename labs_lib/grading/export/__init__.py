"""Other programs' formats, made from ``results.json`` and nothing else, so that every total is the same.

gradescope   ``results/SUBMISSION/gradescope.json``: what its autograder puts at ``/autograder/results/results.json``
classroom    ``results/SUBMISSION/classroom.json``: what GitHub Classroom's reporter takes, by runner
junit        ``results/junit.xml``: a test suite a submission, a test case an exercise
csv          ``results/grades.csv``: a row a submission, a column an exercise
html         ``results/report.html``: the class at a glance, with its commonest misconceptions; one file, no script
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import results
from . import classroom, gradescope, html_report, junit, table

Data = Mapping[str, Any]

SINGLE: dict[str, tuple[str, Callable[[Data], Data]]] = {
    "gradescope": ("gradescope.json", gradescope.convert),
    "classroom": ("classroom.json", classroom.convert),
}
CLASS: dict[str, tuple[str, Callable[[Iterable[Data]], Iterator[str]]]] = {
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


def export(out: Path, files: Sequence[Path], formats: Iterable[str]) -> list[Path]:
    """Write results in other formats. Returns the files of the class as a whole.

    Args:
        out: the folder of the class.
        files: its ``results.json``, in the order of the reports; read one at a time.
        formats: of ``FORMATS``.
    """
    written = []
    for name in formats:
        if name in SINGLE:
            file, convert = SINGLE[name]
            for path in files:
                data = results.read(path)
                if data is not None:
                    results.write(path.with_name(file), convert(data))
        else:
            file, convert_all = CLASS[name]
            results.write_text(out / file, convert_all(every(files)))
            written.append(out / file)
    return written


def every(files: Iterable[Path]) -> Iterator[Data]:
    """All results, one at a time."""
    return (data for path in files if (data := results.read(path)) is not None)
