import pytest
import torch

from labs_lib.show.code_circle import code_circle, code_circle_figure


def test_codes_are_in_the_order_of_their_patterns() -> None:
    circle = code_circle(3, 0, 1)
    assert circle.codes == (0, 1, 2, 3, -4, -3, -2, -1)
    assert circle.patterns == ("000", "001", "010", "011", "100", "101", "110", "111")


@pytest.mark.parametrize(
    ("start", "add", "end", "wrapped"),
    [(5, 4, -7, True), (7, 1, -8, True), (-3, 5, 2, False), (-8, 15, 7, False)],
)
def test_a_sum_walks_along_the_circle(start: int, add: int, end: int, wrapped: bool) -> None:
    circle = code_circle(4, start, add)
    assert (circle.end, circle.wrapped) == (end, wrapped)


def test_five_bits_wrap_as_int8_does_in_its_top_bits() -> None:
    sums = torch.tensor([8 * start + 8 * 9 for start in range(-16, 16)]).to(torch.int8) // 8
    assert [code_circle(5, start, 9).end for start in range(-16, 16)] == sums.tolist()


def test_the_finding_says_whether_the_jump_was_crossed() -> None:
    assert code_circle(4, 5, 4).finding == "In 4 bits 5 + 4 = 9 comes out as -7: the walk crossed the jump"
    assert code_circle(4, 2, 3).finding == "In 4 bits 2 + 3 = 5 stays right: the walk did not cross the jump"


def test_every_code_and_pattern_is_written() -> None:
    circle = code_circle(4, 7, 1)
    figure = code_circle_figure(circle)
    figure.canvas.draw()
    texts = {text.get_text() for text in figure.axes[0].texts}
    assert {str(code) for code in circle.codes} | set(circle.patterns) <= texts


@pytest.mark.parametrize(
    ("bits", "start", "add", "name"),
    [(6, 0, 1, "bits"), (4, 8, 1, "start"), (4, 0, 0, "add"), (4, 0, 16, "add")],
)
def test_what_cannot_be_drawn_is_refused(bits: int, start: int, add: int, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be"):
        code_circle(bits, start, add)
