"""The class at a glance: pass rates, the commonest misconceptions, every grade. One file without script or network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

COMMONEST = 3
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #111; }
table { border-collapse: collapse; margin: 1rem 0 2rem; } caption { text-align: left; font-weight: 600; }
th, td { border: 1px solid #bbb; padding: .25rem .6rem; text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.bar { display: inline-block; height: .7rem; background: #0b5394; margin-right: .4rem; }
"""


@dataclass
class Tally:
    """What the class did with one exercise."""

    title: str
    states: Counter[str] = field(default_factory=Counter)
    misconceptions: Counter[str] = field(default_factory=Counter)
    laws: Counter[str] = field(default_factory=Counter)


def convert(all_results: Iterable[Mapping[str, Any]]) -> str:
    """An HTML page. All text of submissions is escaped."""
    tallies: dict[str, Tally] = {}
    rows = []
    for data in all_results:
        rows.append((data["submission"], data["points"], data["max_points"], states_of(data)))
        for one in data["exercises"]:
            tally = tallies.setdefault(one["id"], Tally(one["title"]))
            tally.states[one["state"]] += 1
            if one["diagnosis"]:
                tally.misconceptions[one["diagnosis"]] += 1
            if one["laws"]["broken"]:
                tally.laws[one["laws"]["broken"]] += 1
    return _page(len(rows), "".join([_exercises(tallies), _learners(rows)]))


def states_of(data: Mapping[str, Any]) -> str:
    """Such as ``7 passed, 2 not started``."""
    counted = Counter(one["state"] for one in data["exercises"])
    return ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(counted.items()))


def _exercises(tallies: Mapping[str, Tally]) -> str:
    rows = "".join(_exercise(exercise_id, tallies[exercise_id]) for exercise_id in sorted(tallies))
    heads = "".join(
        f'<th scope="col">{head}</th>'
        for head in ("exercise", "passed", "of those who started", "commonest misconceptions", "laws broken most")
    )
    return f"<table><caption>Exercises</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _exercise(exercise_id: str, tally: Tally) -> str:
    total = sum(tally.states.values())
    started = total - tally.states["not_started"] - tally.states["not_gradable"]
    passed = tally.states["passed"]
    share = 100 * passed / total if total else 0.0
    among = f"{100 * passed / started:.0f} %" if started else "nobody started"
    return (
        f'<tr><th scope="row">{escape(exercise_id)} {escape(tally.title)}</th>'
        f'<td><span class="bar" style="width:{share / 20:.2f}rem" aria-hidden="true"></span>'
        f"{share:.0f} % ({passed} of {total})</td>"
        f'<td class="number">{among}</td><td>{_most(tally.misconceptions)}</td><td>{_most(tally.laws)}</td></tr>'
    )


def _most(counted: Counter[str]) -> str:
    items = "".join(f"<li>{count} times: {escape(text)}</li>" for text, count in counted.most_common(COMMONEST))
    return f"<ul>{items}</ul>" if items else "none"


def _learners(rows: list[tuple[str, int, int, str]]) -> str:
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="number">{points} of {most}</td>'
        f"<td>{escape(states)}</td></tr>"
        for name, points, most, states in rows
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("submission", "points", "states"))
    return f"<table><caption>Submissions</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _page(count: int, body: str) -> str:
    head = f'<meta charset="utf-8"><title>Class report</title><style>{STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head>\n'
        f"<body><h1>Class report</h1><p>{count} submissions.</p>\n{body}</body></html>\n"
    )
