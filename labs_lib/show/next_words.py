"""A model's likeliest next tokens before and after a change, as a table of text with the changed places marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .numbers import fixed, table_text

Tokens = Sequence[tuple[str, float]]  # text and probability, the likeliest first
MARK = "*"


@dataclass(frozen=True)
class NextWords:
    """Both rankings of one prompt."""

    prompt: str
    before: tuple[tuple[str, float], ...]
    after: tuple[tuple[str, float], ...]

    @property
    def changed(self) -> tuple[bool, ...]:
        """At each place of the ranking, whether another token stands there now."""
        return tuple(old[0] != new[0] for old, new in zip(self.before, self.after, strict=True))

    @property
    def text(self) -> str:
        rows = [
            [str(place), _quoted(old[0]), old[1], f"{_quoted(new[0])} {MARK}" if changed else _quoted(new[0]), new[1]]
            for place, (old, new, changed) in enumerate(
                zip(self.before, self.after, self.changed, strict=True), start=1
            )
        ]
        headers = ["", "before", "p", "after", "p"]
        return f"{self.prompt} ...\n{table_text(rows, headers, [0, 0, 2, 0, 2])}"


def next_words(prompt: str, before: Tokens, after: Tokens) -> NextWords:
    """Put two rankings side by side.

    Raises:
        ValueError: they have different lengths.
    """
    if len(before) != len(after):
        raise ValueError(f"before and after must have the same length, got {len(before)} and {len(after)}")
    return NextWords(prompt, tuple(before), tuple(after))


def next_words_finding(words: Sequence[NextWords]) -> str:
    """How many places changed, and how many of them are first places."""
    places = sum(len(one.changed) for one in words)
    changed = sum(sum(one.changed) for one in words)
    first = sum(one.changed[0] for one in words)
    moved = max(abs(p - dict(one.after)[token]) for one in words for token, p in one.before if token in dict(one.after))
    return (
        f"{changed} of {places} places have another token, {first} of {len(words)} first places; "
        f"no token that stays on its list moves by more than {fixed(moved, 2)}"
    )


def _quoted(token: str) -> str:
    """A token with its leading space and line breaks made visible."""
    return repr(token)
