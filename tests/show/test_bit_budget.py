import pytest

from labs_lib.show.bit_budget import budgets, budgets_figure, budgets_widget

DATA = budgets({(8, 8): (4e6, 1e-4), (8, 4): (3e6, 1e-2), (4, 8): (3e6, 2e-3), (4, 4): (2e6, 3e-2)})


def test_sizes_are_megabytes_of_a_million_bytes() -> None:
    assert DATA.find(8, 4).megabytes == 3.0
    assert DATA.find(8, 4).name == "attention 8 bits, MLP 4 bits"


def test_the_frontier_leaves_out_what_a_smaller_one_beats() -> None:
    assert [(one.attention, one.mlp) for one in DATA.frontier] == [(4, 4), (4, 8), (8, 8)]


def test_the_finding_names_the_better_choice_of_the_same_size() -> None:
    assert DATA.finding(8, 4) == (
        "attention 8 bits, MLP 4 bits: 3.00 MB, divergence 0.01; "
        "attention 4 bits, MLP 8 bits is 5.0 times better at 3.00 MB"
    )
    assert DATA.finding(4, 4).endswith("nothing of this size does better")


def test_the_chosen_point_is_drawn() -> None:
    figure = budgets_figure(DATA, 4, 8)
    figure.canvas.draw()
    chosen = figure.axes[0].lines[-1]
    assert (chosen.get_xdata()[0], chosen.get_ydata()[0]) == (3.0, 2e-3)


def test_the_widget_begins_where_it_is_told(displayed: list) -> None:
    budgets_widget(DATA, attention=8, mlp=4)
    assert "attention 8 bits, MLP 4 bits: 3.00 MB" in displayed[0][0]["text/plain"]


@pytest.mark.parametrize("measured", [{}, {(4, 4): (1e6, 0.0)}])
def test_nothing_to_show_is_refused(measured: dict) -> None:
    with pytest.raises(ValueError, match="there must be choices"):
        budgets(measured)
