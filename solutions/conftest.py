"""The examples in these docstrings run on the reference alone, whatever a learner has written."""

from collections.abc import Iterator

import pytest

from labs_lib.course import modes


@pytest.fixture(autouse=True)
def the_reference() -> Iterator[None]:
    with modes.using(modes.Mode("solutions")):
        yield
