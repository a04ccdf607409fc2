import pytest

from labs_lib.show.byte_stack import byte_stack, byte_stack_figure

MODELS = {"fp32": {"linear": 3e6, "rest": 1e6}, "int8": {"linear": 0.75e6, "rest": 1e6}}


def test_sizes_are_megabytes_of_a_million_bytes() -> None:
    stack = byte_stack(MODELS)
    assert stack.sizes.tolist() == [[3.0, 1.0], [0.75, 1.0]]
    assert stack.totals.tolist() == [4.0, 1.75]


def test_shares_are_of_each_row_alone() -> None:
    stack = byte_stack(MODELS, share=True)
    assert stack.totals.tolist() == pytest.approx([100, 100])
    assert stack.sizes[1].tolist() == pytest.approx([100 * 0.75 / 1.75, 100 / 1.75])


def test_the_bars_are_as_long_as_the_sizes() -> None:
    figure = byte_stack_figure(byte_stack(MODELS), "title")
    figure.canvas.draw()
    widths = [patch.get_width() for patch in figure.axes[0].patches]
    assert widths == pytest.approx([3.0, 0.75, 1.0, 1.0])
    assert "1.8 MB" in {text.get_text() for text in figure.axes[0].texts}


def test_only_parts_with_room_carry_a_number() -> None:
    figure = byte_stack_figure(byte_stack({"model": {"large": 99, "tiny": 1}}, share=True), "title")
    assert [text.get_text() for text in figure.axes[0].texts] == ["99.0"]


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ({}, "at least one row"),
        ({"a": {"x": 1}, "b": {"y": 1}}, "every row must have the parts"),
        ({"a": dict.fromkeys("vwxyz", 1)}, "at most 4, got 5"),
    ],
)
def test_rows_that_cannot_be_compared_are_refused(models: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        byte_stack(models)
