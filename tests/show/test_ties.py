import pytest
import torch

from labs_lib.show.ties import RULES, tie_bias, tie_bias_figure


def test_rules_differ_on_ties_alone() -> None:
    x = torch.tensor([0.5, 1.5, 2.5, 0.4, 0.6, 7.0])
    assert RULES["ties up"](x).tolist() == [1, 2, 3, 0, 1, 7]
    assert RULES["ties to even"](x).tolist() == [0, 2, 2, 0, 1, 7]
    assert RULES["cut off (a cast)"](x).tolist() == [0, 1, 2, 0, 0, 7]


def test_the_bias_is_half_a_step_for_each_tie() -> None:
    image = torch.tensor([[[0.0, 0.0], [1.0, 1.0]]])  # averaging the rows gives four ties
    ties = tie_bias(image, passes=1)
    assert ties.tie_share == 1.0
    assert ties.bias["ties up"] == (0.5,)
    assert ties.bias["ties to even"] == (-0.5,)  # 0.5 goes to 0: one tie has no other to cancel it


def test_ties_to_even_cancel_where_odd_and_even_neighbours_alternate() -> None:
    column = torch.arange(8.0).reshape(1, 8, 1)  # eight averages, all of them ties
    ties = tie_bias(column, passes=1)
    assert (ties.tie_share, ties.exact_mean) == (1.0, 3.5)
    assert ties.bias == {"cut off (a cast)": (-0.5,), "ties up": (0.5,), "ties to even": (0.0,)}


def test_pictures_without_ties_have_no_bias() -> None:
    ties = tie_bias(torch.full((2, 4, 4), 6.0))
    assert ties.tie_share == 0
    assert all(set(means) == {0.0} for means in ties.bias.values())


def test_the_figure_holds_every_rule_and_pass() -> None:
    images = torch.randint(0, 17, (20, 8, 8), generator=torch.Generator().manual_seed(0))
    ties = tie_bias(images, passes=3)
    figure = tie_bias_figure(ties)
    figure.canvas.draw()
    bars, lines = figure.axes
    assert [patch.get_height() for patch in bars.patches] == [means[0] for means in ties.bias.values()]
    assert [line.get_ydata().tolist() for line in lines.lines[:3]] == [list(means) for means in ties.bias.values()]
    assert "% of the averages are ties" in ties.finding


@pytest.mark.parametrize("images", [torch.zeros(8, 8), torch.full((1, 2, 2), 0.5)])
def test_what_is_no_picture_is_refused(images: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="images must be"):
        tie_bias(images)
