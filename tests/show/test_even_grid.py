import pytest
import torch

from labs_lib import affine
from labs_lib.show.even_grid import even_grid, even_grid_figure


@pytest.mark.parametrize(("scale", "zero_point", "bits"), [(0.5, 0, 4), (0.25, -8, 4), (2.0, 3, 8)])
def test_values_are_what_dequantize_says(scale: float, zero_point: int, bits: int) -> None:
    grid = even_grid(scale, zero_point, bits)
    codes = torch.from_numpy(grid.codes)
    assert grid.values.tolist() == affine.dequantize(codes, scale, zero_point).tolist()
    assert (grid.codes[0], grid.codes[-1]) == affine.q_range(bits)


def test_stretching_and_sliding_move_the_ends() -> None:
    assert even_grid(0.5).reach == (-4.0, 3.5)
    assert even_grid(0.25).reach == (-2.0, 1.75)
    assert even_grid(0.5, -8).reach == (0.0, 7.5)


def test_every_mark_is_drawn_and_named() -> None:
    figure = even_grid_figure([even_grid(0.5), even_grid(0.5, -8)], "title")
    figure.canvas.draw()
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.texts[:16]] == [str(code) for code in range(-8, 8)]
    assert axes.get_xlim()[0] < -4 and axes.get_xlim()[1] > 7.5


def test_too_many_marks_have_no_names() -> None:
    assert not even_grid_figure([even_grid(0.1, bits=8)], "title").axes[0].texts
