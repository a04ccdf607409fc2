"""Four layouts of 4-bit codes, each against bytes that its own library has made."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType, quants

from labs_lib.zoo.layouts import LAYOUTS, Layout, q4_0_blocks, recorded
from labs_lib.zoo.recording import layouts as recording

CODES, MADE = recorded()
SCALES = torch.tensor([0.25, 0.5, 1.0, 2.0])
Q4_0 = GGMLQuantizationType.Q4_0


@pytest.fixture(autouse=True)
def reference_solutions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_MODE", "solutions")


def test_the_recorded_codes_are_those_of_the_script() -> None:
    assert torch.equal(CODES, recording.codes())
    assert sorted(MADE) == ["AWQ", "bitsandbytes"]


@pytest.mark.parametrize("name", ["AWQ", "bitsandbytes"])
def test_the_bytes_of_the_library(name: str) -> None:
    assert torch.equal(LAYOUTS[name].write(CODES), MADE[name])
    assert torch.equal(LAYOUTS[name].read(MADE[name]), CODES)


def test_gguf_makes_the_same_blocks() -> None:
    values = SCALES[:, None] * (CODES.float() - 8)  # the code 0 is in every row, so gguf finds the same scale
    assert np.array_equal(quants.quantize(values.numpy(), Q4_0), q4_0_blocks(CODES, SCALES))


def test_gguf_reads_our_blocks() -> None:
    read = quants.dequantize(q4_0_blocks(CODES, SCALES).numpy(), Q4_0)
    assert np.array_equal(read, SCALES[:, None] * (CODES.float() - 8))


if find_spec("bitsandbytes"):  # no dependency of the course: where somebody has it, the recording is checked too

    def test_bitsandbytes_still_makes_them() -> None:
        rows = [bytes.fromhex(row) for row in recording.bitsandbytes_bytes(CODES.long())]
        assert rows == [bytes(row.tolist()) for row in MADE["bitsandbytes"]]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_reads_what_it_writes(layout: Layout) -> None:
    assert sorted(layout.order) == list(range(len(layout.order)))
    codes = torch.randint(16, (2, 3, 96), generator=torch.Generator().manual_seed(0))
    stored = layout.write(codes)
    assert (stored.shape, stored.dtype) == ((2, 3, 48), torch.uint8)
    assert torch.equal(layout.read(stored), codes)


def test_no_layout_can_stand_for_another() -> None:
    stored = [bytes(layout.write(CODES[0]).tolist()) for layout in LAYOUTS.values()]
    assert len(set(stored)) == len(LAYOUTS)


def test_a_row_that_does_not_fill_its_units_is_refused() -> None:
    with pytest.raises(ValueError, match="AWQ needs a multiple of 8 codes in a row, got 12"):
        LAYOUTS["AWQ"].write(torch.zeros(12, dtype=torch.uint8))
