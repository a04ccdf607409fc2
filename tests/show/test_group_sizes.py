"""The slider over group sizes."""

from __future__ import annotations

import html
import re

import pytest
import torch

from labs_lib.show.error_map import error_map
from labs_lib.show.group_sizes import group_sizes, group_sizes_figure, group_sizes_widget, sizes_for

VIEW = "application/vnd.jupyter.widget-view+json"


def matrix() -> torch.Tensor:
    return torch.randn(48, 96, generator=torch.Generator().manual_seed(8)) / 16


def test_the_slider_goes_from_one_scale_for_all_to_small_groups():
    assert sizes_for(matrix()) == [None, 96, 64, 32, 16, 8]
    data = group_sizes(matrix(), 4)
    costs = [one.bits_per_weight for one in data.maps]
    assert costs == sorted(costs)
    assert data.chosen(16).db == error_map(matrix(), 16, 4).db


def test_the_title_gives_quality_and_cost():
    data = group_sizes(matrix(), 4)
    figure = group_sizes_figure(data, 32)
    one = data.chosen(32)
    assert figure.get_suptitle() == f"4 bits, groups of 32: {one.db:.1f} dB for 4.50 bits per weight"
    marked = figure.axes[1].lines[-1]
    assert (marked.get_xdata()[0], marked.get_ydata()[0]) == (one.bits_per_weight, one.db)


def test_colours_and_axes_stay_while_the_group_size_moves():
    data = group_sizes(matrix(), 4)
    figures = [group_sizes_figure(data, size) for size in (None, 16)]
    assert len({figure.axes[0].images[0].get_clim() for figure in figures}) == 1
    assert len({figure.axes[1].get_xlim() for figure in figures}) == 1


@pytest.mark.slow
def test_the_widget_draws_anew_for_every_control(displayed):
    group_sizes_widget(matrix(), size=32, bits=4)
    ((data, _),) = displayed
    assert "4 bits, groups of 32" in data["text/plain"]
    from ipywidgets import widget as registry

    box = registry._instances[data[VIEW]["model_id"]]
    size, bits, spoiled, view = box.children

    def alt() -> str:
        return html.unescape(re.search(r'<img alt="([^"]*)"', view.value).group(1))

    size.value = "one scale for all"
    assert "4 bits, one scale for all" in alt()
    size.value = "one a row"
    bits.value = 8
    assert "8 bits, one a row" in alt()
    spoiled.value = True
    assert "beside an outlier of 40" in alt()
