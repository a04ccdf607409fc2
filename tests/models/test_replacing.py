"""Lessons 10 and 11 together: W8A16Linear in models that are not made for it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from labs_lib.layers import W8A16Linear
from labs_lib.replacement import replace_linears


@pytest.fixture(autouse=True)
def reference_solutions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_MODE", "solutions")
    torch.manual_seed(0)


def close(before: Tensor, after: Tensor) -> bool:
    """Equal up to what 8 bits cost, and not equal: something was quantized."""
    error = (after - before).norm() / before.norm()
    return 0 < float(error) < 0.02


def test_a_transformer_encoder_works_in_both_modes() -> None:
    layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
    model = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    x = torch.randn(2, 5, 32)
    with torch.no_grad():
        before = model.eval()(x), model.train()(x)
        report = replace_linears(model, W8A16Linear.from_linear)
        after = model.eval()(x), model.train()(x)
    assert len(report.replaced) == 4 and len(report.unsupported) == 2
    assert all(map(close, before, after))
    assert torch.allclose(after[0], after[1], atol=1e-5)  # the fast path reads the same weights


def test_the_fast_path_goes_past_forward() -> None:
    """In evaluation mode torch reads ``linear1.weight`` itself: W8A16Linear must have one."""
    model = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
    replace_linears(model, W8A16Linear.from_linear)
    calls: list[str] = []
    forward = W8A16Linear.forward
    for name in ("linear1", "linear2"):
        layer = model.get_submodule(name)
        layer.forward = lambda x, layer=layer, name=name: (calls.append(name), forward(layer, x))[1]
    with torch.no_grad():
        model.eval()(torch.randn(2, 5, 32))
        assert calls == []
        model.train()(torch.randn(2, 5, 32))
        assert calls == ["linear1", "linear2"]


@pytest.mark.parametrize("batch_first", [True, False])
def test_attention_is_left_alone_and_works(batch_first: bool) -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(16, 4, batch_first=batch_first)
            self.head = nn.Linear(16, 8)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.attention(x, x, x)[0])

    model, x = Model(), torch.randn(3, 5, 16)
    with torch.no_grad():
        before = model.eval()(x), model.train()(x)
        report = replace_linears(model, W8A16Linear.from_linear)
        after = model.eval()(x), model.train()(x)
    assert all(map(close, before, after))
    assert report.unsupported == ["attention.out_proj"]


def test_containers_and_odd_names() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = nn.ModuleList([nn.ModuleList([nn.Linear(4, 4)]) for _ in range(11)])
            self.heads = nn.ModuleDict({"to-k": nn.Linear(4, 4), "a b": nn.Linear(4, 4), "0": nn.Linear(4, 4)})

    model = Model()
    report = replace_linears(model, W8A16Linear.from_linear, exclude=["blocks.1.*", "a b"])
    assert report.excluded == ["blocks.1.0", "heads.a b"]
    assert len(report.replaced) == 12
    assert isinstance(model.blocks[10][0], W8A16Linear) and isinstance(model.blocks[1][0], nn.Linear)
    assert list(model.heads) == ["to-k", "a b", "0"]
    assert isinstance(model.heads["to-k"], W8A16Linear)


def test_weight_norm_stays_trainable() -> None:
    model = nn.Sequential(parametrizations.weight_norm(nn.Linear(4, 4)), nn.Linear(4, 2))
    report = replace_linears(model, W8A16Linear.from_linear)
    assert report.unsupported == ["0"] and report.replaced == ["1"]
    model(torch.randn(1, 4)).sum().backward()
    assert model[0].parametrizations.weight.original0.grad is not None


def test_an_error_says_which_layer_and_a_second_run_goes_on() -> None:
    model = nn.Sequential(*(nn.Linear(4, 4) for _ in range(4)))
    with torch.no_grad():
        model[2].weight[1, 1] = torch.nan
    with pytest.raises(ValueError, match=r"linear\.weight must not hold NaN") as caught:
        replace_linears(model, W8A16Linear.from_linear)
    assert "'2'" in caught.value.__notes__[0]
    assert [type(layer).__name__ for layer in model] == ["W8A16Linear", "W8A16Linear", "Linear", "Linear"]
    with torch.no_grad():
        model[2].weight[1, 1] = 0.0
    assert replace_linears(model, W8A16Linear.from_linear).replaced == ["2", "3"]
    assert model(torch.randn(2, 4)).isfinite().all()


def test_old_weights_are_freed_while_the_replacement_goes_on() -> None:
    model = nn.Sequential(*(nn.Linear(8, 8) for _ in range(6)))
    weights = [weakref.ref(layer.weight) for layer in model]
    seen: list[int] = []

    def build(linear: nn.Linear) -> nn.Module:
        seen.append(sum(weight() is not None for weight in weights))
        return W8A16Linear.from_linear(linear)

    gc.disable()
    try:
        replace_linears(model, build)
        assert seen == [6, 5, 4, 3, 2, 1]
        assert not any(weight() is not None for weight in weights)
    finally:
        gc.enable()


@pytest.mark.parametrize("make", [lambda: nn.Linear(2, 2), lambda: nn.LazyLinear(2)], ids=["linear", "lazy"])
def test_a_bare_layer_is_refused(make: Callable[[], nn.Module]) -> None:
    with pytest.raises(ValueError, match=r"^model must have linear layers inside"):
        replace_linears(make(), W8A16Linear.from_linear)
