"""Which submissions are alike beyond what they have in common with the stub and the reference: a report, no verdict.

Every body becomes the sequence of its syntax tree's nodes, without names, comments and layout, so renaming hides
nothing. Fingerprints are hashes of short windows of it, thinned by winnowing (Schleimer, Wilkerson and Aiken 2003).
Those that the stub or the reference has too are removed: most right answers to a short exercise look alike. So are
those that many in the class have: they are the obvious way, not a copy.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from ..course import catalogue, source, stubs
from ..course.root import SOLUTIONS
from . import plan
from .intake import Submission
from .results import clean

GRAM = 12  # nodes in a window
WINDOW = 4  # of this many windows in a row, one hash is kept
FEWEST = 8  # fingerprints of one's own, below which a submission says nothing
CROWD = 0.2  # of the class, and at least CROWD_AT_LEAST: what more of it share is the obvious way
CROWD_AT_LEAST, CROWD_AT_MOST = 4, 25  # the second bounds the work: pairs grow with its square
ALIKE = 0.5  # the share from which a pair is reported

Prints = frozenset[int]


@dataclass(frozen=True)
class Pair:
    """Two submissions, and how much of the smaller one's own fingerprints the other has too, from 0 to 1."""

    one: str
    other: str
    shared: int
    share: float
    exercises: tuple[str, ...]


def fingerprints(node: ast.AST) -> Prints:
    """The fingerprints of a function: what stays of it under renaming and reformatting."""
    shape = [*_shape(node)]
    grams = [_hash(" ".join(shape[start : start + GRAM])) for start in range(max(1, len(shape) - GRAM + 1))]
    return frozenset(min(grams[start : start + WINDOW]) for start in range(max(1, len(grams) - WINDOW + 1)))


def own_fingerprints(texts: Mapping[str, str]) -> dict[str, Prints]:
    """By exercise: the fingerprints of a submission that neither the stub nor the reference has."""
    given = _given()
    found = {name: prints - given[name] for file, text in texts.items() for name, prints in _bodies(file, text).items()}
    return {name: prints for name, prints in found.items() if prints}


def pairs(submissions: Iterable[Submission], least: float = ALIKE) -> list[Pair]:
    """The pairs that share at least ``least`` of what most of the class does not have, the most alike first."""
    own = {clean(one.name): own_fingerprints(one.texts) for one in submissions}
    holders: dict[tuple[str, int], list[str]] = defaultdict(list)
    for name, exercises in own.items():
        for exercise_id, prints in exercises.items():
            for value in prints:
                holders[exercise_id, value].append(name)
    crowd = min(max(CROWD * len(own), CROWD_AT_LEAST), max(len(own) - 1, 2), CROWD_AT_MOST)
    rare = {key: names for key, names in holders.items() if len(names) <= crowd}
    counts = Counter(name for names in rare.values() for name in names)
    shared = Counter(couple for names in rare.values() for couple in itertools.combinations(sorted(names), 2))
    found = []
    for (one, other), number in shared.items():
        smaller = min(counts[one], counts[other])
        if smaller >= FEWEST and number >= least * smaller:
            both = own[one].keys() & own[other].keys()
            where = tuple(sorted(name for name in both if own[one][name] & own[other][name]))
            found.append(Pair(one, other, number, number / smaller, where))
    return sorted(found, key=lambda pair: (-pair.share, -pair.shared, pair.one, pair.other))


def report(found: Iterable[Pair]) -> str:
    """An HTML page for whoever has to look: names, shares, exercises. It accuses nobody."""
    rows = "".join(
        f"<tr><td>{escape(pair.one)}</td><td>{escape(pair.other)}</td><td>{100 * pair.share:.0f} %</td>"
        f"<td>{pair.shared}</td><td>{', '.join(pair.exercises)}</td></tr>\n"
        for pair in found
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("one", "other", "share", "fingerprints", "exercises"))
    note = (
        "Pairs whose syntax trees share what few others in the class have, after what the stubs and the reference hold "
        "was removed. A short exercise has few ways to be right: read both before you think anything of it."
    )
    style = "body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1.5rem; }"
    style += " th, td { text-align: left; vertical-align: top; padding: .3rem 1.2rem .3rem 0; }"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Similarity</title><style>{style}</style>'
        f"</head>\n<body><h1>Similarity</h1><p>{note}</p>\n"
        + (f"<table><thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table>" if rows else "<p>No such pair.</p>")
        + "</body></html>\n"
    )


@functools.cache
def _given() -> dict[str, Prints]:
    """By exercise: the fingerprints of its stub and of its reference."""
    common: dict[str, Prints] = {entry.id: frozenset() for entry in catalogue.exercises()}
    for file in stubs.files():
        for text in (plan.untouched()[file], (SOLUTIONS / file).read_text(encoding="utf-8")):
            for exercise_id, prints in _bodies(file, text).items():
                common[exercise_id] |= prints
    return common


@functools.lru_cache(256)  # many hand in the same untouched files
def _bodies(file: str, text: str) -> dict[str, Prints]:
    """By exercise: the fingerprints of what stands in a module."""
    known = {entry.id for entry in catalogue.exercises()}
    blocks = source.read(plan.path_of(file), text).blocks
    return {name: fingerprints(block.node) for name, block in blocks.items() if name in known and block.node}


def _shape(node: ast.AST) -> Iterator[str]:
    """Kinds of nodes in order; of constants the value, of attributes the name: ``x.clamp`` is not ``x.round``."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr_context) or _is_text(node):
            continue
        yield type(node).__name__
        if isinstance(node, ast.Constant):
            yield repr(node.value)[:40]
        if isinstance(node, ast.Attribute):
            yield node.attr
        waiting += reversed([*ast.iter_child_nodes(node)])


def _is_text(node: ast.AST) -> bool:
    """A docstring, or a string that stands about as a comment."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest(), "big")
