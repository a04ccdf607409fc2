"""The four terms: they add up, and zero points of 0 make them vanish."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from labs_lib.show.four_terms import FourTerms, four_terms, four_terms_figure, four_terms_finding


def case(z_x: int, z_w: int) -> FourTerms:
    random = torch.Generator().manual_seed(1)
    q_x = torch.randint(0, 256, (3, 6), generator=random, dtype=torch.uint8)
    q_weight = torch.randint(-128, 128, (4, 6), generator=random, dtype=torch.int8)
    return four_terms("case", q_x, z_x, q_weight, z_w)


@pytest.mark.parametrize(("z_x", "z_w"), [(0, 0), (7, 0), (0, -3), (200, 100)])
def test_the_terms_add_up_to_the_shifted_product(z_x: int, z_w: int) -> None:
    data = case(z_x, z_w)
    first, second, third, fourth = data.terms
    np.testing.assert_array_equal(first - second - third + fourth, data.total)
    assert data.left == 1 + (z_x != 0) + (z_w != 0) + (z_x != 0 and z_w != 0)
    assert data.anew == 1 + (z_w != 0)


def test_a_correction_is_the_same_for_all_tokens_or_for_all_outputs() -> None:
    _, rows, columns, corner = case(7, 5).terms
    assert (rows == rows[0]).all() and len(set(rows[0].tolist())) > 1
    assert (columns == columns[:, :1]).all() and len(set(columns[:, 0].tolist())) > 1
    assert len(set(corner.flatten().tolist())) == 1


def test_the_title_counts_and_a_vanished_term_is_hatched() -> None:
    cases = [case(7, 5), case(7, 0)]
    figure = four_terms_figure(cases)
    figure.canvas.draw()
    finding = "Case: 4 terms, 2 of them anew for each token; case: 2 terms, 1 of them anew for each token"
    assert figure.get_suptitle().replace("\n", " ") == four_terms_finding(cases) == finding
    hatched = [bool([patch for patch in axes.patches if patch.get_hatch()]) for axes in figure.axes]
    assert hatched == [False] * 5 + [False, False, True, True, False]
    written = [int(text.get_text()) for text in figure.axes[4].texts]
    assert written == cases[0].total.flatten().tolist()
