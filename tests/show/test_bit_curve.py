"""SQNR against bits: slopes, offsets that theory gives, and what one outlier costs."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from labs_lib.show.bit_curve import (
    bit_curve,
    bit_curves,
    bit_curves_figure,
    outlier_cost,
    outlier_cost_figure,
)


def sine() -> torch.Tensor:
    return torch.sin(0.7757 * torch.arange(20_000))


def test_each_point_is_the_sqnr_of_a_hand_made_quantizer():
    x = torch.linspace(-2, 2, 999)
    curve = bit_curve("ramp", x, bits=(4, 8))
    for bits, db in zip(curve.bits, curve.db, strict=True):
        scale = 2 / (2 ** (int(bits) - 1) - 1)
        noise = (x - (x / scale).round() * scale).double().square().sum()
        assert db == pytest.approx(float(10 * torch.log10(x.double().square().sum() / noise)), abs=0.01)


@pytest.mark.parametrize(
    ("x", "offset"),
    [(sine(), 10 * math.log10(1.5)), (torch.linspace(-1, 1, 20_001), 0.0)],
    ids=["full-scale sine: 1.76", "uniform: 0"],
)
def test_six_decibels_a_bit_from_the_offset_of_theory(x, offset):
    curve = bit_curve("x", x)
    assert curve.slope == pytest.approx(6.04, abs=0.03)
    assert curve.expected_offset == pytest.approx(offset, abs=0.01)
    assert curve.offset == pytest.approx(offset, abs=0.1)


def test_a_doubled_peak_lowers_the_offset_by_a_bit():
    x = torch.linspace(-1, 1, 20_000)
    longer = torch.cat([x, torch.tensor([2.0])])
    assert bit_curve("", x).offset - bit_curve("", longer).offset == pytest.approx(6.02, abs=0.05)


def test_an_outlier_costs_the_others_a_bit_for_each_doubling_of_the_step():
    cost = outlier_cost(torch.linspace(-1, 1, 20_001), 32.0)
    assert cost.expected_in_bits == pytest.approx(5)
    assert cost.in_bits == pytest.approx(5, abs=0.02)
    assert list(cost.without.bits) == list(cost.beside.bits) == list(range(2, 17))


def test_the_outlier_does_not_count_as_signal():
    x = torch.linspace(-1, 1, 2001)
    beside = outlier_cost(x, 1e4, bits=(2, 4)).beside
    np.testing.assert_allclose(beside.db, 0.0, atol=1e-6)  # all others become zero: the error is the signal


def test_nothing_that_is_handed_in_changes():
    x = torch.ones(2, 3)
    outlier_cost(x, 40.0, bits=(4, 8))
    assert torch.equal(x, torch.ones(2, 3))


def test_the_titles_say_the_numbers_of_the_data():
    data = bit_curves({"sine": sine(), "ramp": torch.linspace(-1, 1, 999)})
    figure = bit_curves_figure(data)
    assert figure.get_suptitle().replace("\n", " ") == data.finding
    for curve in data.curves:
        assert f"{curve.slope:.2f}" in data.finding
    assert f"{data.curves[0].offset - data.curves[1].offset:.1f} dB apart" in data.finding
    cost = outlier_cost(torch.linspace(-1, 1, 999), 40.0)
    figure = outlier_cost_figure(cost)
    assert figure.get_suptitle().replace("\n", " ") == cost.finding
    assert cost.finding == f"One outlier of 40 costs all other values {cost.in_bits:.2f} bits"
    assert f"{cost.in_bits:.2f} bits" in [text.get_text() for text in figure.axes[0].texts]
