"""A verdict never depends on the door: ``labs check`` and ``labs grade`` say the same of the same files."""

from __future__ import annotations

import json

import pytest

from .conftest import solved
from .red_team import with_body

# Bodies of a submission that is half done; the other exercises of the file are right.
HALF_DONE = {
    "03.2": "return torch.round(x / scale).to(code_dtype(bits, signed))",  # forgets the zero point and the clamp
    "03.3": "raise RuntimeError('no idea')",
    "03.4": 'raise NotImplementedError("Exercise 03.4: write split_error in labs_lib/affine.py (`labs hint 03.4`)")',
    "04.1": "raise NotImplementedError('later')",
    "04.2": "return (",
    "05.1": "import sys; sys.exit(0)",
    "05.2": "x.mul_(2); print('half done'); return x, scale",
    "05.3": "return x - x_hat",
}
FACTS = ("id", "state", "points", "max_points", "message", "diagnosis")


@pytest.fixture(scope="module")
def half_done():
    texts = {file: solved()[file] for file in ("affine.py", "granularity.py", "inference.py")}
    for exercise_id, body in HALF_DONE.items():
        texts["affine.py"] = with_body(texts["affine.py"], exercise_id, body)
    texts["granularity.py"] += "\n1 / 0\n"
    return texts


@pytest.mark.slow
def test_both_doors_say_the_same(best, tree, half_done):
    for file, text in half_done.items():
        (tree.root / "labs_lib" / file).write_text(text, encoding="utf-8")
    checked = json.loads(tree.labs("check", "--json", "3", "4", "5", "06.1", "09.1").stdout)
    graded = best(half_done, *(one["id"] for one in checked), seed=0)
    assert [one["state"] for one in checked].count("passed") == 2
    for one, other in zip(checked, sorted(graded, key=lambda graded: graded.id), strict=True):
        assert [one[fact] for fact in FACTS] == [getattr(other, fact) for fact in FACTS]
