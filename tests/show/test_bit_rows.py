"""Rows of bits: every cell is a bit of its number, in its place, and pale where it is not kept."""

from __future__ import annotations

import pytest
from matplotlib.colors import to_hex

from labs_lib.show.bit_rows import FREE, PALE, STRAY, BitRow, bit_rows_figure, owners_of
from labs_lib.show.style import CODE, ERROR, VALUE, WASTED


def test_owners_start_at_the_lowest_bit_and_the_rest_is_free() -> None:
    assert owners_of([0, 1], bits=2, width=6) == (0, 0, 1, 1, FREE, FREE)
    assert owners_of([FREE, 3, STRAY], bits=2) == (FREE, FREE, 3, 3, STRAY, STRAY, FREE, FREE)


@pytest.mark.parametrize(("value", "width"), [(177, 8), (3, 2), (255, 8), (33751041, 32), (0, 4)])
def test_the_pattern_reads_back_as_the_number(value: int, width: int) -> None:
    row = BitRow("", value, (FREE,) * width)
    assert len(row.pattern) == width
    assert int(row.pattern, 2) == value


def test_cells_lie_where_their_bit_is_the_lowest_on_the_right() -> None:
    row = BitRow("a label", 177, owners_of(range(4), 2))
    short = BitRow("short", 3, owners_of([0], 2, 2))
    axes = bit_rows_figure([row, short], 2, "a finding").axes[0]
    digits = {(round(t.get_position()[0] - 0.5), t.get_position()[1]): t.get_text() for t in axes.texts}
    assert "".join(digits[left, 0] for left in range(8)) == "10110001"
    assert "".join(digits[left, 1] for left in (6, 7)) == "11"
    assert sum(bar.get_width() == 1 for bar in axes.patches) == 10


def test_labels_values_and_names_of_codes_are_written() -> None:
    figure = bit_rows_figure([BitRow("the byte", 177, owners_of([0, 1, STRAY], 2))], 2, "a finding")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert {"the byte", "= 177", "code 0", "code 1", "sign"} <= set(texts)
    assert figure.get_suptitle() == "a finding"


@pytest.mark.parametrize(
    ("now", "colors"),
    [(None, [WASTED, ERROR, CODE, VALUE]), (0, [WASTED, ERROR, VALUE, CODE]), (1, [WASTED, ERROR, CODE, VALUE])],
)
def test_the_colour_tells_who_owns_a_bit_and_which_code_moves(now: int | None, colors: list) -> None:
    row = BitRow("", 0, (0, 1, STRAY, FREE), now)
    cells = sorted(bit_rows_figure([row], 1, "").axes[0].patches, key=lambda cell: cell.get_x())
    assert [to_hex(cell.get_facecolor()) for cell in cells] == [role.color for role in colors]


def test_bits_outside_of_the_frame_are_pale() -> None:
    row = BitRow("", 0, (0, 1, 2, FREE), frame=(0, 2))
    assert [row.keeps(bit) for bit in range(4)] == [True, True, False, False]
    *cells, frame = bit_rows_figure([row], 1, "").axes[0].patches
    assert (frame.get_x(), frame.get_width(), frame.get_fill()) == (2, 2, False)
    cells.sort(key=lambda cell: cell.get_x())
    assert [to_hex(cell.get_facecolor()) for cell in cells[:2]] == list(PALE)
