import pytest
import torch

from labs_lib.show.two_circles import two_circles, two_circles_figure


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_both_readings_of_every_pattern(bits: int) -> None:
    data = two_circles(bits, "1" * bits)
    codes = torch.arange(2**bits, dtype=torch.uint8)
    extended = (codes << 8 - bits).view(torch.int8) >> 8 - bits  # the sign comes from the top bit
    assert data.twos_complement == tuple(extended.tolist())
    assert data.offset_binary == tuple(range(-(2 ** (bits - 1)), 2 ** (bits - 1)))
    assert [int(pattern, 2) for pattern in data.patterns] == codes.tolist()


def test_the_two_differ_in_the_top_bit_alone() -> None:
    data = two_circles(4, "0000")
    assert [data.twos_complement[code ^ 8] for code in range(16)] == list(data.offset_binary)


def test_the_finding_reads_the_marked_pattern() -> None:
    assert two_circles(4, "1000").finding == (
        "One pattern, two numbers: 1000 is -8 in two's complement and 0 in offset binary"
    )


def test_every_number_stands_on_its_circle() -> None:
    data = two_circles(3, "101")
    figure = two_circles_figure(data)
    figure.canvas.draw()
    for axes, numbers in zip(figure.axes, (data.twos_complement, data.offset_binary), strict=True):
        assert {*map(str, numbers), *data.patterns, "the jump"} <= {text.get_text() for text in axes.texts}


@pytest.mark.parametrize(("bits", "pattern", "name"), [(5, "00000", "bits"), (1, "0", "bits"), (4, "101", "pattern")])
def test_what_cannot_be_drawn_is_refused(bits: int, pattern: str, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be"):
        two_circles(bits, pattern)
