import pytest
import torch
from torch import Tensor

from labs_lib import affine, granularity
from labs_lib.show.axis_mistake import axis_mistake, axis_mistake_figure


@pytest.fixture
def x() -> Tensor:
    """Rows from small to large."""
    x = torch.randn(12, 12, generator=torch.Generator().manual_seed(0))
    return x * torch.logspace(-1.5, 0.5, 12).unsqueeze(1)


def test_each_row_is_measured_alone(x: Tensor) -> None:
    data = axis_mistake(x)
    q, scale = granularity.quantize_per_channel(x)
    right, wrong = (
        affine.dequantize(codes, one)
        for codes, one in ((q, scale), (affine.quantize(x, scale.flatten()), scale.flatten()))
    )
    for row in range(12):
        assert data.right[row] == pytest.approx(affine.sqnr_db(x[row], right[row]))
        assert data.wrong[row] == pytest.approx(affine.sqnr_db(x[row], wrong[row]))
    assert data.largest.tolist() == pytest.approx(x.abs().amax(1).tolist())


def test_the_large_rows_are_clipped(x: Tensor) -> None:
    data = axis_mistake(x)
    assert data.clipped > 0.2
    assert data.ruined == data.rank_of_the_ruined > 3
    assert data.finding == f"On the wrong axis {data.ruined} of 12 rows keep less than 10 dB: " + (
        "the ones with the largest weights"
    )


def test_equal_rows_hide_the_mistake() -> None:
    x = torch.rand(6, 6, generator=torch.Generator().manual_seed(0))
    x[:, 0] = 1.0
    data = axis_mistake(x)
    assert data.clipped == 0 and data.ruined == 0
    assert data.wrong.tolist() == pytest.approx(data.right.tolist())
    assert data.finding == "On the wrong axis no row of 6 falls below 10 dB"


def test_the_figure_shows_every_row_twice(x: Tensor) -> None:
    data = axis_mistake(x)
    figure = axis_mistake_figure(data)
    figure.canvas.draw()
    right, wrong = figure.axes[0].lines[:2]
    assert right.get_ydata().tolist() == data.right.tolist()
    assert wrong.get_ydata().tolist() == data.wrong.tolist()


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="square matrix"):
        axis_mistake(torch.randn(2, 3))
