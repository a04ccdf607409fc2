"""Quality against bits per weight."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from labs_lib.show.rate import RateCurve, Rates, quality_figure, rate_curves, rate_figure, rate_finding


def matrix() -> torch.Tensor:
    return torch.randn(64, 256, generator=torch.Generator().manual_seed(8))


def test_each_point_has_its_cost_and_its_quality():
    curve = rate_curves(matrix(), widths=(4,)).curve(4)
    assert curve.names == ("row", "128", "64", "32", "16")
    assert curve.bits_per_weight == pytest.approx([4 + 16 / size for size in (256, 128, 64, 32, 16)])
    assert list(curve.quality) == sorted(curve.quality)
    groups = matrix().reshape(-1, 32)
    scale = groups.abs().amax(1, keepdim=True) / 7
    noise = (groups - (groups / scale).round() * scale).double().square().sum()
    assert curve.quality[3] == pytest.approx(float(10 * torch.log10(groups.double().square().sum() / noise)), abs=1e-3)


def test_the_width_of_a_scale_is_part_of_the_cost():
    curve = rate_curves(matrix(), widths=(4,), scale_bits=32).curve(4)
    assert curve.bits_per_weight[-1] == pytest.approx(6.0)


def test_the_best_point_is_the_one_furthest_above_the_line():
    curve = RateCurve(4, ("row", "64", "16"), (4.0, 4.25, 5.0), (17.0, 19.0, 21.0))
    assert curve.names[curve.best] == "64"
    lines = np.array(curve.quality) - 6.0206 * np.array(curve.bits_per_weight)
    assert lines.argmax() == curve.best


def test_the_titles_say_the_numbers_of_the_data():
    data = rate_curves(matrix(), widths=(3, 4, 5))
    figure = rate_figure(data)
    assert figure.get_suptitle().replace("\n", " ") == rate_finding(data)
    best = [curve.names[curve.best] for curve in data.curves]
    usual = max(best, key=best.count)
    assert f"down to {usual} at {best.count(usual)} of 3 bit widths" in rate_finding(data)
    written = {text.get_text() for text in figure.axes[0].texts}
    assert {"3 bits", "5 bits", "row", "16"} <= written


def test_any_quality_can_be_drawn_with_its_floor():
    data = Rates((RateCurve(4, ("row", "32"), (4.0, 4.5), (0.9, 0.95)),), floor=0.1)
    figure = quality_figure(data, "Four bits keep 0.95", "cosine", "unrelated")
    assert figure.get_suptitle() == "Four bits keep 0.95"
    assert figure.axes[0].get_ylabel() == "cosine"
    assert any(line.get_label() == "unrelated" for line in figure.axes[0].lines)
    quality_figure(Rates(data.curves), "x", "y").canvas.draw()
