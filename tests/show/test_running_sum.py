"""The sum of codes against the largest float16."""

from __future__ import annotations

import pytest
import torch

from labs_lib.show.running_sum import running_sum, running_sum_figure


def test_the_sum_leaves_float16_where_torch_says_infinity() -> None:
    x, codes = torch.full((700,), 2.0), torch.full((700,), 127)
    data = running_sum(x, codes, 1e-3)
    after = data.leaves_after
    assert after == 258  # 257 * 254 = 65278 is the last one below 65504
    sums = torch.from_numpy(data.codes)
    assert sums[after - 1].half().isfinite() and sums[after].half().isinf()
    assert data.real[-1] == pytest.approx(177.8)
    assert data.finding == "After 258 of 700 products the sum leaves float16, though the answer is 178"


def test_a_sum_that_stays() -> None:
    data = running_sum(torch.tensor([1.0, -1.0]), torch.tensor([100, 40]), 0.5)
    assert data.leaves_after is None
    assert data.codes.tolist() == [0, 100, 60]
    assert data.finding == "The sum of codes ends at 60, inside float16; the answer is 30"


def test_negative_sums_leave_too() -> None:
    assert running_sum(torch.full((10,), 1000.0), torch.full((10,), -127), 1e-3).leaves_after == 1


def test_both_lines_are_drawn() -> None:
    data = running_sum(torch.full((700,), 2.0), torch.full((700,), 127), 1e-3)
    figure = running_sum_figure(data)
    figure.canvas.draw()
    (axes,) = figure.axes
    lines = {line.get_label(): line.get_ydata() for line in axes.lines}
    assert lines["sum of x times code"][-1] == 177_800
    assert lines["the same sum, times the scale"][-1] == pytest.approx(177.8)
    assert figure.get_suptitle() == data.finding
