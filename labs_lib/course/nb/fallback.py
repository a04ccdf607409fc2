"""The run on untouched stubs: what differs by design from the stored outputs, and nothing more.

A learner who has written nothing must be able to run every notebook to its end and see what is stored. Two
things differ: one announcement an exercise, in whatever cell needs it first, and the verdicts of check cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nbformat import NotebookNode

ANNOUNCEMENT = re.compile(r"^\d\d\.\d+ is not written yet: using the reference so that you can go on$\n?", re.MULTILINE)
VERDICT = re.compile(r"^(\d\d\.\d+ [\w.]+): (.+?)(?: \(|,|$)", re.MULTILINE)


def without_announcements(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Outputs less the lines that say that a reference is in use. A stream that held nothing else is gone."""
    kept = []
    for output in outputs:
        if output.output_type == "stream" and output.name == "stdout":
            text = ANNOUNCEMENT.sub("", output.text)
            if not text:
                continue
            output = NotebookNode(output, text=text)
        kept.append(output)
    return kept


def split_verdicts(outputs: Iterable[NotebookNode]) -> tuple[list[NotebookNode], list[tuple[str, str]]]:
    """The outputs of a check cell that are no verdict, and the verdicts: ``("03.2 quantize", "passed")``."""
    rest: list[NotebookNode] = []
    verdicts: list[tuple[str, str]] = []
    for output in outputs:
        found = VERDICT.findall(output.get("data", {}).get("text/plain", ""))
        if output.output_type == "execute_result" and found:
            verdicts += found
        else:
            rest.append(output)
    return rest, verdicts


def verdict_problem(stored: list[tuple[str, str]], produced: list[tuple[str, str]]) -> str | None:
    """Why the verdicts of a check cell are not what untouched stubs should get, None if they are."""
    not_passed = [f"{name}: {word}" for name, word in stored if word != "passed"]
    if not stored or not_passed:
        return f'every stored verdict must be "passed", got {not_passed or "none"}'
    expected = [(name, "not started") for name, _ in stored]
    if produced != expected:
        return f"untouched stubs must give {_words(expected)}, got {_words(produced)}"
    return None


def _words(verdicts: list[tuple[str, str]]) -> str:
    return "; ".join(f"{name}: {word}" for name, word in verdicts) or "no verdict"
