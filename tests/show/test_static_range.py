"""A static range: its two errors, measured by hand, and the widget that moves it."""

from __future__ import annotations

import pytest
import torch
from ipywidgets import widget as registry

from labs_lib.show.static_range import static_range, static_range_figure, static_range_widget

X = torch.cat([torch.linspace(-1, 2, 997), torch.tensor([9.0, 10.0, -4.0])])


@pytest.mark.parametrize(("part", "bits"), [(1.0, 8), (0.25, 8), (2.0, 4)])
def test_both_errors_are_those_of_a_hand_made_quantizer(part: float, bits: int) -> None:
    now = static_range(X, (-4.0, 10.0), part, bits).now
    steps = 2**bits - 1
    scale = 14.0 * part / steps
    zero_point = round(4.0 * part / scale)
    back = ((X.double() / scale).round() + zero_point).clamp(0, steps) * scale - zero_point * scale
    assert now.total == pytest.approx(float(((X - back) ** 2).mean()), rel=1e-4)
    assert (now.low, now.high) == pytest.approx((-zero_point * scale, (steps - zero_point) * scale), rel=1e-5)
    beyond = torch.maximum(now.low - X, X - now.high) > scale / 2
    assert now.clipped_share == pytest.approx(float(beyond.double().mean()))


def test_the_measured_range_clips_nothing_and_the_best_is_the_minimum() -> None:
    data = static_range(X, (-4.0, 10.0))
    assert data.now.clipped_share == 0
    assert all(data.best.total <= point.total for point in data.sweep)
    assert [point.part for point in data.sweep] == sorted(point.part for point in data.sweep)


def test_the_title_says_the_numbers_of_the_data() -> None:
    data = static_range(X, (-4.0, 10.0), 0.25)
    title = static_range_figure(data).get_suptitle().replace("\n", " ")
    assert title == data.finding
    assert title.startswith("25 % of the range at 8 bits clips 0.30 % of the values")
    assert f"{data.now.total / data.best.total:.1f} times" in title


def test_the_widget_moves_the_range(displayed: list) -> None:
    static_range_widget(X, (-4.0, 10.0), 0.25)
    bundle = displayed[0][0]
    assert "25 % of the range at 8 bits" in bundle["text/plain"]
    box = registry._instances[bundle["application/vnd.jupyter.widget-view+json"]["model_id"]]
    part, bits, view = box.children
    part.value = 1.0
    assert "100 % of the range at 8 bits clips 0.00 % of the values" in view.value
    bits.value = 4
    assert "at 4 bits" in view.value
