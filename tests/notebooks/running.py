"""Running nbval on fixture notebooks, many in one pytest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from labs_lib.course.root import NOTEBOOKS, ROOT

QUICK = ["-o", "addopts=-p no:cacheprovider"]  # without the laws' plugin, which imports torch


@dataclass(frozen=True)
class Result:
    outcome: str  # passed, failure, error or skipped
    said: str
    seconds: float


def run_nbval(folder: Path, books: Mapping[str, str], **environment: str) -> dict[tuple[str, str], Result]:
    """The result of every item, by notebook and item name."""
    shutil.copy(NOTEBOOKS / "conftest.py", folder)
    for name, text in books.items():
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
    report = folder / "report.xml"
    inherited = {name: at for name, at in os.environ.items() if not name.startswith(("LABS_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", f"--junitxml={report}",
         f"--config-file={ROOT / 'pyproject.toml'}", *QUICK, f"--rootdir={folder}", str(folder)],
        cwd=folder, env={**inherited, "PYTHONPATH": str(ROOT), **environment}, capture_output=True, text=True,
    )  # fmt: skip
    assert report.exists(), done.stdout + done.stderr
    return dict(_result(case) for case in ElementTree.parse(report).iter("testcase"))


def _result(case: ElementTree.Element) -> tuple[tuple[str, str], Result]:
    notebook = case.attrib["classname"].removesuffix(".ipynb")
    seconds = float(case.attrib["time"])
    for child in case:
        if child.tag in ("failure", "error", "skipped"):
            said = f"{child.attrib.get('message', '')}\n{child.text or ''}"
            return (notebook, case.attrib["name"]), Result(child.tag, said, seconds)
    return (notebook, case.attrib["name"]), Result("passed", "", seconds)
