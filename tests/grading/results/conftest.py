"""The class of ``a_class``, graded once for all tests."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from labs_lib.course.root import ROOT
from labs_lib.grading import batch, intake, sandbox
from labs_lib.grading.settings import Settings

from . import a_class

SCHEMA = json.loads((ROOT / "labs_lib" / "grading" / "results.schema.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Graded:
    """A class and its results."""

    place: Path
    settings: Settings

    def of(self, name: str) -> dict[str, Any]:
        return json.loads((self.settings.out / name / "results.json").read_text(encoding="utf-8"))

    @property
    def files(self) -> list[Path]:
        return [self.settings.out / name / "results.json" for name in a_class.STATES]


@pytest.fixture(scope="session")
def backend() -> str:
    """The best one that this machine has."""
    return sandbox.choose()


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory, backend: str) -> Graded:
    """Graded in this process, or by the other worker of pytest-xdist."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    place, settings = shared / "a_class", a_class.settings(shared / "a_class_results", backend)
    with FileLock(shared / "a_class.lock"):
        if not place.exists():
            a_class.write(place)
            for submission in intake.submissions(place):
                batch.grade_one(submission, settings)
    return Graded(place, settings)


@pytest.fixture(scope="session")
def is_valid() -> Any:
    """Asserts that results are as the schema says."""
    import jsonschema

    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)

    def check(data: Mapping[str, Any]) -> None:
        assert [error.message for error in validator.iter_errors(data)] == []

    return check
