"""A class of six over three exercises: right, half done, wrong, hostile, unreadable, and one that is refused."""

from __future__ import annotations

import re
from pathlib import Path

from labs_lib.course import stubs
from labs_lib.course.root import SOLUTIONS
from labs_lib.grading.limits import Limits
from labs_lib.grading.settings import Settings

FILE = "affine.py"
EXERCISES = ("03.1", "03.2", "04.1")
POINTS = {"right": 40, "half": 5, "wrong": 25, "hostile": 5, "unreadable": 0, "refused": 0}
STATES = {
    "right": ["passed", "passed", "passed"],
    "half": ["passed", "not_started", "not_started"],
    "wrong": ["passed", "failed", "passed"],
    "hostile": ["passed", "crashed", "error"],
    "unreadable": ["error", "error", "error"],
    "refused": ["not_gradable", "not_gradable", "not_gradable"],
}
KEY = b"a key for tests, no secret"
LIMITS = Limits(wall_seconds=8.0, cpu_seconds=8)
SAYING = "a text of the submission's own"
HOSTILE = {
    "03.2": f"print({SAYING!r}); import os; os._exit(0)",
    "04.1": f"raise type({SAYING!r}, (ValueError,), {{}})({SAYING!r})",
}


def module(*solved: str, **bodies: str) -> str:
    """The text of affine.py: solved exercises with the reference's bodies, others with a line of one's own.

    Args:
        solved: ids.
        bodies: by function, the line that takes the stub's place.
    """
    text = stubs.stub_module((SOLUTIONS / FILE).read_text(encoding="utf-8"), FILE, solved=solved)
    for function, body in bodies.items():
        raising = rf'raise NotImplementedError\(\s*"Exercise [\d.]+: write {function} in [^"]*"\s*\)'
        assert len(re.findall(raising, text)) == 1, f"no stub of {function}"
        text = re.sub(raising, lambda _: body, text)  # noqa: B023, used at once
    return text


def hand_in(folder: Path, name: str, text: str | bytes) -> None:
    """Lay down one submission as a folder."""
    path = folder / name / "labs_lib" / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def write(folder: Path) -> None:
    """Lay down the class."""
    q_range = (SOLUTIONS / FILE).read_text(encoding="utf-8")
    assert "torch.round(x / scale)" in q_range
    hand_in(folder, "right", module(*EXERCISES))
    hand_in(folder, "half", module("03.1"))
    hand_in(folder, "wrong", module(*EXERCISES).replace("torch.round(x / scale)", "torch.round(x * scale)"))
    hand_in(folder, "hostile", module("03.1", quantize=HOSTILE["03.2"], choose_qparams=HOSTILE["04.1"]))
    hand_in(folder, "unreadable", b"\xff\xfe\x00 def (")
    (folder / "refused.zip").write_bytes(b"no zip at all")


def settings(out: Path, backend: str, **changed: object) -> Settings:
    """How the class is graded."""
    values = {"out": out, "key": KEY, "backend": backend, "exercises": EXERCISES, "limits": LIMITS} | changed
    return Settings(**values)  # type: ignore[arg-type]
