"""Codes in a few bytes: how many, where, which of them cross a border."""

from __future__ import annotations

from fractions import Fraction

import pytest

from labs_lib.show.code_layouts import (
    TERNARY,
    code_layout,
    code_layouts,
    code_layouts_figure,
    code_layouts_widget,
)
from labs_lib.show.style import ERROR, WASTED


@pytest.mark.parametrize("bits", range(1, 9))
def test_codes_over_borders_fill_as_many_bytes_as_they_have_bits(bits: int) -> None:
    layout = code_layout(bits, bits, straddle=True)
    assert len(layout.starts) == 8
    assert layout.spare == 0
    crossing = [i * bits // 8 != (i * bits + bits - 1) // 8 for i in range(8)]
    assert list(layout.split) == crossing


@pytest.mark.parametrize("bits", range(1, 9))
def test_codes_inside_of_bytes_leave_the_rest(bits: int) -> None:
    layout = code_layout(bits, 3)
    assert len(layout.starts) == 3 * (8 // bits)
    assert layout.spare == 3 * (8 % bits)
    assert not any(layout.split)


def test_five_ternary_codes_share_a_byte() -> None:
    layout = code_layout(TERNARY, 3)
    assert (len(layout.starts), layout.spare, any(layout.split)) == (15, 0, False)
    assert layout.starts[5] == 8
    assert layout.name == "1.6 bits"


def test_the_blocks_are_as_wide_as_the_codes_and_split_ones_are_marked() -> None:
    data = code_layouts([code_layout(3, 3), code_layout(3, 3, straddle=True)])
    assert data.finding == "Codes of 3 bits leave 25.0 % of the bits unused, or 2 of 8 lie in two bytes"
    figure = code_layouts_figure(data)
    figure.canvas.draw()
    assert figure.get_suptitle() == data.finding
    bars = figure.axes[0].patches
    unused = [bar for bar in bars if bar.get_hatch() == WASTED.hatch]
    blocks = [bar for bar in bars if bar.get_hatch() != WASTED.hatch]
    assert [bar.get_width() for bar in unused] == [24, 24]
    assert [bar.get_width() for bar in blocks] == [3] * 14
    assert len([bar for bar in blocks if bar.get_facecolor()[:3] == pytest.approx(_rgb(ERROR.color))]) == 2
    texts = {text.get_text() for text in figure.axes[0].texts}
    assert {"6 codes, 6 bits unused", "8 codes, 2 split", "byte 0", "byte 2"} <= texts


def test_the_number_of_a_split_code_stands_in_its_wider_part() -> None:
    data = code_layouts([code_layout(3, 3, straddle=True)])
    places = {text.get_text(): text.get_position()[0] for text in code_layouts_figure(data).axes[0].texts}
    assert places["2"] == 24 - 7  # bits 6 and 7 of byte 0, bit 8 of byte 1
    assert places["5"] == 24 - 17  # bit 15 of byte 1, bits 16 and 17 of byte 2
    assert places["0"] == 24 - 1.5


def test_widths_that_divide_a_byte_cost_nothing() -> None:
    data = code_layouts([code_layout(4, 2), code_layout(4, 2, straddle=True)])
    assert data.finding == "Codes of 4 bits fill their bytes: no bit is unused, no code lies in two bytes"
    assert "1 bit fill" in code_layouts([code_layout(1, 1)]).finding


@pytest.mark.parametrize(("bits", "size"), [(0, 1), (9, 1), (Fraction(1, 2), 1), (3, 0)])
def test_other_widths_and_sizes_are_refused(bits: int | Fraction, size: int) -> None:
    with pytest.raises(ValueError, match=r"bits must be from 1 to 8|size must be at least 1"):
        code_layout(bits, size)


def test_layouts_of_different_sizes_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="layouts must have one size"):
        code_layouts([code_layout(2, 1), code_layout(2, 2)])


def test_the_widget_starts_with_its_still_picture(displayed: list) -> None:
    code_layouts_widget(bits=7)
    finding = "Codes of 7 bits leave 12.5 % of the bits unused, or 6 of 8 lie in two bytes"
    assert displayed[0][0]["text/plain"] == f"Figure: {finding}. In 7 bytes: 7 and 8 codes."


def _rgb(color: str) -> list[float]:
    return [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
