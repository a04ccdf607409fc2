import numpy as np
import pytest
import torch
from ipywidgets import widget as registry
from torch import Tensor

from labs_lib import affine, granularity
from labs_lib.show.channel_errors import channel_errors, channel_errors_figure, channel_errors_widget, finding

WAYS = ("tensor", "row", "column")


def test_the_errors_of_t(T: Tensor) -> None:
    mse = {way: float((channel_errors(T, way).error ** 2).mean()) for way in WAYS}
    assert mse == pytest.approx({"tensor": 2.5092, "row": 1.8084, "column": 1.0781}, abs=5e-5)
    one = channel_errors(T, "row")
    assert one.row_largest.tolist() == pytest.approx([728.6, 295.5, 684.6])
    assert one.column_largest.tolist() == pytest.approx([191.6, 684.6, 728.6])


@pytest.mark.parametrize("bits", [8, 4])
def test_no_error_is_beyond_the_coarsest_half_step(T: Tensor, bits: int) -> None:
    for way in WAYS:
        one = channel_errors(T, way, bits)
        assert one.error.max() <= 1.0001 * one.coarsest_half_step


def test_the_wrong_axis_goes_beyond(T: Tensor) -> None:
    one = channel_errors(T, "wrong")
    assert one.error.max() > 10 * one.coarsest_half_step
    scale = granularity.choose_scale_per_channel(T).flatten()
    x_hat = affine.dequantize(affine.quantize(T, scale), scale)
    assert np.allclose(one.error, (T - x_hat).abs().numpy(), rtol=1e-5)


def test_the_wrong_axis_needs_a_square() -> None:
    with pytest.raises(ValueError, match="scale must broadcast"):
        channel_errors(torch.randn(2, 3), "wrong")
    with pytest.raises(ValueError, match="way must be one of"):
        channel_errors(torch.randn(2, 2), "diagonal")


def test_the_figure_has_one_scale_of_colours(T: Tensor) -> None:
    several = [channel_errors(T, way) for way in WAYS]
    assert finding(several) == "SQNR at 8 bits: one scale for all 47.3 dB, one a row 48.8 dB, one a column 51.0 dB"
    figure = channel_errors_figure(several)
    figure.canvas.draw()
    bars, *maps = figure.axes[:4]
    assert [patch.get_width() for patch in bars.patches] == pytest.approx([728.6, 295.5, 684.6])
    assert {axes.images[0].get_clim() for axes in maps} == {(0.0, several[0].coarsest_half_step)}


def test_the_widget(T: Tensor, displayed: list) -> None:
    channel_errors_widget(T)
    data = displayed[0][0]
    assert "one scale for all 47.3 dB. 0.0 %" in data["text/plain"]
    box = registry._instances[data["application/vnd.jupyter.widget-view+json"]["model_id"]]
    name, bits, view = box.children
    name.value = "one a column (dim=1)"
    assert "SQNR at 8 bits: one a column 51.0 dB" in view.value
    bits.value = 4
    assert "SQNR at 4 bits: one a column" in view.value
    name.value = "row scales on columns"
    assert "off by more than half a step" in view.value and " 0.0 % are" not in view.value
