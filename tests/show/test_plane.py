import pytest

from labs_lib.show.plane import PlanePoint, plane, plane_figure

SMALL, MIDDLE, LARGE = (PlanePoint(f"{n} bits", f"{n} bits", n, 1 / n**3) for n in (2, 4, 8))
HEAD = PlanePoint("4 bits, head too", "4 bits", 5, 0.02, extra=True)
WITH_HEAD = "with a quantized head"


def test_a_model_is_beaten_by_one_that_is_no_larger_and_closer() -> None:
    data = plane([SMALL, MIDDLE, LARGE, HEAD], WITH_HEAD)
    assert data.front == (SMALL, MIDDLE, LARGE)
    assert data.dominated == (HEAD,)
    assert data.beaten_by(HEAD) == MIDDLE
    assert data.beaten_by(SMALL) is None


def test_equal_size_is_enough_and_an_equal_model_is_not() -> None:
    closer, twin = PlanePoint("a", "a", 4, 0.001), PlanePoint("twin", "a", 4, 0.001)
    data = plane([MIDDLE, closer, twin], WITH_HEAD)
    assert data.dominated == (MIDDLE,)
    assert set(data.front) == {closer, twin}


def test_the_finding_says_whether_all_marked_models_are_beaten() -> None:
    assert plane([SMALL, MIDDLE, HEAD], WITH_HEAD).finding == (
        "1 of 3 models are beaten by one that is no larger and closer, all 1 with a quantized head among them"
    )
    good = PlanePoint("good", "8 bits", 9, 1e-9, extra=True)
    assert plane([SMALL, HEAD, MIDDLE, good], WITH_HEAD).finding.endswith("closer, 1 of them with a quantized head")


def test_the_figure_draws_the_front_and_crosses_out_the_others() -> None:
    figure = plane_figure(plane([SMALL, MIDDLE, LARGE, HEAD], WITH_HEAD), original=32.0)
    figure.canvas.draw()
    assert [list(line.get_xdata()) for line in figure.axes[0].lines] == [[2, 4, 8], [2, 4, 8], [5]]
    assert "32.00 MB" in figure.axes[0].get_xlabel()


def test_a_front_with_the_extra_is_drawn_apart() -> None:
    good = PlanePoint("good", "8 bits", 9, 1e-9, extra=True)
    figure = plane_figure(plane([SMALL, good], WITH_HEAD), original=32.0)
    assert [list(line.get_xdata()) for line in figure.axes[0].lines] == [[2, 9], [2], [9]]


@pytest.mark.parametrize("points", [[], [PlanePoint("original", "32 bits", 32, 0.0)]])
def test_nothing_to_show_is_refused(points: list) -> None:
    with pytest.raises(ValueError, match="positive divergences"):
        plane(points, WITH_HEAD)
