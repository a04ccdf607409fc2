"""The two decorators of a law file. Both are ordinary pytest marks."""

from __future__ import annotations

import pytest

from .inputs import Case


def law(exercise_id: str, statement: str) -> pytest.MarkDecorator:
    """Say which exercise a test judges, and the property in one sentence a learner understands."""
    return pytest.mark.law(exercise_id, statement)


def cases(*chosen: Case) -> pytest.MarkDecorator:
    """Run a law once a case; the law's parameter ``x`` is the tensor that the case makes from the seed."""
    return pytest.mark.parametrize("x", [pytest.param(case, id=case.__name__) for case in chosen], indirect=True)
