"""GitHub Classroom: what its autograding actions hand to ``classroom-resources/autograding-grading-reporter``.

The reporter counts the tests of a runner that passed, and gives it that share of its points. Exercises are not worth
the same, so each is a runner of its own: then the sum in its log is the sum that Classroom stores.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .gradescope import text_of

TEXT_AT_MOST = 800  # characters: all runners together travel in the environment of one process
STATUSES = {"passed": "pass", "failed": "fail", "not_started": "fail"}  # all others are errors


def convert(data: Mapping[str, Any]) -> dict[str, Any]:
    """By the name of its runner, each exercise as a run of one test."""
    return {f"EX{one['id'].replace('.', '_')}": _run(one) for one in data["exercises"]}


def _run(one: Mapping[str, Any]) -> dict[str, Any]:
    status = STATUSES.get(one["state"], "error")
    text = "" if status == "pass" else harmless(text_of(one))
    test = {
        "name": f"{one['id']} {one['title']}",
        "status": status,
        "score": one["points"],
        "message": text,
        "test_code": text if status == "fail" else "",  # of a failure the reporter prints nothing else
        "filename": "",
        "line_no": 0,
        "duration": one["seconds"],
    }
    return {"version": 3, "status": status, "max_score": one["max_points"], "tests": [test]}


def harmless(text: str) -> str:
    """Cut, and without the marks that make a line of a log a command to GitHub's runner.

    Such a command could forge the annotation that Classroom reads the points from.
    """
    cut = text if len(text) <= TEXT_AT_MOST else text[:TEXT_AT_MOST] + "..."
    return cut.replace("::", ": :").replace("##[", "## [")
