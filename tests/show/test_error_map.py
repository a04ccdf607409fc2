"""Where the error of a matrix is, under several granularities."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from labs_lib.show.error_map import PLACE, error_map, error_maps, error_maps_figure, storage


def matrix() -> torch.Tensor:
    return torch.randn(64, 96, generator=torch.Generator().manual_seed(8))


def test_one_scale_a_row_is_a_group_as_long_as_the_row():
    x = matrix()
    one = error_map(x, 96, 4)
    scale = x.abs().amax(1, keepdim=True) / 7
    by_hand = (x - (x / scale).round() * scale).abs()
    np.testing.assert_allclose(one.error, by_hand[:32].numpy(), atol=1e-6)
    noise = by_hand.double().square().sum()
    assert one.db == pytest.approx(float(10 * torch.log10(x.double().square().sum() / noise)), abs=1e-3)
    assert one.bits_per_weight == pytest.approx(4 + 16 / 96)
    assert one.name == "one a row" and one.lost == 0


def test_storage_counts_short_groups_as_they_are():
    x = torch.ones(3, 10)
    assert storage(x, 4, 8) == pytest.approx(8 + 16 * 9 / 30)
    assert storage(x, None, 8, scale_bits=32) == pytest.approx(8 + 32 / 30)


@pytest.mark.parametrize(("size", "beside"), [(None, 64 * 96 - 1), (96, 95), (32, 31)])
def test_an_outlier_destroys_those_that_share_its_scale(size, beside):
    one = error_map(matrix(), size, 8, outlier=1e4)
    assert 0.9 * beside < one.lost <= beside  # the rest was 0.0 before
    assert one.error[PLACE] == pytest.approx(0, abs=1e-2)


def test_the_outlier_does_not_count():
    whole, row = (error_map(matrix(), size, 8, outlier=1e4).db for size in (None, 96))
    assert whole == pytest.approx(0, abs=1e-6)
    assert row < 20  # one row of 64 is gone


def test_the_title_says_the_numbers_of_the_data():
    data = error_maps(matrix(), (None, 96, 32), 8, outlier=40.0)
    figure = error_maps_figure(data)
    assert figure.get_suptitle().replace("\n", " ") == data.finding
    assert all(f"{one.lost:,} with {one.name}" in data.finding for one in data.maps)
    assert "dB with groups of 32" in error_maps(matrix(), (32,), 4).finding
    limits = {image.get_clim() for axes in figure.axes for image in axes.images}
    assert limits == {(0.0, data.limit)}  # equal colours are equal errors


def test_nothing_that_is_handed_in_changes():
    x = matrix()
    error_maps(x, (None, 32), 8, outlier=40.0)
    assert torch.equal(x, matrix())
