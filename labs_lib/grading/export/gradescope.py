"""Gradescope: https://gradescope-autograders.readthedocs.io/en/latest/specs/ (results.json)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def convert(data: Mapping[str, Any]) -> dict[str, Any]:
    """One test an exercise. The score of the submission is left out: Gradescope adds the tests up."""
    return {
        "output": f"{data['points']} of {data['max_points']} points",
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": round(sum(one["seconds"] for one in data["exercises"])),
        "tests": [_test(one) for one in data["exercises"]],
    }


def _test(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": one["id"],
        "name": one["title"],
        "name_format": "text",
        "score": one["points"],
        "max_score": one["max_points"],
        "status": "passed" if one["state"] == "passed" else "failed",
        "output": text_of(one),
        "output_format": "text",
        "visibility": "visible",
    }


def text_of(one: Mapping[str, Any]) -> str:
    """What a learner reads about one exercise, in a few lines."""
    state = one["state"].replace("_", " ")
    broken = f"law: {one['laws']['broken']}" if one["laws"]["broken"] else ""
    return "\n".join(text for text in (state, broken, one["message"], one["diagnosis"]) if text)
