"""The check of the sweep must fail where ``quantize_model`` is wrong: each of these mistakes must be noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from labs_lib.course import modes
from labs_lib.layers import W8A16Linear
from labs_lib.models import conv1d_to_linear
from labs_lib.replacement import ReplacementReport, replace_linears

from .architectures import Architecture
from .checking import check

pytestmark = pytest.mark.filterwarnings("ignore")


def one_scale_for_all(cls: type[W8A16Linear], linear: nn.Linear) -> W8A16Linear:
    layer = cls(linear.in_features, linear.out_features, linear.bias is not None)
    step = float(linear.weight.abs().amax() / 127)
    layer.q_weight.copy_(torch.round(linear.weight.detach() / step))
    layer.scales.fill_(step)
    if linear.bias is not None:
        layer.bias.copy_(linear.bias.detach())
    return layer


def no_bias(self: W8A16Linear, x: Tensor) -> Tensor:
    return nn.functional.linear(x, self.q_weight.to(x.dtype)) * self.scales


def always_float32(self: W8A16Linear, x: Tensor) -> Tensor:
    y = nn.functional.linear(x.float(), self.q_weight.float()) * self.scales
    return y if self.bias is None else y + self.bias.float()


def lists_only_linear_layers(model: nn.Module, *, layer: Any = W8A16Linear, exclude: Any = ("lm_head",)) -> Any:
    conv1d_to_linear(model, exclude)
    return replace_linears(model, layer.from_linear, exclude=exclude)


def says_nothing_of_ties(model: nn.Module, build: Callable[[nn.Linear], nn.Module], *, exclude: Any = ()) -> Any:
    report = ReplacementReport(total=sum(parameter.numel() for parameter in model.parameters()))
    linears = [(name, module) for name, module in model.named_modules() if type(module) is nn.Linear]
    for name, linear in linears:
        model.set_submodule(name, build(linear))
        report.replaced.append(name)
        report.sizes[name] = linear.weight.numel()
    return report


@pytest.mark.parametrize(
    ("name", "exercise", "body", "says"),
    [
        ("bert", "10.2", one_scale_for_all, "more than half a step"),
        ("bert", "10.3", no_bias, "off by more than half a step"),
        ("bert", "10.3", always_float32, "dtype|BFloat16"),
        ("bert", "12.2", lists_only_linear_layers, "not counted once"),
        ("bert", "11.2", says_nothing_of_ties, "not counted once"),
    ],
)
def test_the_check_notices(name: str, exercise: str, body: Callable[..., Any], says: str) -> None:
    with (
        modes.using(modes.Mode("solutions", replaced={exercise: body})),
        pytest.raises((AssertionError, RuntimeError), match=says),
    ):
        check(Architecture("masked-lm", name))
