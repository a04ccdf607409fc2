"""The given helper of lesson 16 that tells ``quantize_model`` how many bits to pack into."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from labs_lib.course import modes
from labs_lib.models import quantize_model
from labs_lib.packing import PackedLinear, Packing


@pytest.fixture(autouse=True)
def the_reference() -> object:
    with modes.using(modes.Mode("solutions")):
        yield


def test_a_model_is_packed_with_the_numbers_that_were_asked_for() -> None:
    model = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4))
    report = quantize_model(model, layer=Packing(bits=2, group_size=5), exclude=())
    assert report.replaced == ["0", "2"]
    assert all(type(model[place]) is PackedLinear for place in (0, 2))  # by this name it is saved and loaded
    assert [(model[place].bits, model[place].group_size) for place in (0, 2)] == [(2, 5), (2, 5)]
    assert (model[0].packed_weight.shape, model[0].scales.shape) == ((8, 5), (8, 4))


def test_without_numbers_it_is_the_layer_itself() -> None:
    linear = nn.Linear(40, 3)
    ours, plain = Packing().from_linear(linear), PackedLinear.from_linear(linear)
    assert (ours.bits, ours.group_size) == (plain.bits, plain.group_size)
    assert torch.equal(ours.packed_weight, plain.packed_weight)
