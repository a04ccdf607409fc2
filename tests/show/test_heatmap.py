import pytest
import torch
from torch import Tensor

from labs_lib import affine
from labs_lib.show.heatmap import panels, panels_figure


@pytest.fixture
def video(T: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    q = affine.quantize(T, 3.5, -70)
    return T, q, affine.dequantize(q, 3.5, -70)


def test_the_one_clipped_value_carries_the_error(video: tuple) -> None:
    data = panels(*video, code_limits=(-128, 127))
    assert data.worst == (0, 2)
    assert data.error[0, 2] == pytest.approx(39.1, abs=1e-3)
    assert data.worst_share == pytest.approx(0.994, abs=5e-4)
    assert data.finding == "One value, row 0, column 2, carries 99.4 % of the squared error (MSE 170.88)"


def test_rounding_errors_are_spread(T: Tensor) -> None:
    q, scale, zero_point = affine.quantize_asymmetric(T)
    data = panels(T, q, affine.dequantize(q, scale, zero_point))
    assert data.finding == "No error is larger than 1.6564, at row 0, column 0 (MSE 1.573)"
    assert data.code_limits == (-128, 127)


def test_no_error_at_all() -> None:
    x = torch.zeros(2, 2)
    data = panels(x, x.int(), x)
    assert data.finding == "Every value comes back exactly (MSE 0)"
    assert data.worst_share == 0.0
    panels_figure(data).canvas.draw()


def test_equal_colours_are_equal_values_and_the_error_starts_at_zero(video: tuple) -> None:
    figure = panels_figure(panels(*video, code_limits=(-128, 127)))
    limits = [axes.images[0].get_clim() for axes in figure.axes]
    assert limits[0] == limits[2] == pytest.approx((-185.5, 728.6))
    assert limits[1] == (-128, 127)
    assert limits[3] == pytest.approx((0, 39.1), abs=1e-3)


def test_small_matrices_carry_their_numbers(video: tuple) -> None:
    figure = panels_figure(panels(*video))
    figure.canvas.draw()
    written = [[text.get_text() for text in axes.texts] for axes in figure.axes]
    assert written[0][:3] == ["191.60", "-13.50", "728.60"]
    assert written[1] == ["-15", "-74", "127", "-44", "14", "-123", "-70", "126", "0"]
    assert written[3][2] == "39.10"


def test_large_matrices_have_a_scale_instead() -> None:
    x = torch.linspace(-1, 1, 400).reshape(20, 20)
    q, scale = affine.quantize_symmetric(x)
    figure = panels_figure(panels(x, q, affine.dequantize(q, scale)))
    figure.canvas.draw()
    assert not figure.axes[0].texts
    assert len(figure.axes) == 8


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="matrices of one shape"):
        panels(torch.ones(2, 2), torch.ones(2, 3).int(), torch.ones(2, 2))
    with pytest.raises(ValueError, match="matrices of one shape"):
        panels(torch.ones(2), torch.ones(2).int(), torch.ones(2))
