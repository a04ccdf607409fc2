import pytest

from labs_lib.show.sensitivity import sensitivity, sensitivity_figure

NATS = {"0 q": 0.01, "0 down": 0.06, "1 q": 0.02, "1 down": 0.03}


def test_the_worst_layer_and_its_share() -> None:
    data = sensitivity(NATS, together=0.12)
    assert data.layers[data.worst] == "0 down"
    assert data.shares.sum() == pytest.approx(1)
    assert data.shares[1] == pytest.approx(0.5)
    assert data.finding == "0 down does 50 % of the damage, as much as the 3 mildest of 4 layers together"


def test_a_bar_for_each_layer_and_a_number_at_the_worst() -> None:
    figure = sensitivity_figure(sensitivity(NATS, together=0.12))
    figure.canvas.draw()
    axes = figure.axes[0]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(list(NATS.values()))
    assert [text.get_text() for text in axes.texts] == ["0.0600"]
    assert {text.get_text() for text in axes.get_legend().get_texts()} == {
        "the worst",
        'others named "down"',
        "all others",
    }


@pytest.mark.parametrize(
    "nats", [{}, {"one": 1.0}, {"a": 0.0, "b": 0.0}, {"a": -1.0, "b": 1.0}, {"a": float("nan"), "b": 1}]
)
def test_what_has_no_shares_is_refused(nats: dict) -> None:
    with pytest.raises(ValueError, match="nats must hold"):
        sensitivity(nats, together=0.0)
