"""The bits of integer sums, against Python's own integers."""

from __future__ import annotations

import pytest
import torch

from labs_lib.show.accumulator import accumulator, accumulator_figure, bits_needed


def test_bits_are_those_of_twos_complement() -> None:
    sums = torch.tensor([0, -1, 1, 127, -128, 128, -129, 32767, -32768, 32768, 2**31 - 1, -(2**31), 2**40])
    wanted = [next(b for b in range(1, 65) if -(2 ** (b - 1)) <= v < 2 ** (b - 1)) for v in sums.tolist()]
    assert bits_needed(sums).tolist() == wanted


def test_shares_are_those_of_a_count_by_hand() -> None:
    random = torch.Generator().manual_seed(0)
    q_x = torch.randint(-127, 128, (2, 5, 40), generator=random, dtype=torch.int8)
    q_weight = torch.randint(-127, 128, (7, 40), generator=random, dtype=torch.int8)
    data = accumulator(q_x, q_weight)
    sums = (q_x.double() @ q_weight.double().T).flatten()
    for bits in (8, 16):
        half = 2 ** (bits - 1)
        outside = ((sums < -half) | (sums >= half)).double().mean()
        assert data.lost(bits) == pytest.approx(float(outside))
    assert data.lost(32) == 0
    assert data.products == 40
    assert data.worst == (40 * 127 * 127).bit_length() + 1


def test_unsigned_activations_reach_further() -> None:
    q_x, q_weight = torch.full((1, 4), 255, dtype=torch.uint8), torch.full((1, 4), -127, dtype=torch.int8)
    data = accumulator(q_x, q_weight)
    assert data.worst == (4 * 255 * 127).bit_length() + 1
    assert data.lost(16) == 1.0


def test_the_title_says_the_shares_and_the_hatch_is_what_int16_loses() -> None:
    q_x = torch.tensor([[1, 0], [127, 0], [127, 127]], dtype=torch.int8)
    data = accumulator(q_x, torch.tensor([[127, 127], [0, 127]], dtype=torch.int8))
    figure = accumulator_figure(data)
    figure.canvas.draw()
    title = "Of these sums of 2 products 50.0 % in int8 and 0.0 % in int16 wrap; int32 holds every one"
    assert figure.get_suptitle().replace("\n", " ") == data.finding == title
    hatched = sum(bar.get_height() for bar in figure.axes[0].patches if bar.get_hatch())
    assert hatched == pytest.approx(100 * data.lost(16))
