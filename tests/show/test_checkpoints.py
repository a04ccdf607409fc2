import pytest

from labs_lib.show.checkpoints import divergences, divergences_figure

CURVES = {"the early one": {3: 0.1, 4: 0.02}, "the late one": {4: 0.06, 3: 0.25}}


def test_curves_go_from_many_bits_to_few() -> None:
    data = divergences(CURVES)
    assert data.bits == (4, 3)
    assert data.curves["the late one"].tolist() == [0.06, 0.25]
    assert data.ratio(4) == pytest.approx(3)


def test_the_finding_compares_the_last_with_the_first() -> None:
    expected = "Rounding moves the late one 3.0 times as far at 4 bits and 2.5 times as far at 3 bits as the early one"
    assert divergences(CURVES).finding == expected


def test_every_point_carries_its_number() -> None:
    figure = divergences_figure(divergences(CURVES))
    figure.canvas.draw()
    assert [text.get_text() for text in figure.axes[0].texts] == ["0.02", "0.1", "0.06", "0.25"]


@pytest.mark.parametrize(
    "curves", [{"a": {4: 1.0}}, {"a": {4: 1.0}, "b": {3: 1.0}}, {"a": {4: 1.0}, "b": {4: 0.0}}, {}]
)
def test_what_cannot_be_compared_is_refused(curves: dict) -> None:
    with pytest.raises(ValueError, match="must be"):
        divergences(curves)
