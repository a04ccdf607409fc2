"""The gain of asymmetric over symmetric: measured, and expected from the two steps."""

from __future__ import annotations

import math

import pytest
import torch

from labs_lib.show.mode_gain import ModeGain, ModeGains, mode_gain, mode_gains, mode_gains_figure


def decibels(x, codes, scale, zero_point):
    """SQNR of a hand-made quantizer."""
    low, high = codes
    q = (x.double() / scale).round() + zero_point
    x_hat = (q.clamp(low, high) - zero_point) * scale
    return float(10 * torch.log10(x.double().square().sum() / (x - x_hat).square().sum()))


def test_both_ratios_are_those_of_a_hand_made_quantizer(T):
    gain = mode_gain("T", T, bits=4)
    assert gain.symmetric == pytest.approx(decibels(T, (-7, 7), 728.6 / 7, 0), abs=1e-3)
    assert gain.asymmetric == pytest.approx(decibels(T, (-8, 7), 912.6 / 15, -5), abs=1e-3)
    assert gain.gain == gain.asymmetric - gain.symmetric


def test_a_one_signed_tensor_is_expected_to_gain_a_bit_and_a_code():
    gain = mode_gain("ramp", torch.linspace(0, 3, 5000), bits=8)
    assert gain.lopsided == pytest.approx(20 * math.log10(2))
    assert gain.spare_code == pytest.approx(20 * math.log10(255 / 254))
    assert gain.gain == pytest.approx(gain.expected, abs=0.05)


def test_a_balanced_tensor_is_expected_to_gain_only_the_code():
    for bits, factor in ((8, 255 / 254), (4, 15 / 14), (3, 7 / 6), (2, 3 / 2)):
        gain = mode_gain("even", torch.linspace(-3, 3, 5001), bits)
        assert gain.lopsided == pytest.approx(0, abs=1e-6)
        assert gain.expected == pytest.approx(20 * math.log10(factor), abs=1e-6)


def test_all_negative_values_count_from_zero():
    assert mode_gain("cold", torch.linspace(-6, -1, 500), 8).lopsided == pytest.approx(20 * math.log10(2))


def test_every_tensor_at_every_width(T):
    gains = mode_gains({"T": T, "flat": torch.linspace(-1, 1, 99)}, bits=(8, 2)).gains
    assert [(gain.name, gain.bits) for gain in gains] == [("T", 8), ("T", 2), ("flat", 8), ("flat", 2)]


def test_the_title_says_the_numbers_of_the_data():
    gains = (
        ModeGain("a", 8, 40.0, 41.0, 0.9, 0.0),
        ModeGain("b", 8, 30.0, 36.0, 6.3, 0.0),
        ModeGain("a", 2, 5.0, 6.0, 0.9, 3.5),
        ModeGain("b", 2, 1.0, 7.0, 6.3, 3.5),
    )
    data = ModeGains(gains)
    assert "within 0.3 dB" in data.finding
    assert "3.4 to 3.8 dB less" in data.finding
    figure = mode_gains_figure(data)
    assert figure.get_suptitle().replace("\n", " ") == data.finding
    measured = [line.get_ydata() for axes in figure.axes for line in axes.lines if line.get_label() == "measured"]
    assert [list(points) for points in measured] == [[1.0, 1.0], [6.0, 6.0]]
