import struct

import pytest

from labs_lib.show.bits import FORMATS, bits_figure, bits_finding, bits_of


@pytest.mark.parametrize("value", [0.1, -2.0, 0.0, 1e-40, 3.4e38])
def test_fp32_agrees_with_the_standard_library(value: float) -> None:
    (number,) = struct.unpack(">I", struct.pack(">f", value))
    assert bits_of(value, "fp32").pattern == f"{number:032b}"


@pytest.mark.parametrize("value", [0.1, -2.0, 6e-8, 65504.0])
def test_fp16_agrees_with_the_standard_library(value: float) -> None:
    (number,) = struct.unpack(">H", struct.pack(">e", value))
    assert bits_of(value, "fp16").pattern == f"{number:016b}"


@pytest.mark.parametrize("value", [1.0, -2.0, 0.15625])
def test_bf16_is_the_upper_half_of_fp32(value: float) -> None:
    assert bits_of(value, "bf16").pattern == bits_of(value, "fp32").pattern[:16]


@pytest.mark.parametrize(
    ("value", "format", "pattern"),
    [
        (-70, "int8", "10111010"),
        (127, "int8", "01111111"),
        (-8, "int4", "1000"),
        (-1, "int2", "11"),
        (1, "int2", "01"),
    ],
)
def test_integers_are_two_s_complement(value: int, format: str, pattern: str) -> None:
    assert bits_of(value, format).pattern == pattern


@pytest.mark.parametrize(("value", "format"), [(128, "int8"), (8, "int4"), (-3, "int2"), (0.5, "int8")])
def test_an_integer_format_refuses_what_it_does_not_have(value: float, format: str) -> None:
    with pytest.raises(ValueError, match=f"value must be a whole number from .* for {format}"):
        bits_of(value, format)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format must be one of fp32, fp16"):
        bits_of(1, "fp7")


@pytest.mark.parametrize("name", FORMATS)
def test_fields_fill_the_format(name: str) -> None:
    assert sum(width for _, width in FORMATS[name].fields) == FORMATS[name].bits


def test_the_title_says_how_far_a_number_is_off() -> None:
    rows = [bits_of(0.1, name) for name in ("fp32", "fp16", "bf16")]
    assert bits_finding(rows) == "0.1 is off by 1.5e-09 in fp32, off by 2.4e-05 in fp16, off by 9.8e-05 in bf16"
    assert bits_finding([bits_of(5, "int4"), bits_of(0.5, "fp16")]) == "5 is exact in int4; 0.5 is exact in fp16"


def test_every_bit_is_a_cell_in_order() -> None:
    rows = [bits_of(0.1, "bf16"), bits_of(-70, "int8")]
    figure = bits_figure(rows)
    figure.canvas.draw()
    cells = [text.get_text() for text in figure.axes[0].texts if text.get_text() in "01"]
    assert "".join(cells) == rows[0].pattern + rows[1].pattern
    assert len(figure.axes[0].patches) == 24
