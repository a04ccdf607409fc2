"""The table of what was built comes from the registry and the docstrings."""

from __future__ import annotations

from labs_lib.course import catalogue
from labs_lib.course.built import built, law_of


def test_every_exercise_is_listed_once_with_its_law():
    text, page = repr(built()), built()._repr_html_()
    for entry in catalogue.exercises():
        assert text.count(f"{entry.id} {entry.function}: ") == 1
        assert page.count(f"<td style='text-align:left'>{entry.id}</td>") == 1
    points = sum(entry.points for entry in catalogue.exercises())
    assert text.splitlines()[-1].endswith(f"{points} points")


def test_a_law_is_the_first_line_of_the_docstring():
    assert law_of(catalogue.find("03.3")) == "Map codes back to real values: x_hat = scale * (q - zero_point)."
    assert law_of(catalogue.find("10.3")) == "What the float layer would answer, up to rounding."


def test_html_is_escaped():
    assert "<x" not in built()._repr_html_().replace("<x-", "")
