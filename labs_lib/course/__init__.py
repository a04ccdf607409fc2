"""The course's machinery: exercises, checks, hints, progress. Given code, nothing to write here."""

from .exercise import exercise
from .notebook import check, lesson

__all__ = ["check", "exercise", "lesson"]
