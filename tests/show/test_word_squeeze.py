"""Words squeezed into a byte, and signs that smear over it, against arithmetic on Python's integers."""

from __future__ import annotations

import itertools

import pytest

from labs_lib.show.bit_rows import STRAY
from labs_lib.show.word_squeeze import sign_smear, squeeze_figure, word_squeeze


@pytest.mark.parametrize("codes", [[1, 0, 3, 2], [3, 3, 3, 3], [0, 0, 0, 1], [2, 1, 0, 3]])
def test_four_codes_end_in_one_byte(codes: list[int]) -> None:
    squeeze = word_squeeze(codes, bits=2)
    assert squeeze.byte == sum(code * 4**index for index, code in enumerate(codes))
    assert squeeze.rows[0].value == sum(code * 256**index for index, code in enumerate(codes))
    assert [row.label for row in squeeze.rows] == ["the word", "word >> 6", "word >> 12", "word >> 18", "or of all"]
    assert squeeze.rows[-1].frame == (0, 8)


def test_two_codes_of_four_bits_need_one_shift() -> None:
    squeeze = word_squeeze([15, 1], bits=4)
    assert squeeze.byte == 31
    assert squeeze.finding == "One shift of a whole word brings 2 codes together: its lowest byte is 31"


def test_every_set_bit_belongs_to_the_code_it_came_from() -> None:
    squeeze = word_squeeze([1, 2, 3, 1], bits=2)
    for row in squeeze.rows:
        for bit, owner in enumerate(row.owners):
            if row.value >> bit & 1:
                assert owner >= 0
    kept = squeeze.rows[-1].owners[:8]
    assert kept == (0, 0, 1, 1, 2, 2, 3, 3)


def test_signs_cover_what_an_or_of_bytes_covers() -> None:
    for codes in itertools.product((-2, -1, 0, 1), repeat=4):
        smear = sign_smear(list(codes), bits=2)
        byte = 0
        for index, code in enumerate(codes):
            byte |= (code << 2 * index) % 256
        assert smear.byte == byte
        read = [byte >> 2 * index & 3 for index in range(4)]
        lost = sum(code % 4 != got for code, got in zip(codes, read, strict=True))
        assert f"and {lost} of 4 codes" in smear.finding


def test_the_signs_of_the_sum_are_marked() -> None:
    smear = sign_smear([1, -1, 0, 0], bits=2)
    assert smear.rows[-1].owners == (0, 0, 1, 1, STRAY, STRAY, STRAY, STRAY)
    figure = squeeze_figure(smear)
    assert figure.get_suptitle().replace("\n", " ") == smear.finding
    assert [text.get_text() for text in figure.axes[0].texts].count("sign") == 4


@pytest.mark.parametrize("make", [word_squeeze, sign_smear])
@pytest.mark.parametrize(
    ("codes", "bits", "message"),
    [([1], 8, "bits must be 2 or 4"), ([1, 0], 2, "codes must be 4 numbers"), ([0, 0, 4, 0], 2, "codes must be from")],
)
def test_other_codes_are_refused(make, codes: list[int], bits: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(codes, bits)
