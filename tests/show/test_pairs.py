"""Before and after."""

from __future__ import annotations

import pytest

from labs_lib.show.pairs import pairs, pairs_figure


def test_ratios_and_counts() -> None:
    data = pairs(["a", "b", "c"], before=[8.0, 3.0, 1.0], after=[2.0, 0.01, 1.0])
    assert data.ratio == pytest.approx([4.0, 300.0, 1.0])
    assert data.improved == 2
    assert data.labels[data.best] == "b"


@pytest.mark.parametrize(
    ("labels", "before", "after", "message"),
    [
        (["a", "b"], [1.0], [1.0], "each of 2 labels"),
        ([], [], [], "each of 0 labels"),
        (["a"], [0.0], [1.0], "positive and finite"),
        (["a"], [float("inf")], [1.0], "positive and finite"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    labels: list[str], before: list[float], after: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        pairs(labels, before, after)


def test_one_row_for_each_label() -> None:
    figure = pairs_figure(pairs(["a", "b"], [2.0, 3.0], [1.0, 1.0]), "both shrank", "error (units)")
    (axes,) = figure.axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a", "b"]
    assert axes.get_xscale() == "log"
    assert figure.get_suptitle() == "both shrank"
