"""The given helpers of lesson 12: which layers are linear by another name, and what is listed besides."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from labs_lib.course import modes
from labs_lib.layers import W8A16Linear
from labs_lib.models import conv1d_to_linear, quantize_model


def named(name: str, *bases: type[nn.Module]) -> type[nn.Module]:
    """A class that is called like one of transformers."""
    return type(name, bases, {})


class Transposed(nn.Module):
    """What GPT-2 calls Conv1D."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.randn(3, 5)), nn.Parameter(torch.randn(5))


class Wrapper(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(2, 2, 1)


@pytest.fixture(autouse=True)
def the_reference() -> object:
    with modes.using(modes.Mode("solutions")):
        yield


def test_gpt2_layer_becomes_an_equal_linear_layer_that_shares_its_memory() -> None:
    old = named("Conv1D", Transposed)()
    model = nn.Sequential(old)
    conv1d_to_linear(model, ())
    x = torch.randn(2, 3)
    assert type(model[0]) is nn.Linear and (model[0].in_features, model[0].out_features) == (3, 5)
    assert model[0].weight.data_ptr() == old.weight.data_ptr() and model[0].bias is old.bias
    assert torch.allclose(model[0](x), x @ old.weight + old.bias)


def test_falcon_layer_is_quantized() -> None:
    model = nn.Sequential(named("FalconLinear", nn.Linear)(3, 5, bias=False))
    assert quantize_model(model).replaced == ["0"]
    assert isinstance(model[0], W8A16Linear)


@pytest.mark.parametrize("kind", [lambda: named("Conv1D", nn.Conv1d)(2, 3, 3), named("Conv1D", Wrapper)])
def test_a_convolution_of_that_name_is_left(kind: type[nn.Module]) -> None:
    model = nn.Sequential(kind(), nn.Linear(2, 2))
    report = quantize_model(model)
    assert report.replaced == ["1"] and report.unsupported in (["0"], ["0.conv"])


def test_excluded_and_tied_ones_are_left() -> None:
    first, second = (named("Conv1D", Transposed)() for _ in range(2))
    third, fourth = (named("Conv1D", Transposed)() for _ in range(2))
    fourth.weight = third.weight
    model = nn.Sequential(first, second, third, fourth)
    report = quantize_model(model, exclude=["1"])
    assert (report.replaced, report.excluded, report.unsupported) == (["0"], ["1"], ["2"])
    assert sum(report.sizes.values()) + sum(p.numel() for p in (first.bias, second.bias, third.bias, fourth.bias)) == (
        report.total
    )


def test_computed_weights_are_listed_by_what_they_are_computed_from() -> None:
    model = nn.Sequential(parametrizations.weight_norm(nn.Linear(4, 6)), nn.Linear(6, 3))
    report = quantize_model(model)
    assert report.replaced == ["1"]
    assert report.sizes == {
        "0": 0,
        "0.parametrizations.weight.original0": 6,
        "0.parametrizations.weight.original1": 24,
        "1": 18,
    }
    assert sum(report.sizes.values()) + 6 + 3 == report.total
