"""The run of the notebooks on untouched stubs: a learner who has written nothing sees what is stored.

Of the lessons without exercises only the last one is run, to save time: stubs fall back in them as in all others.

The run in solutions mode is no test in here: ``labs verify`` has nbval run it beside the tests.
"""

import pytest

from labs_lib.course import catalogue
from labs_lib.course.nb import normalise
from labs_lib.course.nb.cells import code_cells
from labs_lib.zoo.copies import MODELS
from tests.conftest import copy_course
from tests.notebooks.running import QUICK

BOOKS = [
    lesson.notebook.name for lesson in catalogue.lessons() if lesson.exercises or lesson is catalogue.lessons()[-1]
]


@pytest.fixture(scope="module")
def untouched(pristine, tmp_path_factory):
    """A copy with untouched stubs that may remember what was checked in it."""
    root = tmp_path_factory.mktemp("untouched") / "course"
    copy_course(pristine.root, root)
    if MODELS.is_dir():  # half a gigabyte that need not be made again
        (root / ".labs").mkdir()
        (root / ".labs" / "models").symlink_to(MODELS, target_is_directory=True)
    return type(pristine)(root)


@pytest.mark.slow
@pytest.mark.parametrize("name", BOOKS)
def test_untouched_stubs_show_what_is_stored(untouched, name):
    done = untouched.run(
        "-m", "pytest", "--nbval", "--nbval-current-env", "-q", *QUICK, f"notebooks/{name}", LABS_NBVAL="fallback"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    items = len(code_cells(normalise.load(untouched.root / "notebooks" / name))) + 1  # the stored form is one
    assert f"{items} passed" in done.stdout
