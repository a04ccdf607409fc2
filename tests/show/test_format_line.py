import numpy as np
import pytest
import torch

from labs_lib.show.bits import FORMATS
from labs_lib.show.format_line import density, format_line, format_line_figure, format_line_finding


@pytest.mark.parametrize(
    ("format", "low", "high", "count"),
    [
        ("fp32", 1, 2, 2**23 + 1),
        ("fp16", 1, 2, 2**10 + 1),
        ("bf16", 1, 2, 2**7 + 1),
        ("fp32", -1, 1, 2 * 0x3F800000 + 1),
        ("fp16", -1, 1, 2 * 0x3C00 + 1),
        ("fp32", -2, -1, 2**23 + 1),
        ("fp32", 0.1, 0.1 + 1e-12, 0),
        ("int8", -1, 1, 255),
        ("int4", -1, 1, 15),
        ("int2", 0, 1, 2),
    ],
)
def test_numbers_are_counted(format: str, low: float, high: float, count: int) -> None:
    assert format_line(format, low, high).count == count


def test_all_finite_half_numbers_are_there_and_in_order() -> None:
    line = format_line("fp16", -1e9, 1e9)
    assert line.count == 2**16 - 2 * 2**10 - 1  # without NaN, infinities, and -0.0
    assert (np.diff(line.values) > 0).all()
    assert line.values[-1] == 65504


def test_integers_cover_the_interval_evenly() -> None:
    line = format_line("int4", -3.0, 7.0)
    assert line.step == 1.0
    assert line.values.tolist() == list(range(-3, 8))


@pytest.mark.parametrize("place", [1.3, 0.3, 100.0])
def test_density_is_one_over_the_distance_of_neighbours(place: float) -> None:
    number = torch.tensor(place, dtype=torch.bfloat16).double().item()
    line = format_line("bf16", 0.01, 1000.0)
    step = 2.0 ** (np.floor(np.log2(number)) - 7)
    assert density(line, np.array([place])).tolist() == [1 / step]


def test_density_is_zero_where_a_format_ends() -> None:
    assert density(format_line("fp16", 1, 1e6), np.array([65505.0])).tolist() == [0.0]


@pytest.mark.parametrize(("low", "high", "log"), [(1, 2, False), (-1, 1, False), (1e-6, 1e6, True), (0, 1e-9, False)])
def test_all_formats_can_be_drawn(low: float, high: float, log: bool) -> None:
    lines = [format_line(name, low, high) for name in FORMATS]
    figure = format_line_figure(lines, log=log)
    figure.canvas.draw()
    labels = [text.get_text() for text in figure.axes[0].texts]
    assert [label.split()[0].replace(",", "") for label in labels] == [str(line.count) for line in lines]


def test_the_title_counts() -> None:
    lines = [format_line("bf16", 1, 2), format_line("int8", 1, 2)]
    assert format_line_finding(lines) == "Numbers from 1 to 2: bf16 129, int8 64"


def test_a_logarithmic_scale_has_no_zero() -> None:
    with pytest.raises(ValueError, match="low must be positive"):
        format_line_figure([format_line("bf16", 0, 1)], log=True)


def test_an_empty_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="low must be smaller than high"):
        format_line("bf16", 1, 1)
