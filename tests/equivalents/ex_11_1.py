"""Other right answers to 11.1."""

from __future__ import annotations

import fnmatch
import re

from labs_lib.course import checked
from labs_lib.course.standins import equivalent


@equivalent("11.1")
def all_in_one(name, patterns):
    """One expression, and a regular expression for what is plain."""
    patterns = checked.patterns("patterns", patterns)
    return any(
        fnmatch.fnmatchcase(name, pattern) or (not re.search(r"[.*?\[]", pattern) and name.split(".")[-1] == pattern)
        for pattern in patterns
    )


@equivalent("11.1")
def one_regular_expression(name, patterns):
    """Translates every pattern, with an optional front for the plain ones."""
    patterns = checked.patterns("patterns", patterns)
    expressions = [
        fnmatch.translate(pattern) if set(pattern) & set(".*?[") else rf"(?s:.*\.)?{re.escape(pattern)}\Z"
        for pattern in patterns
    ]
    return any(re.match(expression, name) is not None for expression in expressions)


@equivalent("11.1")
def sorted_first(name, patterns):
    """Plain patterns in a set, globs as fnmatch.filter has them."""
    patterns = checked.patterns("patterns", patterns)
    plain = {pattern for pattern in patterns if not any(letter in pattern for letter in (".", "*", "?", "["))}
    if name in plain or name[name.rfind(".") + 1 :] in plain:
        return True
    return len([pattern for pattern in patterns if fnmatch.filter([name], pattern)]) > 0


@equivalent("11.1")
def letter_by_letter(name, patterns):
    """Without a library: a matcher of its own, for stars, question marks and sets with ranges."""
    patterns = checked.patterns("patterns", patterns)

    def fits(text, pattern):
        if not pattern:
            return not text
        first, rest = pattern[0], pattern[1:]
        if first == "*":
            return fits(text, rest) or (bool(text) and fits(text[1:], pattern))
        if first == "[" and "]" in rest[1:]:
            end = rest.index("]", 1)
            inside, rest = rest[:end], rest[end + 1 :]
            wanted, inside = not inside.startswith("!"), inside.removeprefix("!")
            letters = set(inside)
            for place, letter in enumerate(inside[1:-1], start=1):
                if letter == "-":
                    letters |= {chr(code) for code in range(ord(inside[place - 1]), ord(inside[place + 1]) + 1)}
            return bool(text) and (text[0] in letters) is wanted and fits(text[1:], rest)
        return bool(text) and first in ("?", text[0]) and fits(text[1:], rest)

    for pattern in patterns:
        if fits(name, pattern):
            return True
        if "." not in pattern and "*" not in pattern and "?" not in pattern and "[" not in pattern:
            *_, last = name.split(".")
            if last == pattern:
                return True
    return False
