import pytest
import torch
from ipywidgets import widget as registry

from labs_lib.show.codes import code_use, codes_figure, codes_widget, finding, shifted


def ramp(low: float, high: float) -> torch.Tensor:
    """So many evenly spaced values that every code in reach occurs."""
    return torch.linspace(low, high, 4001)


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_symmetric_wastes_half_on_a_relu(bits: int) -> None:
    use = code_use(ramp(0, 1), "symmetric", bits)
    assert use.out_of_reach == use.unused == 2 ** (bits - 1)
    assert use.zero_point == 0


@pytest.mark.parametrize("span", [(0, 1), (-1, 1), (-1, 3)])
def test_asymmetric_wastes_at_most_the_code_that_rounding_the_zero_point_costs(span: tuple) -> None:
    use = code_use(ramp(*span), "asymmetric")
    assert use.out_of_reach == use.unused <= 1


def test_counts_are_of_the_codes(T: torch.Tensor) -> None:
    use = code_use(T, "asymmetric")
    assert use.codes[use.counts > 0].tolist() == sorted([-23, -81, 127, -51, 6, -128, -77, 114, -8])
    assert use.counts.sum() == 9
    assert (use.used, use.unused) == (9, 247)
    assert use.mse == pytest.approx(1.5730, abs=5e-5)
    assert use.scale == pytest.approx(3.5788, abs=5e-5)


def test_the_finding_counts_what_is_out_of_reach() -> None:
    x = ramp(0, 1)
    both = code_use(x, "symmetric"), code_use(x, "asymmetric")
    assert finding(*both) == "Symmetric puts 128 of 256 codes (50 %) out of reach of every value, asymmetric 0"


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="mode must be"):
        code_use(torch.ones(2), "affine")


def test_shifted_goes_from_nothing_to_a_relu() -> None:
    x = torch.tensor([-2.0, -1.0, 1.0, 2.0])
    assert shifted(x).tolist() == x.tolist()
    assert shifted(x, relu=1.0).tolist() == [0, 0, 1, 2]
    assert shifted(x, relu=0.25).tolist() == [-1.5, -0.75, 1, 2]
    assert shifted(x, offset=2.0).tolist() == pytest.approx((x + 2 * x.std()).tolist())
    assert x.tolist() == [-2, -1, 1, 2]


@pytest.mark.parametrize("span", [(0, 1), (-1, 1), (-3, -1)])
def test_the_hatched_area_is_what_is_out_of_reach(span: tuple) -> None:
    x = ramp(*span)
    both = code_use(x, "symmetric", 4), code_use(x, "asymmetric", 4)
    figure = codes_figure(*both)
    figure.canvas.draw()
    for axes, use in zip(figure.axes, both, strict=True):
        hatched = sum(patch.get_width() for patch in axes.patches if patch.get_hatch())
        assert hatched == use.out_of_reach


@pytest.mark.slow
def test_the_widget_shows_when_symmetric_wastes_half(displayed: list) -> None:
    codes_widget(ramp(-1, 1))
    data = displayed[0][0]
    assert data["text/plain"].startswith(
        "Figure: histogram of codes, 8 bits, offset 0, ReLU share 0. Symmetric puts 1 of"
    )
    box = registry._instances[data["application/vnd.jupyter.widget-view+json"]["model_id"]]
    bits, _, relu, view = box.children
    relu.value = 1.0
    assert "Symmetric puts 128 of 256 codes (50 %)" in view.value
    bits.value = 4
    assert "Symmetric puts 8 of 16 codes (50 %)" in view.value
