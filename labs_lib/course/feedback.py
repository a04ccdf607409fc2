"""Verdicts for people: plain text first, in one fixed order; HTML with the same words."""

from __future__ import annotations

import html

from .verdict import Verdict

WORDS = {
    "passed": "passed",
    "failed": "not yet",
    "error": "stopped by an error",
    "not_started": "not started",
    "timeout": "out of time",
    "crashed": "crashed",
    "not_gradable": "cannot be judged",
}


def headline(verdict: Verdict) -> str:
    """The verdict in one line: ``03.2 quantize: not yet (6 of 7 laws hold)``."""
    name = f"{verdict.id} {verdict.function}: {WORDS[verdict.state]}"
    if verdict.judged == "reference":  # stored in notebooks, so it must not change with the number of laws
        return f"{name}, judged on the reference"
    if verdict.laws and verdict.state != "not_started":
        return f"{name} ({verdict.laws_held} of {verdict.laws} laws hold)"
    return name


def next_command(verdict: Verdict) -> str:
    if verdict.state == "passed":
        return "labs next"
    return f"labs hint {verdict.id}"


def text(verdict: Verdict) -> str:
    """The whole feedback: verdict, law, smallest failing input, got, expected, cause, the learner's line, what next."""
    blocks = [headline(verdict)]
    facts = [
        ("law", verdict.law),
        ("input", verdict.input),
        ("got", verdict.got),
        ("expected", verdict.expected),
        ("allowed", verdict.allowed),
        ("printed", verdict.printed.strip()),
    ]
    lines = [f"  {label:<9} {_indented(value)}" for label, value in facts if value]
    if lines:
        blocks.append("\n".join(lines))
    cause = [f"  {sentence}" for sentence in (verdict.note, verdict.diagnosis) if sentence]
    if verdict.place:
        cause.append(f"  {verdict.place}    {verdict.line}".rstrip())
    if cause:
        blocks.append("\n".join(cause))
    if verdict.judged == "yours" and verdict.state != "passed":
        blocks.append(f"  {'next':<9} {next_command(verdict)}")
    return "\n\n".join(blocks)


def _indented(value: str) -> str:
    """Further lines under the first."""
    return value.replace("\n", "\n" + " " * 12)


def as_html(verdict: Verdict) -> str:
    """The same words as a small table that a screen reader can follow: no colour carries meaning."""
    facts = [
        ("law", verdict.law),
        ("input", verdict.input),
        ("got", verdict.got),
        ("expected", verdict.expected),
        ("allowed", verdict.allowed),
        ("printed", verdict.printed.strip()),
        ("likely cause", " ".join(part for part in (verdict.note, verdict.diagnosis) if part)),
        ("your line", f"{verdict.place}    {verdict.line}".strip()),
    ]
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left;vertical-align:top">{label}</th>'
        f'<td style="text-align:left"><code style="white-space:pre-wrap">{html.escape(value)}</code></td></tr>'
        for label, value in facts
        if value
    )
    table = f"<table><caption>What happened</caption>{rows}</table>" if rows else ""
    follow = ""
    if verdict.judged == "yours" and verdict.state != "passed":
        follow = f"<p>Next: <code>{next_command(verdict)}</code></p>"
    title = html.escape(headline(verdict))
    return f'<section role="status" aria-label="{title}"><p><strong>{title}</strong></p>{table}{follow}</section>'
