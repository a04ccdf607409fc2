"""Two outputs are the same when only the last digits of decimals differ."""

import pytest

from labs_lib.course.nb.comparator import Tolerant, alternative_texts, order, same
from tests.notebooks.fixtures.building import figure, printed, value

SAME = [
    ("0.300000012", "0.3"),
    ("tensor([1., -2.5000])", "tensor([1., -2.50004])"),
    ("error 1.00001e+03 of 128", "error 1.0e+03 of 128"),
    ("loss=12345.6", "loss=12346.0"),  # relative
    ("-0.00001", "0.00001"),
    ("took .5s", "took .50001s"),
    ("1e-7 and 3E8", "2e-7 and 3E8"),
    ("the end is 0.5.", "the end is 0.50001."),
    ("naïve 3-0.5", "naïve 3-0.50001"),
]

DIFFERENT = [
    ("0.31", "0.3"),
    ("128", "127"),
    ("10000001", "10000000"),  # an integer is exact however large
    ("1.0", "1"),
    ("-0.5", "0.5"),
    ("03.2 quantize", "03.3 quantize"),
    ("torch 2.13.0", "torch 2.13.1"),
    ("v1.00001", "v1.00002"),
    ("1.00001.2", "1.00002.2"),
    ("0.5x10001", "0.5x10002"),
    ("a3.00001", "a3.00002"),
    ("3e8f1a", "3e8f1b"),
    ("nan", "0.0"),
    ("inf", "1e308"),
    ("0.5", "0.5 0.5"),
    ("0.5 a", "0.5 b"),
    ("", "0.5"),
    ("two  spaces", "two spaces"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_last_digits_of_decimals_do_not_count(left, right):
    assert same(left, right)
    assert same(right, left)


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_everything_else_counts(left, right):
    assert not same(left, right)
    assert not same(right, left)


def test_a_tolerant_text_answers_both_questions():
    for produced, is_equal in (("0.30001", True), ("0.31", False), (0.3, False)):
        assert (Tolerant("0.3") == produced) is is_equal
        assert (Tolerant("0.3") != produced) is not is_equal
    with pytest.raises(TypeError):
        hash(Tolerant("0.3"))


def test_order_tells_streams_figures_and_values_apart():
    outputs = [printed("a"), figure(), value("7")]
    assert order(outputs) == ["stdout", "display_data of image/png and text/plain", "execute_result of text/plain"]
    assert order(outputs[::-1]) == order(outputs)[::-1]


def test_order_does_not_see_live_widgets():
    live = figure(**{"application/vnd.jupyter.widget-view+json": "{}"})
    assert order([live]) == order([figure()])


def test_alternative_texts_are_those_of_pictures():
    assert alternative_texts([printed("a"), figure(alt="one"), value("7"), figure(alt="two")]) == ["one", "two"]
