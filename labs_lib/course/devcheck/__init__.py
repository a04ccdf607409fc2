"""The course checks itself: rules that every lesson relies on, one function a rule.

A rule is a generator of problems, each one line that says where and what. ``labs dev check`` runs them all on the
tree that this package lies in.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence

from .. import catalogue
from ..catalogue import Exercise
from . import catalogue_rules, code_rules, law_rules, notebook_rules

WHOLE: dict[str, Callable[[], Iterator[str]]] = {  # rules about the course as a whole
    "unique-ids": catalogue_rules.unique_ids,
    "hints": catalogue_rules.hints,
    "budgets": catalogue_rules.budgets,
    "stub-raises": code_rules.stub_raises,
    "same-interface": code_rules.same_interface,
    "no-leak": code_rules.no_leak,
    "one-place": notebook_rules.one_place,
    "alt-text": notebook_rules.alt_text,
    "links": notebook_rules.links,
    "executed": notebook_rules.executed,
}
BY_LESSON: dict[str, Callable[[Sequence[Exercise]], Iterator[str]]] = {  # rules about exercises; they take minutes
    "solutions-pass": law_rules.solutions_pass,
    "mutants-die": law_rules.mutants_die,
    "equivalents-pass": law_rules.equivalents_pass,
    "prefix-matrix": law_rules.prefix_matrix,
}
RULES = (*WHOLE, *BY_LESSON)


def run(names: list[str] | None = None, lessons: list[str] | None = None) -> int:
    """Run the named rules, or all. Prints one line a problem. Returns an exit status.

    Args:
        names: of rules.
        lessons: numbers; the rules about exercises look at these lessons only.
    """
    entries = catalogue.select(lessons or [])
    unknown = [name for name in names or [] if name not in RULES]
    if unknown:
        print(f"no rule {unknown[0]!r}; the rules are {', '.join(RULES)}", file=sys.stderr)
        return 2
    failed = False
    for name in names or RULES:
        problems = list(WHOLE[name]() if name in WHOLE else BY_LESSON[name](entries))
        for problem in problems:
            print(f"[FAIL] {name}: {problem}", flush=True)
        if not problems:
            print(f"[OK] {name}", flush=True)
        failed = failed or bool(problems)
    return 1 if failed else 0
