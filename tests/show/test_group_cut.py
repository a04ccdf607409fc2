"""Cutting a matrix into groups, with and without zeros at the end of a row."""

from __future__ import annotations

import numpy as np
import pytest

from labs_lib.granularity import count_scales
from labs_lib.show.group_cut import group_cut, group_cut_figure


@pytest.mark.parametrize(("rows", "columns", "size"), [(3, 10, 4), (2, 6, 3), (4, 5, 7), (1, 9, 1)])
def test_there_are_as_many_groups_as_scales(rows, columns, size):
    cut = group_cut(rows, columns, size)
    assert len(cut.pieces) == count_scales((rows, columns), "group", group_size=size)
    assert cut.crossing == []
    assert sorted(cut.pieces[cut.pieces >= 0]) == list(range(rows * columns))
    assert cut.short == (rows if columns % size else 0)


def test_a_value_is_in_the_group_of_its_piece():
    cut = group_cut(3, 10, 4)
    assert cut.groups.tolist() == [[*[r * 3] * 4, *[r * 3 + 1] * 4, *[r * 3 + 2] * 2] for r in range(3)]
    assert cut.pieces[2].tolist() == [8, 9, -1, -1]
    assert cut.finding == "3 rows of 10 in groups of 4: 9 scales, 3 of them for a short group"
    assert group_cut(2, 6, 3).finding == "2 rows of 6 in groups of 3: 4 scales, no group is short"


def test_without_padding_groups_cross_rows():
    cut = group_cut(3, 10, 6, pad=False)
    assert cut.crossing == [1, 3]
    assert cut.finding == "3 rows of 10 in groups of 6: 5 scales, and 2 of the groups cross a row"
    with pytest.raises(ValueError, match="reshape"):
        group_cut(3, 10, 4, pad=False)


def test_every_cell_carries_its_group():
    cut = group_cut(3, 10, 4)
    figure = group_cut_figure(cut)
    assert figure.get_suptitle().replace("\n", " ") == cut.finding
    left, right = figure.axes
    assert [text.get_text() for text in left.texts] == [str(n) for n in cut.groups.ravel()]
    numbers = [text.get_text() for text in right.texts if "scale" not in text.get_text()]
    assert numbers == [str(n) if place >= 0 else "0" for n, row in enumerate(cut.pieces) for place in row]
    np.testing.assert_array_equal(left.get_ylim(), right.get_ylim())
