"""What is given in ``packing.py``, and rows that are longer than one of its pieces."""

from __future__ import annotations

import pytest
import torch

from labs_lib import packing
from labs_lib.course.exercise import reference

SMALL = 8  # rows a piece, in place of 2**17


@pytest.fixture
def small_pieces(monkeypatch):
    """Pieces of eight rows, in the learner's file and in the reference."""
    for names in (vars(packing), reference("15.1").__globals__):
        monkeypatch.setitem(names, "PIECE", SMALL)


@pytest.mark.parametrize("length", [0, 1, SMALL - 1, SMALL, SMALL + 1, 2 * SMALL, 3 * SMALL + 5])
def test_pieces_make_the_whole(small_pieces, length):
    x = torch.arange(4 * length).reshape(length, 4)
    seen = []

    def total(rows):
        seen.append(len(rows))
        return rows.sum(1)

    assert torch.equal(packing.in_pieces(total, x, torch.int64), x.sum(1))
    assert sum(seen) == length and max(seen) <= SMALL


def test_a_flat_tensor_goes_value_by_value(small_pieces):
    x = torch.arange(30)[::2]
    assert torch.equal(packing.in_pieces(lambda piece: piece * 3, x, torch.int64), x * 3)


def test_only_what_fits_the_dtype_is_kept(small_pieces):
    x = torch.arange(1000, 1020)
    assert packing.in_pieces(lambda piece: piece, x, torch.uint8).tolist() == [value % 256 for value in x.tolist()]


def test_the_result_is_new_memory(small_pieces):
    x = torch.arange(20)
    packing.in_pieces(lambda piece: piece, x, torch.int64).zero_()
    assert torch.equal(x, torch.arange(20))


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("length", [8 * SMALL - 1, 8 * SMALL, 8 * SMALL + 1])
def test_the_reference_packs_rows_of_several_pieces(small_pieces, bits, length):
    codes = torch.arange(3 * length).reshape(3, length) * 7 % 2**bits
    packed = reference("15.1")(codes, bits)
    rows = [reference("15.1")(row, bits) for row in codes]
    assert torch.equal(packed, torch.stack(rows))
    assert packed[0, :2].tolist() == [
        sum(int(codes[0, byte * 8 // bits + place]) << bits * place for place in range(8 // bits)) for byte in range(2)
    ]
    assert torch.equal(reference("16.1")(packed, bits, length), codes.to(torch.uint8))


def test_a_skeleton_takes_no_memory():
    layer = packing.PackedLinear(10**7, 10**6, bits=2, group_size=128, device="meta")
    assert layer.packed_weight.shape == (10**6, 10**7 // 4) and layer.scales.shape == (10**6, 78125)
    assert {buffer.device.type for buffer in layer.buffers()} == {"meta"}


def test_a_layer_may_have_float16_scales():
    layer = packing.PackedLinear(6, 2, bits=4, group_size=4, scale_dtype=torch.float16)
    assert layer.scales.dtype == torch.float16 and layer.scales.shape == (2, 2)


def test_sizes_that_no_layer_has_are_refused():
    for bits in (1, 3, 16, True):
        with pytest.raises(ValueError, match="bits must be one of 2, 4, 8"):
            packing.PackedLinear(4, 2, bits=bits)
    with pytest.raises(ValueError, match="group_size must be a whole number of at least 1, got 0"):
        packing.PackedLinear(4, 2, group_size=0)


def test_a_layer_says_what_it_is():
    text = repr(packing.PackedLinear(6, 2, bias=False, bits=2, group_size=4))
    assert text == (
        "PackedLinear(in_features=6, out_features=2, bias=False, bits=2, group_size=4, dtype=torch.float32)"
    )


def test_a_packing_carries_its_numbers():
    layer = packing.Packing(bits=2, group_size=3).from_linear(torch.nn.Linear(7, 2))
    assert (layer.bits, layer.group_size, layer.scales.shape) == (2, 3, (2, 3))
