"""The error in code steps: what the noise model promises, and where it stops."""

from __future__ import annotations

import pytest
import torch

from labs_lib.show.rounding import MODEL_RMS, rounding_error, rounding_error_figure


def normal(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, generator=torch.Generator().manual_seed(seed))


def test_an_8_bit_error_is_the_one_of_the_noise_model() -> None:
    error = rounding_error(normal(200_000), bits=8)
    assert error.rms == pytest.approx(MODEL_RMS, rel=0.01)
    assert error.to_model == pytest.approx(1.0, rel=0.02)
    assert error.share == pytest.approx(1.0, abs=0.1)
    assert error.largest <= 0.5001
    assert error.count == 200_000


def test_shares_are_a_density() -> None:
    error = rounding_error(normal(5_000), bits=4, bins=17)
    assert (error.share * (error.edges[1:] - error.edges[:-1])).sum() == pytest.approx(1.0)
    assert len(error.share) == 17


def test_an_outlier_makes_the_error_small_in_steps_and_as_large_as_the_values() -> None:
    error = rounding_error(torch.cat([normal(50_000), torch.tensor([200.0])]), bits=4)
    assert error.at_zero > 0.99
    assert error.rms < 0.3 * MODEL_RMS
    assert error.to_spread > 0.7
    assert "100 % of the values come back as 0" in error.finding


def test_values_on_the_grid_do_not_move() -> None:
    error = rounding_error(torch.arange(-128.0, 128.0), bits=8)
    assert error.rms == 0.0
    assert error.at_zero == 1 / 256


def test_a_panel_for_each_error() -> None:
    figure = rounding_error_figure([rounding_error(normal(1000), bits) for bits in (8, 4)], "flat and not")
    assert [axes.get_xlabel() for axes in figure.axes] == ["error (code steps)"] * 2
    assert figure.get_suptitle() == "flat and not"
