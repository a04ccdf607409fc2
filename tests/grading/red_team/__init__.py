"""Hostile submissions, as data: what each one does, and the state in which it must end.

Most attack exercise 03.1, and say themselves whether they got through: ``attack()`` returns true if it did, and only
then does the exercise answer right. So a wall that fails gives a point away, which no test can overlook. The others
bring a ``body`` of their own. None of it is ever imported here: a case is a text that a worker runs.

Each case is bounded by itself (a few hundred threads or forks, 2 GB of disk, 6 GB of memory, 30 seconds), so that a
wall that fails costs a test and not the machine.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from labs_lib.course import source
from labs_lib.course.catalogue import find
from labs_lib.grading import plan

THE_TRUTH_IF_IT_WORKED = "return _right(bits, signed) if _attack() else (0, 0)"
FRAME = """
import functools

PLACES = {places!r}


def _right(bits, signed):
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)


{code}

_attack = functools.cache(globals().get("attack", bool))
"""


@dataclass(frozen=True)
class Hostile:
    """One submission that does not want to be graded."""

    name: str
    ends: str  # the state in which it must end
    why: str  # what stops it
    code: str  # at the end of the module; ``attack()`` returns true if it got through
    exercise: str = "03.1"
    body: str = THE_TRUTH_IF_IT_WORKED  # of the exercise
    patient: bool = False  # it waits for its time to be over

    def texts(self, places: Mapping[str, object]) -> dict[str, str]:
        """The modules that are handed in: untouched, but for the exercise and the code."""
        entry = find(self.exercise)
        untouched = plan.untouched()[entry.file]
        frame = FRAME.format(places=dict(places), code=textwrap.dedent(self.code).strip())
        return {entry.file: with_body(untouched, self.exercise, self.body) + frame}


def with_body(text: str, exercise_id: str, body: str) -> str:
    """A module whose exercise ends in ``body`` where the stub ends in an error."""
    block = source.read(plan.path_of(find(exercise_id).file), text).blocks[exercise_id]
    lines = text.splitlines(keepends=True)
    last = block.node.body[-1]
    indent = " " * last.col_offset
    lines[last.lineno - 1 : last.end_lineno] = textwrap.indent(textwrap.dedent(body).strip() + "\n", indent)
    return "".join(lines)
