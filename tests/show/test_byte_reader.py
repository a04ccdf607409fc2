import pytest
import torch

from labs_lib.show.bit_rows import FREE, STRAY
from labs_lib.show.byte_reader import reading_figure, signed_shift, unmasked, unpacking_widget


def test_without_the_mask_only_the_last_code_is_right() -> None:
    reading = unmasked(177, bits=2)
    assert [row.value for row in reading.rows] == [177 >> shift for shift in (0, 2, 4, 6)]
    assert reading.finding == (
        "Without the mask byte 177 reads 177, 44, 11, 2 in place of 1, 0, 3, 2: 3 of 4 codes are wrong"
    )


def test_a_byte_with_nothing_above_needs_no_mask() -> None:
    assert unmasked(0x0F, bits=4).finding.endswith("0 of 2 codes are wrong")


@pytest.mark.parametrize("byte", [0, 79, 127, 128, 177, 255])
@pytest.mark.parametrize("bits", [1, 2, 4])
def test_the_signed_shift_is_that_of_an_int8(byte: int, bits: int) -> None:
    shifted = torch.tensor(byte, dtype=torch.uint8).view(torch.int8) >> 8 - bits
    row = signed_shift(byte, bits).rows[3]
    assert row.value == int(shifted) % 256
    assert row.label.endswith(f": {int(shifted)}")
    assert set(row.owners[bits:]) == {STRAY if byte > 127 else FREE}
    assert len(row.owners) == 8


def test_the_mask_mends_it() -> None:
    reading = signed_shift(177, bits=2)
    assert reading.rows[-1].value == reading.rows[1].value == 2
    assert "comes out right: 1" in signed_shift(0x4F, bits=2).finding


def test_the_figure_has_every_row() -> None:
    figure = reading_figure(signed_shift(177, bits=2))
    figure.canvas.draw()
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert "the byte as int8: -79" in texts and "= 254" in texts


def test_the_widget_reads_the_byte(displayed: list) -> None:
    unpacking_widget(byte=177, bits=2, step=9)  # beyond the last code: the last one
    assert displayed[0][0]["text/plain"].endswith("masked 2. All codes of the byte: 1, 0, 3, 2.")


def test_what_is_no_byte_is_refused() -> None:
    with pytest.raises(ValueError, match="byte must be from 0 to 255"):
        unmasked(256, bits=2)
    with pytest.raises(ValueError, match="bits must be 1, 2 or 4"):
        signed_shift(0, bits=3)
