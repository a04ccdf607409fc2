"""Which bits of stored codes never say anything, against a count by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from labs_lib.show.style import CODE, WASTED
from labs_lib.show.wasted_bits import wasted_bits, wasted_bits_figure


def every_code(bits: int, dtype: torch.dtype) -> torch.Tensor:
    low = -(2 ** (bits - 1)) if dtype == torch.int8 else 0
    return torch.arange(low, low + 2**bits).to(dtype)


@pytest.mark.parametrize("bits", range(2, 9))
@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8])
def test_all_codes_of_a_width_leave_the_other_bits_idle(bits: int, dtype: torch.dtype) -> None:
    (way,) = wasted_bits({"codes": every_code(bits, dtype)}).ways
    assert way.idle.tolist() == [True] * (8 - bits) + [False] * bits
    assert way.always_zero == (dtype == torch.uint8 or bits == 8)


def test_ones_are_counted_over_all_codes_and_the_first_are_shown() -> None:
    codes = torch.tensor([[1, 0, 3], [2, 3, 3]], dtype=torch.uint8)
    (way,) = wasted_bits({"codes": codes}, shown=2).ways
    np.testing.assert_allclose(way.ones, [0] * 6 + [100 * 4 / 6, 100 * 4 / 6])
    assert (way.first, way.count) == ((1, 0), 6)
    assert way.patterns.tolist() == [[0] * 7 + [1], [0] * 8]


def test_any_layout_is_read_and_nothing_changes() -> None:
    codes = torch.tensor([[1, 0], [3, 2]], dtype=torch.uint8)
    assert wasted_bits({"codes": codes.T}).ways[0].first == (1, 3, 0, 2)
    assert codes.tolist() == [[1, 0], [3, 2]]


def test_the_title_counts_the_hatched_columns() -> None:
    codes = every_code(2, torch.int8)
    data = wasted_bits({"int8": codes, "uint8": (codes + 2).to(torch.uint8)})
    assert data.finding == "Of the 8 bits of a byte 6 repeat the sign in int8 and 6 are always 0 in uint8 (4 codes)"
    figure = wasted_bits_figure(data)
    figure.canvas.draw()
    assert figure.get_suptitle().replace("\n", " ") == data.finding
    for axes, first in zip(figure.axes, ("00000001", "00000011"), strict=True):
        hatched = [bar for bar in axes.patches if bar.get_hatch() == WASTED.hatch]
        assert len(hatched) == 4 * 6
        assert len(axes.patches) == 4 * 8
        digits = [
            text.get_text() for text in axes.texts if text.get_text() in "01" and text.get_family() == ["monospace"]
        ]
        assert first in "".join(digits)
    assert CODE.hatch not in {bar.get_hatch() for bar in hatched}


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({}, "at least one tensor"),
        ({"wide": torch.zeros(3, dtype=torch.int16)}, "wide must hold codes of one byte each, got torch.int16"),
        ({"none": torch.zeros(0, dtype=torch.int8)}, "none must hold codes of one byte each"),
    ],
)
def test_what_has_no_bytes_to_look_at_is_refused(tensors: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wasted_bits(tensors)
