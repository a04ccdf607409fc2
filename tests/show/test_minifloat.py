import numpy as np
import pytest
import torch

from labs_lib.show.minifloat import minifloat, minifloat_figure, minifloat_widget, nearest


def finite(dtype: torch.dtype) -> np.ndarray:
    values = torch.arange(256, dtype=torch.uint8).view(dtype).double()
    return values[values.isfinite()].unique().numpy()


def test_e4m3_is_torchs_with_one_more_at_each_end() -> None:
    own = 480 * minifloat(4, 3).values  # torch's format spends the pattern of 480 on NaN
    assert own[1:-1].tolist() == finite(torch.float8_e4m3fn).tolist()


def test_e5m2_is_torchs_with_one_more_exponent() -> None:
    own = 7 * 2.0**14 * minifloat(5, 2).values  # the last exponent is infinity and NaN there
    assert own[4:-4].tolist() == finite(torch.float8_e5m2).tolist()


@pytest.mark.parametrize(("exponent_bits", "mantissa_bits"), [(0, 7), (1, 6)])
def test_up_to_one_exponent_bit_makes_an_integer(exponent_bits: int, mantissa_bits: int) -> None:
    own = minifloat(exponent_bits, mantissa_bits)
    assert (127 * own.values).round(9).tolist() == list(range(-127, 128))
    assert "all the same distance apart" in own.finding


@pytest.mark.parametrize("exponent_bits", range(6))
def test_every_pattern_is_one_value_but_the_two_zeros(exponent_bits: int) -> None:
    own = minifloat(exponent_bits, 3)
    assert len(own.values) == 2**own.bits - 1
    assert own.values[-1] == -own.values[0] == 1.0


def test_the_finding_compares_the_gaps() -> None:
    assert minifloat(2, 1).finding == "e2m1: 15 values; the widest gap is 4 times the narrowest"


def test_nearest_is_nearest_and_keeps_the_largest() -> None:
    x = torch.randn(500, generator=torch.Generator().manual_seed(0))
    own = minifloat(3, 2)
    grid = torch.from_numpy(own.values).float() * x.abs().max()
    distance = (x[:, None] - grid).abs().min(dim=1).values
    assert torch.allclose((nearest(x, own) - x).abs(), distance, atol=1e-6)
    assert nearest(x, own).abs().max() == x.abs().max()


def test_nearest_of_an_integer_is_symmetric_quantization() -> None:
    x = torch.randn(500, generator=torch.Generator().manual_seed(1))
    step = x.abs().max() / 7
    assert torch.allclose(nearest(x, minifloat(0, 3)), torch.round(x / step) * step)


def test_every_value_is_drawn() -> None:
    formats = [minifloat(e, 5 - e) for e in range(6)]
    figure = minifloat_figure(formats)
    figure.canvas.draw()
    drawn = [len(lines.get_segments()) for lines in figure.axes[0].collections]
    assert drawn == [len(one.values) for one in formats]


def test_the_widget_starts_with_its_arguments(displayed: list) -> None:
    minifloat_widget(bits=6, exponent_bits=2)
    assert displayed[0][0]["text/plain"].startswith("Figure: e2m3: 63 values")


@pytest.mark.parametrize(("exponent_bits", "mantissa_bits"), [(6, 1), (-1, 3), (0, 0), (5, 5)])
def test_what_is_no_small_float_is_refused(exponent_bits: int, mantissa_bits: int) -> None:
    with pytest.raises(ValueError, match="must"):
        minifloat(exponent_bits, mantissa_bits)
