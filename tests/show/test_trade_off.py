import pytest
import torch
from torch import Tensor

from labs_lib import affine, granularity
from labs_lib.show.trade_off import trade_off, trade_off_figure


@pytest.fixture
def x() -> Tensor:
    g = torch.Generator().manual_seed(0)
    return torch.randn(16, 64, generator=g) * 2.0 ** torch.randint(-4, 3, (16, 1), generator=g)


def test_points_are_those_of_the_exercises(x: Tensor) -> None:
    data = trade_off(x, 4, (32, 8), scale_bits=32)
    assert [point.name for point in data.points] == ["one scale a matrix", "one a row", "groups of 32", "groups of 8"]
    whole = affine.dequantize(*affine.quantize_symmetric(x, bits=4))
    assert data.points[0].db == pytest.approx(affine.sqnr_db(x, whole))
    by_row = affine.dequantize(*granularity.quantize_per_channel(x, bits=4))
    assert data.points[1].db == pytest.approx(affine.sqnr_db(x, by_row))
    grouped = granularity.dequantize_per_group(*granularity.quantize_per_group(x, 8, bits=4), 8)
    assert data.points[3].mse == pytest.approx(float((x - grouped).double().square().mean()))
    assert [point.overhead for point in data.points] == pytest.approx([32 / 1024, 32 / 64, 1.0, 4.0])


def test_smaller_groups_have_less_error_and_cost_more(x: Tensor) -> None:
    data = trade_off(x, 4, (32, 16, 8))
    assert all(data.gain(index) > 0 and data.price(index) > 0 for index in range(1, 5))
    assert data.finding.startswith("One scale a row instead of one a matrix divides the error by ")
    assert data.finding.endswith("for 1.00")
    assert "groups of 8 instead of 16" in data.finding


def test_the_figure_shows_both(x: Tensor) -> None:
    data = trade_off(x, 4, (32, 16))
    figure = trade_off_figure(data)
    figure.canvas.draw()
    error, bits = figure.axes
    assert error.lines[0].get_ydata().tolist() == [point.mse for point in data.points]
    assert [patch.get_height() for patch in bits.patches] == [point.overhead for point in data.points]
    assert [text.get_text() for text in bits.texts] == ["0.016", "0.250", "0.500", "1.000"]


def test_sizes_that_do_not_divide_are_refused(x: Tensor) -> None:
    with pytest.raises(ValueError, match="sizes must divide 64"):
        trade_off(x, 4, (48,))
