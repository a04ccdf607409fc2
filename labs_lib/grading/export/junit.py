"""JUnit's XML, as Jenkins, GitLab and others read it. Points stand in properties."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .gradescope import text_of

NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
STATES = {"failed": "failure", "not_started": "skipped"}  # passed has no element; all others are errors


def convert(all_results: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One test suite a submission, one test case an exercise."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="labs grade">\n'
    for data in all_results:
        suite = _suite(data)
        ET.indent(suite)
        yield ET.tostring(suite, encoding="unicode") + "\n"
    yield "</testsuites>\n"


def _suite(data: Mapping[str, Any]) -> ET.Element:
    exercises = data["exercises"]
    kinds = [kind_of(one["state"]) for one in exercises]
    suite = ET.Element("testsuite", name=_text(data["submission"]), tests=str(len(exercises)))
    suite.set("failures", str(kinds.count("failure")))
    suite.set("errors", str(kinds.count("error")))
    suite.set("skipped", str(kinds.count("skipped")))
    suite.set("time", f"{sum(one['seconds'] for one in exercises):.3f}")
    _properties(suite, points=data["points"], max_points=data["max_points"])
    for one, kind in zip(exercises, kinds, strict=True):
        case = ET.SubElement(suite, "testcase", classname=f"labs.{one['id']}", name=_text(one["title"]))
        case.set("time", f"{one['seconds']:.3f}")
        _properties(case, points=one["points"], max_points=one["max_points"])
        if kind:
            ET.SubElement(case, kind, message=_text(one["state"])).text = _text(text_of(one))
    return suite


def kind_of(state: str) -> str:
    """The element that JUnit has for a state; nothing for a pass."""
    return "" if state == "passed" else STATES.get(state, "error")


def _properties(parent: ET.Element, **values: int) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=str(value))


def _text(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return NOT_XML.sub("?", text)
