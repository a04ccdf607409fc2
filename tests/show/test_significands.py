"""Where bfloat16 arithmetic turns the largest weight of a row negative."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from ipywidgets import widget as registry

from labs_lib.show.significands import significands, significands_figure, significands_widget


def to_bfloat16(value: Fraction) -> Fraction:
    """The nearest number with 8 significant bits, ties to even, in exact arithmetic."""
    exponent = 0
    while value >= 2 ** (exponent + 1):
        exponent += 1
    while value < Fraction(2) ** exponent:
        exponent -= 1
    unit = Fraction(2) ** (exponent - 7)
    return round(value / unit) * unit


def test_21_significands_flip_as_in_exact_arithmetic() -> None:
    data = significands()
    expected = []
    for index in range(128):
        largest = 1 + Fraction(index, 128)
        quotient = to_bfloat16(largest / to_bfloat16(largest / 127))
        assert data.quotient[index] == quotient
        expected.append(round(quotient) == 128)
    assert data.flips.tolist() == expected
    assert (np.flatnonzero(data.flips) + 128).tolist() == list(range(170, 191))
    assert data.finding.startswith("21 of 128 significands of bfloat16 turn")
    assert data.finding.endswith("negative: 1.328 to 1.484")


@pytest.mark.parametrize("exponent", [-20, -1, 3, 20])
def test_the_power_of_two_does_not_matter(exponent: int) -> None:
    data = significands(exponent=exponent)
    assert data.flips.tolist() == significands().flips.tolist()
    assert data.largest[0] == 2.0**exponent


def test_no_other_dtype_flips() -> None:
    assert not significands(torch.float32).flips.any()
    half = significands(torch.float16)
    assert len(half.largest) == 1024 and not half.flips.any()
    assert (
        half.finding == "In float16 arithmetic no largest weight reaches 128 steps: 0 of 1,024 significands of float16"
    )


def test_the_story_of_one_row() -> None:
    assert significands().story(51) == (
        "1.3984 / 0.01099 = 127.29, in bfloat16 127.5: code -128 = 128 wrapped around, comes back as -1.406"
    )
    assert significands(torch.float32).story(51).endswith("in float32 127: code 127, comes back as 1.398")


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_the_figure_draws_every_row_once(dtype: torch.dtype) -> None:
    data = significands(dtype)
    figure = significands_figure(data, 51)
    figure.canvas.draw()
    assert figure.get_suptitle().replace("\n", " ") == data.finding
    (axes,) = figure.axes
    points = [line for line in axes.lines if "rounded" in str(line.get_label())]
    assert sum(len(line.get_xdata()) for line in points) == len(data.largest)
    if dtype == torch.bfloat16:
        assert len(points[1].get_xdata()) == 21


def test_the_widget_tells_the_marked_row(displayed: list) -> None:
    significands_widget()
    data = displayed[0][0]
    assert "Marked: 1.3984 / 0.01099 = 127.29, in bfloat16 127.5: code -128" in data["text/plain"]
    box = registry._instances[data["application/vnd.jupyter.widget-view+json"]["model_id"]]
    index, exponent, wide, view = box.children
    index.value = 0
    assert "code 127, comes back as" in view.value
    exponent.value = -3
    assert "0.125 /" in view.value
    wide.value = True
    assert "In float32 arithmetic" in view.value
