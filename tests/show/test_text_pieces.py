import pytest

from labs_lib.show.text_pieces import text_pieces, text_pieces_figure

PIECES = text_pieces([20, 40, 50], [19, 42, 50.5], [0.01, 0.02, 0.015])


def test_changes_are_percent_of_what_it_was() -> None:
    assert PIECES.change.tolist() == pytest.approx([-5, 5, 1])
    assert PIECES.fell == 1


def test_the_finding_and_the_bars() -> None:
    assert PIECES.finding.startswith("The perplexity fell on 1 of 3 pieces; the divergence is 2.0 times as large")
    figure = text_pieces_figure(PIECES)
    figure.canvas.draw()
    left, right = figure.axes
    assert [bar.get_height() for bar in left.patches] == pytest.approx([-5, 5, 1])
    assert [bar.get_height() for bar in right.patches] == pytest.approx([0.01, 0.02, 0.015])


@pytest.mark.parametrize("columns", [([1], [1], [1]), ([1, 2], [1], [1, 2]), ([1, 2], [1, 0], [1, 2])])
def test_columns_that_do_not_fit_are_refused(columns: tuple) -> None:
    with pytest.raises(ValueError, match="must be"):
        text_pieces(*columns)
