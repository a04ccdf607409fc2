import numpy as np
import pytest
import torch

from labs_lib.show.histogram import histogram, histogram_figure


def test_every_value_is_counted_once() -> None:
    x = torch.linspace(-1, 1, 1000).reshape(10, 100)
    data = histogram(x, bins=20)
    assert data.counts.sum() == 1000
    assert len(data.edges) == 21
    assert data.grid.size == 0 and data.clipped == 0


def test_the_grid_is_what_the_codes_stand_for() -> None:
    data = histogram(torch.tensor([-10.0, 0.1, 2.5, 9.0]), scale=0.5, zero_point=1, bits=3)
    assert data.grid.tolist() == [-2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0]
    assert data.clipped == 3


def test_clipped_bars_are_hatched() -> None:
    data = histogram(torch.linspace(-2, 2, 400), scale=0.1, bits=4, bins=40)
    figure = histogram_figure(data, "Half is clipped")
    figure.canvas.draw()
    bars = figure.axes[0].patches
    hatched = np.array([bool(bar.get_hatch()) for bar in bars])
    middles = np.array([bar.get_x() + bar.get_width() / 2 for bar in bars])
    assert 0 < hatched.sum() < len(bars)
    assert hatched.tolist() == ((middles < data.grid[0]) | (middles > data.grid[-1])).tolist()
    assert f"{data.clipped} values are clipped" in figure.axes[0].get_legend().texts[0].get_text()


@pytest.mark.parametrize("log", [False, True])
def test_without_a_scale_there_is_one_panel(log: bool) -> None:
    figure = histogram_figure(histogram(torch.linspace(0, 1, 50)), "Flat", xlabel="activation", log=log)
    figure.canvas.draw()
    assert len(figure.axes) == 1
    assert figure.axes[0].get_xlabel() == "activation"
    assert figure.get_suptitle() == "Flat"
