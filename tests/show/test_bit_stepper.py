"""Codes into bytes and out of them, step by step, against NumPy's packbits."""

from __future__ import annotations

import html
import random
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex

from labs_lib.show.bit_stepper import packing_steps, packing_widget, step_figure, unpacking_steps
from labs_lib.show.style import CODE, VALUE

VIEW = "application/vnd.jupyter.widget-view+json"


def numpy_bytes(codes: list[int], bits: int) -> list[int]:
    single = np.unpackbits(np.array(codes, dtype=np.uint8)[:, None], axis=1, bitorder="little")[:, :bits]
    return np.packbits(single.flatten(), bitorder="little").tolist()


@pytest.mark.parametrize("bits", [1, 2, 4])
@pytest.mark.parametrize("length", [1, 3, 8, 11, 16])
def test_the_last_step_of_each_byte_holds_what_numpy_packs(bits: int, length: int) -> None:
    draw = random.Random(100 * bits + length)
    codes = [draw.randrange(2**bits) for _ in range(length)]
    ends = {step.now * bits // 8: step.rows[-1].value for step in packing_steps(codes, bits)}
    assert list(ends.values()) == numpy_bytes(codes, bits)


def test_every_step_says_what_was_there_what_came_and_what_became_of_both() -> None:
    for step in packing_steps([1, 0, 3, 2, 3], bits=2):
        code, shifted, before, after = step.rows
        assert shifted.value == code.value << 2 * (step.now % 4)
        assert after.value == before.value + shifted.value
        owned = [bit for bit, owner in enumerate(after.owners) if owner == step.now]
        assert owned == [2 * (step.now % 4), 2 * (step.now % 4) + 1]
        assert f"{before.value} becomes {after.value}" in step.finding
        assert f"byte {step.now // 4}" in step.finding


def test_a_new_byte_starts_empty() -> None:
    step = packing_steps([1, 0, 3, 2, 3], bits=2)[4]
    assert step.rows[2].value == 0
    assert set(step.rows[3].owners) == {4, -1}


@pytest.mark.parametrize("bits", [1, 2, 4])
@pytest.mark.parametrize("byte", [0, 177, 255])
def test_unpacking_undoes_packing(bits: int, byte: int) -> None:
    steps = unpacking_steps(byte, bits)
    assert packing_steps([int(code) for code in steps[-1].codes], bits)[-1].rows[-1].value == byte
    assert [step.rows[-1].value for step in steps] == list(steps[-1].codes)
    assert [sum(code is not None for code in step.codes) for step in steps] == list(range(1, 8 // bits + 1))


def test_the_mask_takes_what_is_above() -> None:
    whole, shifted, mask, code = unpacking_steps(177, bits=2)[1].rows
    assert (whole.value, shifted.value, mask.value, code.value) == (177, 44, 3, 0)
    assert mask.frame == (0, 2)


def test_the_figure_shows_the_list_and_the_moving_code_apart() -> None:
    step = packing_steps([1, 0, 3, 2], bits=2)[2]
    figure = step_figure(step)
    figure.canvas.draw()
    assert figure.get_suptitle() == step.finding == "Code 2 goes to bits 4 and 5 of byte 0: 1 becomes 49"
    listed = figure.axes[0]
    assert "".join(text.get_text() for text in listed.texts if text.get_text() in "01") == "01001110"
    colors = [to_hex(cell.get_facecolor()) for cell in listed.patches]
    assert colors == [VALUE.color] * 4 + [CODE.color] * 2 + ["#ffffff"] * 2


@pytest.mark.parametrize(
    ("codes", "bits", "message"),
    [
        ([4], 2, "codes must be from 0 to 3 at 2 bits, got 4"),
        ([-1], 4, "codes must be from 0 to 15 at 4 bits, got -1"),
        ([1], 3, "bits must be 1, 2 or 4, got 3"),
        ([], 2, "codes must be 1 to 16 numbers, got 0"),
        ([0] * 17, 1, "codes must be 1 to 16 numbers, got 17"),
    ],
)
def test_what_cannot_be_packed_is_refused(codes: list[int], bits: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        packing_steps(codes, bits)


@pytest.mark.parametrize(("byte", "bits"), [(256, 2), (-1, 2), (1, 8)])
def test_what_cannot_be_unpacked_is_refused(byte: int, bits: int) -> None:
    with pytest.raises(ValueError, match=r"byte must be|bits must be"):
        unpacking_steps(byte, bits)


@pytest.mark.slow
def test_the_widget_moves_through_the_codes_and_says_what_it_refuses(displayed: list) -> None:
    packing_widget([1, 0, 3, 2], bits=2, step=3)
    (data, _) = displayed[0]
    assert data["text/plain"].startswith("Figure: Code 3 goes to bits 6 and 7 of byte 0: 49 becomes 177")
    from ipywidgets import widget as registry

    text, bits, step, view = registry._instances[data[VIEW]["model_id"]].children

    def alt() -> str:
        return html.unescape(re.search(r'<img alt="([^"]*)"', view.value).group(1))

    step.value = 0
    assert alt().startswith("Code 0 goes to bits 0 and 1")
    text.value = "5 0"
    assert "codes must be from 0 to 3 at 2 bits, got 5" in view.value
    bits.value = "4"
    assert alt().startswith("Code 0 goes to bits 0 to 3 of byte 0: 0 becomes 5")
    step.value = 12  # beyond the list: its last code
    assert alt().startswith("Code 1 goes to bits 4 to 7")
    text.value = "1 x"
    assert "codes must be whole numbers from 0 on" in view.value
