"""What a check says about one exercise, as data. Text, HTML and JSON are made from this."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

STATES = ("passed", "failed", "not_started", "error", "timeout", "crashed", "not_gradable")

STOPPED = "no answer: stopped with Ctrl-C"


@dataclass(frozen=True)
class Verdict:
    id: str
    function: str
    state: str
    points: int
    max_points: int
    laws_held: int = 0
    laws: int = 0
    law: str = ""  # the first broken law
    input: str = ""
    got: str = ""
    expected: str = ""
    allowed: str = ""
    note: str = ""
    diagnosis: str = ""  # what the mistake looks like
    place: str = ""  # the learner's own line, "labs_lib/affine.py:41"
    line: str = ""
    printed: str = ""
    judged: str = "yours"  # or "reference"

    @property
    def message(self) -> str:
        """The failure in one line."""
        if self.state == "passed":
            return f"{self.laws_held} of {self.laws} laws hold"
        parts = {"input": self.input, "got": self.got, "expected": self.expected, "allowed": self.allowed}
        said = "; ".join(f"{label} {text}" for label, text in parts.items() if text)
        return "; ".join(text for text in (said, self.note) if text)

    @property
    def lasts(self) -> bool:
        """Whether judging the same files again would say the same."""
        return self.state != "not_gradable" and self.got != STOPPED

    def public(self) -> dict[str, Any]:
        """The object of ``labs check --json``."""
        keys = ("id", "state", "points", "max_points", "law")
        return {**{key: getattr(self, key) for key in keys}, "message": self.message, "diagnosis": self.diagnosis}

    def stored(self) -> dict[str, Any]:
        return asdict(self)
