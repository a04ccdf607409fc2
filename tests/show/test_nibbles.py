import pytest

from labs_lib.show.nibbles import nibbles, nibbles_figure, nibbles_widget

CODES = [code * 5 % 16 for code in range(16)] + [(code * 3 + 1) % 16 for code in range(16)]
ORDERS = {"low first": (0, 1), "high first": (1, 0), "halves": [place // 2 + place % 2 * 16 for place in range(32)]}


def test_bytes_are_those_of_the_order() -> None:
    data = nibbles(CODES, ORDERS)
    assert data.rows[0].stored == bytes(low | high << 4 for low, high in zip(CODES[::2], CODES[1::2], strict=True))
    assert data.rows[1].stored.hex() == "".join(f"{code:x}" for code in CODES)
    assert data.rows[2].stored == bytes(CODES[place] | CODES[16 + place] << 4 for place in range(16))


def test_a_code_is_found_in_every_layout() -> None:
    data = nibbles(CODES, ORDERS)
    assert data.found(17) == (
        "Code 17 is 4. low first: high half of byte 8; high first: low half of byte 8; halves: high half of byte 1"
    )


def test_the_finding_counts_the_bytes_that_agree() -> None:
    assert nibbles(CODES, ORDERS).finding.startswith("The same 32 codes make 3 rows of bytes: ")
    same = nibbles([7] * 32, ORDERS)
    assert same.finding == "The same 32 codes make 1 rows of bytes: two of them agree in at most 16"


def test_the_figure_writes_every_byte() -> None:
    data = nibbles(CODES, ORDERS)
    figure = nibbles_figure(data, chosen=5)
    figure.canvas.draw()
    texts = [text.get_text() for text in figure.axes[0].texts]
    for row in data.rows:
        assert all(f"{byte:02x}" in texts for byte in row.stored)
        assert row.name in texts


def test_the_widget_follows_a_code(displayed: list) -> None:
    nibbles_widget(CODES, ORDERS, chosen=0)
    assert "Code 0 is 0. low first: low half of byte 0" in displayed[0][0]["text/plain"]


@pytest.mark.parametrize(
    ("codes", "orders", "message"),
    [
        (CODES[:31], ORDERS, "codes must be 32 numbers"),
        ([16] * 32, ORDERS, "codes must be 32 numbers"),
        (CODES, {"one": (0, 1)}, "at least two orders"),
        (CODES, {"one": (0, 1), "other": (0, 0)}, "the order of other"),
        (CODES, {"one": (0, 1), "other": (0, 1, 2)}, "the order of other"),
    ],
)
def test_what_is_no_layout_is_refused(codes: list[int], orders: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nibbles(codes, orders)
