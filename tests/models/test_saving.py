"""``save_quantized`` and ``load_quantized`` on the transformers library: architectures that are hard in some way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from labs_lib.course import modes
from labs_lib.course.drivers.small_models import names_of_tensors, quiet
from labs_lib.hub import load_quantized, save_quantized
from labs_lib.layers import W8A16Linear
from labs_lib.models import quantize_model
from labs_lib.packing import PackedLinear

from .architectures import ARCHITECTURES
from .building import answer, build, inputs

# What makes each hard. In the quick loop are the first three.
HARD = {
    "codegen": "a table in its attention that no file holds",
    "t5": "four names for one weight",
    "clip": "its given initialization fills a weight beside the table that it is called for",
    "albert": "one block that is run several times",
    "bert": "a head that shares its bias",
    "dbrx": "experts, whose kernel rounds otherwise where weights lie at an odd place",
    "deepseek_v3": "latent attention, and a table of its own",
    "detr": "a convolutional backbone with frozen norms",
    "efficientnet": "convolutions, whose kernel rounds otherwise where weights lie at an odd place",
    "falcon_h1": "tables of its blocks that the model around them computes",
    "gpt2": "Conv1D, and a tied head",
    "luke": "a tie beside the one of a quantized head",
    "opt": "a head behind a projection",
    "swinv2": "a table whose dtype is asked of a layer that has no parameters any more",
    "wav2vec2": "a weight that is computed from two others",
    "whisper": "an encoder of sounds",
}
LAYERS = {"8 bits": W8A16Linear, "4 bits": PackedLinear}
NAMED = {architecture.name: architecture for architecture in ARCHITECTURES}
QUICK = tuple(HARD)[:3]

pytestmark = pytest.mark.filterwarnings("ignore")  # what transformers warns about is not ours


@pytest.fixture(autouse=True)
def the_reference() -> Iterator[None]:
    with modes.using(modes.Mode("solutions")), quiet():
        yield


def named() -> list[object]:
    slow = pytest.mark.slow
    pairs = [(name, layer) for name in HARD for layer in LAYERS]
    quick = [(name, "8 bits") for name in QUICK]
    return [pytest.param(*pair, id=" ".join(pair), marks=[] if pair in quick else [slow]) for pair in pairs]


@pytest.mark.parametrize(("name", "layer"), named())
def test_it_comes_back_to_the_bit(name: str, layer: str, tmp_path: Path) -> None:
    model, given = build(NAMED[name]), inputs(NAMED[name])
    quantize_model(model, layer=LAYERS[layer])
    loaded = load_quantized(save_quantized(model, tmp_path))
    assert type(loaded) is type(model)
    now = dict(tensors_of(loaded))
    assert now.keys() == dict(tensors_of(model)).keys()
    for key, tensor in tensors_of(model):
        assert torch.equal(now[key].nan_to_num(), tensor.nan_to_num()), key
        assert now[key].requires_grad == tensor.requires_grad, key
    assert names_of_tensors(loaded) == names_of_tensors(model)
    expected, got = answer(model, given), answer(loaded, given)
    assert expected.keys() == got.keys()
    for key, tensor in expected.items():
        assert torch.equal(got[key], tensor), key


def tensors_of(model: nn.Module) -> list[tuple[str, torch.Tensor]]:
    return [*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False)]
