import numpy as np
import pytest
import torch

from labs_lib.show.numbers import digits_for, fixed, table, table_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2 / 3, "0.6667"),
        (-0.00001, "0.0000"),
        (-0.0, "0.0000"),
        (-0.00005001, "-0.0001"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (float("nan"), "nan"),
        (7, "7"),
        (torch.tensor(-1.5), "-1.5000"),
        (torch.tensor(3, dtype=torch.int8), "3"),
        (np.float32(0.25), "0.2500"),
        (torch.tensor(float("nan")), "nan"),
    ],
)
def test_fixed_has_one_text_for_a_number(value: object, text: str) -> None:
    assert fixed(value) == text


@pytest.mark.parametrize(("step", "digits"), [(3.5, 2), (0.0123, 4), (120.0, 0), (1.0, 2), (0.1, 3)])
def test_digits_show_a_hundredth_of_a_step(step: float, digits: int) -> None:
    assert digits_for(step) == digits


def test_numbers_stand_to_the_right_and_text_to_the_left(capsys: pytest.CaptureFixture[str]) -> None:
    table([["tensor", 2.5, 1], ["row", torch.tensor(-10.25), None]], headers=["by", "MSE", "n"], digits=2)
    assert capsys.readouterr().out.splitlines() == [
        "by         MSE  n",
        "------  ------  -",
        "tensor    2.50  1",
        "row     -10.25",
    ]


def test_each_column_can_have_its_own_digits() -> None:
    text = table_text([[1.0, 1.0]], ["a", "b"], digits=[1, 3])
    assert text.splitlines()[-1] == "1.0  1.000"


def test_a_table_without_rows_is_its_header() -> None:
    assert table_text([], ["a", "bit"]) == "a  bit\n-  ---"


def test_a_row_of_the_wrong_length_is_named() -> None:
    with pytest.raises(ValueError, match="row 1 must have one entry for each of 2 headers, got 1"):
        table_text([[1, 2], [3]], ["a", "b"])


def test_a_cell_holds_one_number() -> None:
    with pytest.raises(ValueError, match=r"one number, got a tensor of shape \(2,\)"):
        table_text([[torch.ones(2)]], ["a"])
