"""In which order exercises are graded, and which references the process of each may hold.

A reference enters the sandbox only after its own exercise is graded. An exercise builds on earlier ones, so the order
is the course's, with two exceptions. The constructor's law runs ``forward``, so the methods of one class go from the
last to the first. And ``load_quantized`` fills packed layers, which are written three lessons later.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..course import catalogue, stubs
from ..course.catalogue import Exercise
from ..course.root import LIBRARY, SOLUTIONS

AFTER_ALL = ("13.3",)


def order() -> list[Exercise]:
    """All exercises, in the order of grading."""
    groups = itertools.groupby(catalogue.exercises(), key=lambda entry: (entry.file, entry.function.rpartition(".")[0]))
    found = [entry for (_, owner), group in groups for entry in (reversed([*group]) if owner else group)]
    return sorted(found, key=lambda entry: entry.id in AFTER_ALL)


@functools.cache
def references(entry: Exercise) -> Mapping[str, str]:
    """The modules of ``solutions/`` with the bodies of the exercises that are graded before this one."""
    ids = [one.id for one in order()]
    graded = set(ids[: ids.index(entry.id)])
    return {file: stubs.stub_module(_solution(file), file, solved=graded) for file in files_for(entry)}


def files_for(entry: Exercise) -> list[str]:
    """The modules that an exercise can need: its own and those before it, all where a driver may build any layer."""
    if entry.driver is not None:
        return stubs.files()
    return stubs.files()[: stubs.files().index(entry.file) + 1]


@functools.cache
def untouched() -> Mapping[str, str]:
    """The learner's modules as they are handed out."""
    return {file: stubs.stub_module(_solution(file), file) for file in stubs.files()}


def chosen(names: Sequence[str]) -> list[Exercise]:
    """The exercises of some ids or lessons, all without one, in the order of grading."""
    wanted = {entry.id for entry in catalogue.select(list(names))}
    return [entry for entry in order() if entry.id in wanted]


def path_of(file: str) -> Path:
    """Where a learner's module would stand: what tracebacks and messages call it."""
    return LIBRARY / file


def _solution(file: str) -> str:
    return (SOLUTIONS / file).read_text(encoding="utf-8")
