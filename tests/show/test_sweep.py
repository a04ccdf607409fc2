"""The data of the sweep figure: what it says must be what it measured."""

import pytest
import torch

from labs_lib.show.sweep import error_sweep, error_sweep_figure


@pytest.fixture(autouse=True)
def reference(monkeypatch):
    monkeypatch.setenv("LABS_MODE", "solutions")


def test_the_widest_scale_clips_nothing_and_the_best_is_the_minimum():
    x = torch.cat([torch.linspace(-1, 1, 999), torch.tensor([40.0])])
    sweep = error_sweep(x, bits=4, count=30)
    assert len(sweep.points) == 30
    assert sweep.widest.scale == pytest.approx(40 / 7)
    assert sweep.widest.clipping == 0
    assert sweep.widest.clipped_share == 0
    assert all(sweep.best.total <= point.total for point in sweep.points)
    assert [point.scale for point in sweep.points] == sorted(point.scale for point in sweep.points)


def test_both_errors_add_up_to_the_mean_squared_error_of_a_hand_made_quantizer():
    x = torch.linspace(-3, 5, 400, dtype=torch.float64)
    for point in error_sweep(x, bits=3, count=7).points:
        x_hat = (x / point.scale).round().clamp(-4, 3) * point.scale
        assert point.total == pytest.approx(float(((x - x_hat) ** 2).mean()), rel=1e-5)
        outside = (x > 3 * point.scale) | (x < -4 * point.scale)
        assert point.clipped_share == pytest.approx(float(outside.double().mean()), abs=1 / 400)


def test_the_title_says_the_numbers_of_the_data():
    sweep = error_sweep(torch.cat([torch.linspace(-1, 1, 99), torch.tensor([9.0])]), bits=4)
    title = error_sweep_figure(sweep).get_suptitle().replace("\n", " ")
    assert title == sweep.finding
    assert f"{100 * sweep.best.clipped_share:.2f} %" in title
