"""The given part of ``W8A16Linear``: its buffers, how it moves, prints, copies, pickles, and what it costs."""

from __future__ import annotations

import copy
import pickle
import tracemalloc

import pytest
import torch
from torch import nn

from labs_lib.layers import W8A16Linear

WEIGHT = torch.tensor([[1.27, -0.3, 0.0], [0.02, -12.7, 6.4]])


@pytest.fixture(autouse=True)
def reference_solutions(monkeypatch):
    monkeypatch.setenv("LABS_MODE", "solutions")


def layer(dtype=torch.float32, *, bias=True):
    linear = nn.Linear(3, 2, bias=bias, dtype=dtype)
    with torch.no_grad():
        linear.weight.copy_(WEIGHT)
    return W8A16Linear.from_linear(linear)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
def test_a_new_layer_is_all_zeros_of_the_promised_dtypes(dtype, bias):
    new = W8A16Linear(5, 7, bias, dtype=dtype)
    state = {name: (tensor.dtype, tuple(tensor.shape)) for name, tensor in new.state_dict().items()}
    assert state == {
        "q_weight": (torch.int8, (7, 5)),
        "scales": (torch.float32, (7,)),
        **({"bias": (dtype, (7,))} if bias else {}),
    }
    assert all(not tensor.any() for tensor in new.state_dict().values())
    assert list(new.parameters()) == []
    assert bias or new.bias is None


def test_a_layer_that_was_never_filled_refuses_to_answer():
    with pytest.raises(ValueError, match="scales must be positive and finite, got"):
        W8A16Linear(3, 2)(torch.ones(1, 3))


def test_the_meta_device_takes_no_memory():
    tracemalloc.start()
    new = W8A16Linear(1_000_000, 1_000_000, dtype=torch.float64, device="meta")  # a terabyte, if it were real
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert {tensor.device.type for tensor in new.buffers()} == {"meta"}
    assert new.q_weight.nbytes == 10**12 and taken < 10**6
    with torch.device("meta"):
        assert W8A16Linear(4, 2).q_weight.is_meta


def test_a_skeleton_is_filled_from_a_state_dict():
    full = layer()
    skeleton = W8A16Linear(3, 2, device="meta")
    skeleton.load_state_dict(full.state_dict(), assign=True)
    x = torch.tensor([[1.0, -2.0, 0.5]])
    assert torch.equal(skeleton(x), full(x))


@pytest.mark.parametrize("missing", ["q_weight", "scales", "bias"])
def test_a_state_dict_must_be_whole(missing):
    state = layer().state_dict()
    del state[missing]
    with pytest.raises(RuntimeError, match=missing):
        W8A16Linear(3, 2).load_state_dict(state)


def test_it_prints_what_it_is():
    assert repr(layer()) == "W8A16Linear(in_features=3, out_features=2, bias=True, dtype=torch.float32)"
    bare = nn.Sequential(W8A16Linear(64, 8, bias=False, dtype=torch.bfloat16, device="meta"))
    assert "(0): W8A16Linear(in_features=64, out_features=8, bias=False, dtype=torch.bfloat16)" in repr(bare)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_weight_is_dequantized_anew_at_each_call(dtype):
    one = layer(dtype)
    weight = one.weight
    assert (weight.dtype, weight.shape, weight.requires_grad) == (dtype, (2, 3), False)
    assert (weight.float() - WEIGHT).abs().max() <= 0.051 + 0.01 * 12.7  # half a step of row 1, and bfloat16
    weight.zero_()
    one.q_weight.neg_()
    assert one.weight[0, 0] < 0
    assert "weight" not in one.state_dict()


def test_casts_leave_the_codes_alone():
    for cast in (torch.bfloat16, torch.float16, torch.float64):
        moved = layer().to(cast)
        assert (moved.q_weight.dtype, moved.scales.dtype, moved.bias.dtype) == (torch.int8, cast, cast)
        assert torch.equal(moved.q_weight, layer().q_weight)
        y = moved(torch.tensor([[1.0, -2.0, 0.5]]))
        assert y.dtype == torch.float32 and y.isfinite().all()
    moved = layer().to("meta")
    assert {tensor.device.type for tensor in moved.buffers()} == {"meta"}


@pytest.mark.parametrize("way", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies_are_equal_and_independent(way):
    one = layer().eval()
    other = way(one)
    x = torch.tensor([[1.0, -2.0, 0.5]])
    assert torch.equal(one(x), other(x)) and not other.training
    assert repr(one) == repr(other)
    other.q_weight.zero_()
    assert one.q_weight.any()


def test_it_stands_where_a_linear_stood():
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), layer(), nn.Flatten(0))
    model(torch.ones(2, 4)).sum().backward()
    assert model[0].weight.grad is not None
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias"]
    model.requires_grad_(False).requires_grad_(True)  # would fail with int8 parameters
