"""The measurements of ``benchmarks/`` run and print what they promise. What they measure is nobody's test."""

from __future__ import annotations

import re

import pytest
import torch

from benchmarks import packing


@pytest.mark.slow
def test_packing_prints_its_table(capsys, monkeypatch):
    monkeypatch.setattr(packing, "LOOP_CODES", 64)
    threads = torch.get_num_threads()
    packing.main(side=64, rounds=3)
    out = capsys.readouterr().out
    assert torch.get_num_threads() == threads
    assert out.startswith("one copy of 4,096 codes of 2 bits, one a byte, is the unit of this table:\n")
    for road in ("pack, reference", "pack, strided slices", "unpack, torch.stack", "unpack, video's loop *"):
        assert re.search(rf"^{re.escape(road)}( +\d+\.\d){{4}}$", out, re.MULTILINE), road
    assert "* measured on 64 codes and extrapolated." in out


def test_a_road_that_packs_wrongly_is_found_out():
    with pytest.raises(RuntimeError, match="the other one packs or unpacks wrongly"):
        packing.same("the other one", torch.tensor([1]), torch.tensor([2]))
