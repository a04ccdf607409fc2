"""What notebooks call: ``lesson(3)`` in the first cell, ``check("03.2")`` after an exercise."""

from __future__ import annotations

from . import catalogue, modes


class Shown:
    """Verdicts as a notebook shows them: HTML where the front end can, the same words as text everywhere."""

    def __init__(self, text: str, html: str) -> None:
        self._text, self._html = text, html

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return self._html


def lesson(number: int) -> None:
    """Begin a lesson: say what it holds, and reload the learner's files whenever they are saved."""
    entry = catalogue.find_lesson(number)
    _reload_on_save()
    print(f"Lesson {entry.number}: {entry.title}. About {entry.minutes} minutes.")
    width = max([20, *(len(exercise.function) for exercise in entry.exercises)])
    for exercise in entry.exercises:
        print(f"  {exercise.id}  {exercise.function:<{width}} {exercise.path}   {exercise.title}")
    if entry.exercises:
        print(f'Write the bodies in {entry.exercises[0].path}, save, and run check("{entry.exercises[0].id}") here.')


def check(*names: str) -> Shown:
    """Judge exercises by id or function name; without names, all of them. The same verdict as ``labs check``."""
    from . import feedback
    from .checks import check as check_exercises

    verdicts = check_exercises(catalogue.select(list(names)))
    return Shown(
        "\n\n".join(feedback.text(verdict) for verdict in verdicts),
        "".join(feedback.as_html(verdict) for verdict in verdicts),
    )


def _reload_on_save() -> None:
    """An edit counts from the next cell on; nothing to do outside IPython, or where the reference runs."""
    try:
        from IPython import get_ipython
    except ImportError:
        return
    shell = get_ipython()
    if shell is not None and modes.current().name != "solutions":
        from .reloading import on_save

        on_save(shell)
