"""Both rulers over T at 4 bits, worked by hand: steps 728.6 / 7 and 912.6 / 15."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from labs_lib.show.two_rulers import two_rulers, two_rulers_figure


def test_the_marks_of_both_rulers_are_where_the_steps_put_them(T):
    data = two_rulers(T, bits=4)
    assert data.symmetric.use.zero_point == 0
    np.testing.assert_allclose(data.symmetric.grid, np.arange(-8, 8) * 728.6 / 7, rtol=1e-5)
    assert data.asymmetric.use.zero_point == -5  # -8 + 184 / 60.84 is -4.98
    np.testing.assert_allclose(data.asymmetric.grid, (np.arange(-8, 8) + 5) * 912.6 / 15, rtol=1e-5)


def test_every_value_comes_back_as_its_nearest_mark(T):
    data = two_rulers(T, bits=4)
    for ruler in (data.symmetric, data.asymmetric):
        nearest = ruler.grid[np.abs(data.x[:, None] - ruler.grid).argmin(1)]
        np.testing.assert_allclose(ruler.x_hat, nearest)


def test_codes_that_no_value_needs(T):
    data = two_rulers(T, bits=4)
    assert data.symmetric.reached == (6, 15)  # from code -2, because 184 is 1.77 steps
    assert data.symmetric.use.out_of_reach == 6
    assert data.asymmetric.use.out_of_reach == 0


def test_the_title_and_the_labels_say_the_numbers_of_the_data(T):
    data = two_rulers(T, bits=4)
    figure = two_rulers_figure(data)
    assert figure.get_suptitle().replace("\n", " ") == data.finding
    for number in ("6 of 16 codes", "asymmetric for none", "104.1", "60.8"):
        assert number in data.finding
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert "6 codes that no value needs" in texts
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "symmetric: zero point 0, step 104.1",
        "asymmetric: zero point -5, step 60.8",
    ]


def test_all_codes_in_use_leave_nothing_hatched():
    figure = two_rulers_figure(two_rulers(torch.linspace(0, 1, 200), bits=2))
    assert not [text for text in figure.axes[1].texts if "no value" in text.get_text()]


def test_too_many_marks_are_refused(T):
    with pytest.raises(ValueError, match="at most 5"):
        two_rulers(T, bits=8)
