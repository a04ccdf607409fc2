import pytest

from labs_lib.show.packed_quality import line_on_top, packed_quality, packed_quality_figure

SMALL = {(8, 32): (9.0, 1e-4), (4, 32): (5.0, 0.16), (2, 32): (3.0, 4.0), (4, 128): (4.25, 0.3), (2, 128): (2.25, 5.0)}
LARGE = {(4, 32): (5.0, 0.5), (2, 32): (3.0, 8.0)}
DATA = packed_quality({"small": SMALL, "large": LARGE})


def test_a_line_runs_from_many_bits_to_few() -> None:
    assert [(one.bits, one.bits_per_weight) for one in DATA.line("small", 32)] == [(8, 9.0), (4, 5.0), (2, 3.0)]
    assert [one.nats for one in DATA.line("small", 128)] == [0.3, 5.0]


def test_factors_are_for_one_bit() -> None:
    assert DATA.factors("small", 32) == pytest.approx([1600**0.25, 5.0])
    assert DATA.factors("large", 32) == pytest.approx([4.0])
    assert DATA.finding == (
        "Every bit less multiplies the divergence of small: from 8 to 4 bits by 6.3, from 4 to 2 bits by 5.0"
    )


def test_the_figure_draws_a_line_for_each_model_and_group_size() -> None:
    figure = packed_quality_figure(DATA)
    figure.canvas.draw()
    axes = figure.axes[0]
    labels = [line.get_label() for line in axes.lines]
    assert labels == ["small, groups of 32", "small, groups of 128", "large, groups of 32"]
    assert list(axes.lines[2].get_ydata()) == [0.5, 8.0]
    assert [text.get_text() for text in axes.texts] == ["4 bits", "2 bits"]
    assert line_on_top(DATA) == DATA.line("large", 32)


@pytest.mark.parametrize(
    "models", [{}, {"one": {(4, 32): (5.0, 0.1)}}, {"one": {(4, 32): (5.0, 0.1), (2, 32): (3.0, 0.0)}}]
)
def test_what_cannot_be_drawn_is_refused(models: dict) -> None:
    with pytest.raises(ValueError, match="must"):
        packed_quality(models)
