"""The digits of bytes against numpy, which packs single bits: the laws of lessons 15 and 16 rest on them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from . import digits


@pytest.mark.parametrize("bits", digits.WIDTHS)
@pytest.mark.parametrize("shape", [(1,), (13,), (3, 8), (2, 3, 5), (3, 0)])
def test_digits_agree_with_packbits(bits, shape):
    codes = torch.randint(2**bits, shape, generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
    single = np.unpackbits(codes.numpy()[..., None], axis=-1, bitorder="little", count=bits)
    flat = single.reshape(*shape[:-1], shape[-1] * bits)
    packed = torch.from_numpy(np.packbits(flat, axis=-1, bitorder="little"))
    assert torch.equal(digits.packed_bytes(codes, bits), packed)
    assert torch.equal(digits.codes_of(packed, bits, shape[-1]), codes)


def test_the_byte_of_the_video_course():
    assert digits.packed_bytes(torch.tensor([1, 0, 3, 2, 3, 3, 3, 3]), 2).tolist() == [177, 255]
    assert digits.codes_of(torch.tensor([177, 255], dtype=torch.uint8), 2, 8).tolist() == [1, 0, 3, 2, 3, 3, 3, 3]


def test_layouts_are_what_they_say():
    found = dict(digits.layouts(4, low=-4, dtype=torch.int8))
    assert len(found) >= 9
    for layout, numbers in found.items():
        assert not numbers.is_contiguous() or numbers.storage_offset() == 1, layout
        assert numbers.dtype == torch.int8 and int(numbers.min()) >= -4 and int(numbers.max()) < 4
