"""The class at a glance: pass rates, the commonest misconceptions, every grade. One file without script or network."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from ..results import clean
from .html_style import STYLE

COMMONEST = 3  # misconceptions of an exercise
SHARED = 5  # of the class
MARKS = {  # how a state stands in the table of submissions; colour repeats what the letter says
    "passed": ("P", "passed"),
    "failed": ("F", "failed: a law is broken"),
    "error": ("E", "error: it raised, or its file cannot run"),
    "timeout": ("T", "timeout"),
    "crashed": ("C", "crashed: its process ended"),
    "not_started": ("-", "not started"),
    "not_gradable": ("N", "not gradable: refused, or the grader failed"),
}


@dataclass
class Tally:
    """What the class did with one exercise."""

    title: str
    states: Counter[str] = field(default_factory=Counter)
    misconceptions: Counter[str] = field(default_factory=Counter)
    laws: Counter[str] = field(default_factory=Counter)  # that were broken without a known mistake

    def add(self, one: Mapping[str, Any]) -> None:
        self.states[one["state"]] += 1
        if one["diagnosis"]:
            self.misconceptions[one["diagnosis"]] += 1
        elif one["laws"]["broken"]:
            self.laws[one["laws"]["broken"]] += 1

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def waiting(self) -> int:
        """Submissions that say nothing about the exercise."""
        return self.states["not_started"] + self.states["not_gradable"]

    @property
    def wrong(self) -> int:
        return self.total - self.states["passed"] - self.waiting


@dataclass(frozen=True)
class Row:
    """One submission in the table: little of it, for a class may be large."""

    name: str
    points: int
    max_points: int
    marks: Mapping[str, str]  # by exercise


def convert(all_results: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """An HTML page. All text of submissions is escaped."""
    tallies: dict[str, Tally] = {}
    rows = []
    for data in all_results:
        marks = {one["id"]: MARKS[one["state"]][0] for one in data["exercises"]}
        rows.append(Row(clean(data["submission"]), data["points"], data["max_points"], marks))
        for one in data["exercises"]:
            tallies.setdefault(one["id"], Tally(one["title"])).add(one)
    tallies = dict(sorted(tallies.items()))
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Class report</title>\n'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    yield f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n<body>'
    yield f"<h1>Class report</h1>\n<p>{_summary(rows)}</p>\n"
    yield from _talk(tallies)
    yield from _exercises(tallies)
    yield from _submissions(rows, list(tallies))
    yield "</body></html>\n"


def _summary(rows: Sequence[Row]) -> str:
    if not rows:
        return "No submissions."
    points = [row.points for row in rows]
    most = max(row.max_points for row in rows)
    return (
        f"{_count(len(rows), 'submission')}, {most} points to be had: the median is {statistics.median(points):g}, "
        f"the lowest {min(points)}, the highest {max(points)}."
    )


def _talk(tallies: Mapping[str, Tally]) -> Iterator[str]:
    """The misconceptions that most submissions share, of all exercises."""
    found = [(n, name, text) for name, tally in tallies.items() for text, n in tally.misconceptions.items() if n > 1]
    if found:
        yield "<h2>Worth talking about</h2>\n<p class=legend>How many submissions show the same mistake.</p>\n"
        yield "<ul class=talk>"
        for n, name, text in sorted(found, key=lambda item: -item[0])[:SHARED]:
            yield f"<li><b>{n}</b> in {escape(name)}: {escape(text)}\n"
        yield "</ul>\n"


def _exercises(tallies: Mapping[str, Tally]) -> Iterator[str]:
    yield "<h2>Exercises</h2>\n<p class=legend>"
    yield "".join(
        f"<span><i class={kind}></i>{text}</span>"
        for kind, text in zip("pwn", ("passed", "wrong", "not started or not gradable"), strict=True)
    )
    yield "</p>\n<table><thead><tr><th class=title>exercise<th>the class<th class=number>passed"
    yield "<th class=number>of those<br>who started<th>commonest misconceptions</tr></thead>\n<tbody>"
    for exercise_id, tally in tallies.items():
        passed, started = tally.states["passed"], tally.total - tally.waiting
        shares = zip("pwn", (passed, tally.wrong, tally.waiting), strict=True)
        bar = "".join(f'<i class={kind} style="width:{100 * n / tally.total:.1f}%"></i>' for kind, n in shares if n)
        said = f"{passed} passed, {tally.wrong} wrong, {tally.waiting} not started or not gradable"
        yield f"<tr><th scope=row><b>{escape(exercise_id)}</b> {escape(tally.title)}"
        yield f'<td><div class=bar role=img aria-label="{said}">{bar}</div>'
        yield f"<td class=number>{_share(passed, tally.total)}<td class=number>{_share(passed, started)}"
        yield f"<td>{_commonest(tally)}</tr>\n"
    yield "</tbody></table>\n"


def _commonest(tally: Tally) -> str:
    """What is known about the wrong answers: mistakes by name, and the law that most of the others broke."""
    items = [f"<b>{n}</b> {escape(text)}" for text, n in tally.misconceptions.most_common(COMMONEST)]
    for law, n in tally.laws.most_common(1):
        items.append(f"<b>{n}</b> no known mistake, but against the law: {escape(law)}")
    return "<ul>" + "".join(f"<li>{item}" for item in items) + "</ul>" if items else ""


def _submissions(rows: Iterable[Row], ids: Sequence[str]) -> Iterator[str]:
    yield "<h2>Submissions</h2>\n<p class=legend>"
    yield "".join(f"<span><b class=m{_kind(mark)}>{mark}</b>{text}</span>" for mark, text in MARKS.values())
    yield "</p>\n<table class=marks><thead><tr><th>submission<th class=number>points"
    yield "".join(f"<th><span>{escape(exercise_id)}</span>" for exercise_id in ids) + "</tr></thead>\n<tbody>"
    for row in rows:
        yield f"<tr><th scope=row><span>{escape(row.name)}</span><td class=number>{row.points} of {row.max_points}"
        marks = (row.marks.get(exercise_id, "") for exercise_id in ids)
        yield "".join(f"<td class=m{_kind(mark)}>{mark}" for mark in marks) + "</tr>\n"
    yield "</tbody></table>\n"


def _kind(mark: str) -> str:
    return {"P": "p", "-": "n", "N": "n", "": "n"}.get(mark, "w")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "none"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
