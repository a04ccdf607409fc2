from itertools import pairwise

import pytest
import torch
from torch import Tensor

from labs_lib import affine
from labs_lib.show.number_line import number_line, number_line_figure, number_line_widget


def test_the_video_s_example(T: Tensor) -> None:
    line = number_line(T, 3.5, -70)
    assert line.q.tolist() == [-15, -74, 127, -44, 14, -123, -70, 126, 0]
    assert line.x_hat.tolist() == [192.5, -14, 689.5, 91, 294, -185.5, 0, 686, 245]
    assert line.clipped.tolist() == [False, False, True] + [False] * 6
    assert line.zero_hat == 0.0


def test_the_grid_has_every_code(T: Tensor) -> None:
    line = number_line(T, 100.0, -2, bits=3)
    assert (line.q_min, line.q_max) == (-4, 3)
    assert line.grid.tolist() == [-200, -100, 0, 100, 200, 300, 400, 500]


def test_a_zero_point_that_is_no_code_loses_zero() -> None:
    line = number_line(torch.tensor([10.0, 20.0]), 10 / 255, -383)
    assert line.zero_hat == pytest.approx(10.0)
    assert "0.0 comes back as 10.0" in texts(number_line_figure(line))


def test_the_learner_s_own_functions_are_called(T: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    right = affine.dequantize
    monkeypatch.setattr(affine, "dequantize", lambda q, scale, zero_point=0: 2 * right(q, scale, zero_point))
    assert number_line(T, 3.5, -70).x_hat[0] == 385.0


@pytest.mark.parametrize(
    ("scale", "zero_point", "bits", "finding"),
    [
        (
            3.5,
            -70,
            8,
            "1 of 9 values clipped, by up to 39.10; no other moves by more than 1.50 (half a step is 1.75)",
        ),
        (4.0, -70, 8, "No value is clipped; none moves by more than 1.50 (half a step is 2.00)"),
        (1.0, 1, 2, "9 of 9 values clipped"),
    ],
)
def test_the_title_states_what_this_picture_shows(
    T: Tensor, scale: float, zero_point: int, bits: int, finding: str
) -> None:
    x = T + 10 if bits == 2 else T
    assert number_line(x, scale, zero_point, bits).finding.startswith(finding)


def test_the_view_does_not_move_with_the_scale(T: Tensor) -> None:
    views = {number_line_figure(number_line(T, scale)).axes[0].get_xlim() for scale in (0.5, 3.5, 300.0)}
    assert len(views) == 1


def test_clipped_values_have_a_marker_of_their_own(T: Tensor) -> None:
    axes = number_line_figure(number_line(T, 3.5, -70)).axes[0]
    markers = {line.get_label(): (line.get_marker(), len(line.get_xdata())) for line in axes.lines}
    assert markers["kept"] == ("o", 8)
    assert markers["clipped"] == ("X", 1)


@pytest.mark.parametrize("x", [torch.zeros(3), torch.tensor(5.0), torch.full((2, 2), -1e-6)])
def test_degenerate_values_can_be_drawn(x: Tensor) -> None:
    number_line_figure(number_line(x, 0.5)).canvas.draw()


def test_the_widget_s_zero_point_stays_a_code(T: Tensor, displayed: list) -> None:
    number_line_widget(T, 3.5, -70)
    assert displayed[0][0]["text/plain"].startswith("Figure: number line, 8 bits, scale 3.5000, zero point -70. 1 of 9")
    bits, scale, zero_point, _ = box_of(displayed).children
    bits.value = 3
    assert (zero_point.min, zero_point.max, zero_point.value) == (-4, 3, -4)
    scale.value = 200.0
    assert "3 bits, scale 200.0000, zero point -4" in box_of(displayed).children[-1].value
    bits.value = 8
    assert (zero_point.min, zero_point.max, zero_point.value) == (-128, 127, -4)


def texts(figure: object) -> str:
    return "\n".join(text.get_text() for axes in figure.axes for text in axes.texts)


def box_of(displayed: list) -> object:
    from ipywidgets import widget as registry

    return registry._instances[displayed[0][0]["application/vnd.jupyter.widget-view+json"]["model_id"]]


@pytest.mark.parametrize(("scale", "zero_point", "bits"), [(3.5, -70, 8), (12.6, -8, 4), (60.0, -5, 4), (1.0, 0, 2)])
def test_the_numbers_of_the_codes_do_not_touch(T: Tensor, scale: float, zero_point: int, bits: int) -> None:
    figure = number_line_figure(number_line(T, scale, zero_point, bits))
    figure.canvas.draw()
    numbers = [text for text in figure.axes[0].texts if text.get_text().lstrip("-").isdigit()]
    boxes = sorted(number.get_window_extent().extents.tolist() for number in numbers)
    assert boxes
    assert all(left[2] < right[0] for left, right in pairwise(boxes))
