"""GitHub Classroom: what its autograding actions hand to ``autograding-grading-reporter``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .gradescope import text_of


def convert(data: Mapping[str, Any]) -> dict[str, Any]:
    """One test an exercise, each with its own score."""
    tests = [_test(one) for one in data["exercises"]]
    passed = all(test["status"] == "pass" for test in tests)
    return {"version": 1, "status": "pass" if passed else "fail", "max_score": data["max_points"], "tests": tests}


def _test(one: Mapping[str, Any]) -> dict[str, Any]:
    status = {"passed": "pass", "failed": "fail", "not_started": "fail"}.get(one["state"], "error")
    return {
        "name": f"{one['id']} {one['title']}",
        "status": status,
        "score": one["points"],
        "message": text_of(one),
        "test_code": f"labs check {one['id']}",
        "filename": "",
        "line_no": 0,
        "execution_time": f"{one['seconds']}s",
    }
