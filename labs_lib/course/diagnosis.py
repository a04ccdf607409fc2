"""Which known mistake a learner's answers look like: the failing calls are put to every mutant."""

from __future__ import annotations

import ast
import re

from . import modes
from .engine import Outcome
from .laws import driver
from .laws.subject import Call, same_reply
from .source import Block, lines_of
from .standins import Mutant, mutants_of

CALLS_AT_MOST = 12


def diagnose(exercise_id: str, outcomes: list[Outcome]) -> Mutant | None:
    """The mutant that answers every failing call as the learner did, None if there is no such one.

    Of several such mutants it is the one that also answers most of the other calls alike.
    """
    calls = [outcome.call for outcome in outcomes if outcome.call and outcome.state != "passed"]
    failing = [call for call in calls if _is_evidence(exercise_id, call)][:CALLS_AT_MOST]
    alike = [one for one in mutants_of(exercise_id) if all(_answers_alike(one, call) for call in failing)]
    if not failing or len(alike) < 2:
        return alike[0] if failing and alike else None
    others = [outcome.call for outcome in outcomes if outcome.call and outcome.state == "passed"]
    some = others[:: len(others) // CALLS_AT_MOST + 1]
    return max(alike, key=lambda mutant: sum(_answers_alike(mutant, call) for call in some))


def suspect_line(block: Block, mutant: Mutant | None, text: str) -> int:
    """The line of a learner's body to look at: where the mutant's pattern matches, else the last return."""
    assert block.node is not None
    body = block.node.body
    first = (body[0].end_lineno or block.first_line) + 1 if ast.get_docstring(block.node) else body[0].lineno
    if mutant is not None and mutant.line:
        for number, line in enumerate(lines_of(text), start=block.first_line):
            if number >= first and re.search(mutant.line, line):
                return number
    returns = [node.lineno for node in ast.walk(block.node) if isinstance(node, ast.Return)]
    return max(returns, default=block.last_line)


def _is_evidence(exercise_id: str, call: Call) -> bool:
    """A call where the reference would have answered otherwise; every call counts where there is no reference."""
    try:
        right = _replay(call, modes.Mode("solutions"), exercise_id)
    except NotImplementedError:
        return True
    return not same_reply(call.reply, right)


def _answers_alike(mutant: Mutant, call: Call) -> bool:
    mode = modes.Mode("only", only="", replaced={mutant.exercise_id: mutant.body})
    return same_reply(call.reply, _replay(call, mode, mutant.exercise_id))


def _replay(call: Call, mode: modes.Mode, exercise_id: str) -> driver.Reply:
    with modes.using(mode):
        return driver.call(exercise_id, call.args, call.kwargs)
