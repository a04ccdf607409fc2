"""Quantize while loading, save, load again; and the same files with the functions of lesson 13."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
import torch
import transformers

from labs_lib import hub
from labs_lib.layers import W8A16Linear
from labs_lib.models import quantize_model
from labs_lib.packing import Packing
from labs_lib.zoo.plugin import LabsConfig

from .conftest import IDS, KINDS, load, logits, same_tensors

ASKED = {
    "8": (LabsConfig(), W8A16Linear),
    "4 in 32": (LabsConfig(bits=4, group_size=32), Packing(4, 32)),
    "2 in 20": (LabsConfig(bits=2, group_size=20, exclude=[]), Packing(2, 20)),
    "8 in 8": (LabsConfig(bits=8, group_size=8), Packing(8, 8)),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
@pytest.mark.parametrize("asked", ASKED)
def test_loading_quantizes_as_quantize_model_does(floats: dict[str, Path], kind: str, asked: str) -> None:
    config, layer = ASKED[asked]
    model, expected = load(floats[kind], config), load(floats[kind])
    report = quantize_model(expected, layer=layer, exclude=config.exclude)
    assert same_tensors(model, expected)
    assert torch.equal(logits(model), logits(expected))
    assert model.hf_quantizer.report == report
    assert not model.training


@every_kind
@pytest.mark.parametrize("asked", ["8", "2 in 20"])
def test_what_is_saved_comes_back_to_the_bit_by_both_loaders(
    floats: dict[str, Path], tmp_path: Path, kind: str, asked: str
) -> None:
    model = load(floats[kind], ASKED[asked][0])
    model.save_pretrained(tmp_path)
    for again in (load(tmp_path), hub.load_quantized(tmp_path)):
        assert same_tensors(model, again)
        assert torch.equal(logits(model), logits(again))
        assert not any(tensor.is_meta for tensor in (*again.parameters(), *again.buffers()))
        assert not again.training


@every_kind
@pytest.mark.parametrize("asked", ["8", "2 in 20"])
def test_from_pretrained_reads_what_save_quantized_wrote(
    floats: dict[str, Path], tmp_path: Path, kind: str, asked: str
) -> None:
    config, layer = ASKED[asked]
    model = load(floats[kind])
    quantize_model(model, layer=layer, exclude=config.exclude)
    hub.save_quantized(model, tmp_path / "first")
    again = load(tmp_path / "first")
    assert same_tensors(model, again) and torch.equal(logits(model), logits(again))
    again.save_pretrained(tmp_path / "second")
    assert torch.equal(logits(hub.load_quantized(tmp_path / "second")), logits(model))
    hub.save_quantized(again, tmp_path / "third")
    assert torch.equal(logits(load(tmp_path / "third")), logits(model))


def test_a_head_that_was_quantized_by_itself_comes_back(floats: dict[str, Path], tmp_path: Path) -> None:
    """Its config still says that the head is tied; the recipe knows better."""
    model = load(floats["tied"])
    model.lm_head = W8A16Linear.from_linear(model.lm_head)
    hub.save_quantized(model, tmp_path)
    again = load(tmp_path)
    assert same_tensors(model, again) and torch.equal(logits(model), logits(again))


def test_the_config_holds_the_recipe_and_what_was_asked_for(floats: dict[str, Path], tmp_path: Path) -> None:
    model = load(floats["untied"], LabsConfig(bits=4, group_size=16, exclude=["lm_head", "*.k_proj"]))
    model.save_pretrained(tmp_path)
    stored = json.loads((tmp_path / "config.json").read_text())["quantization_config"]
    layers = stored.pop("layers")
    assert stored == {
        "quant_method": "labs",
        "version": 1,
        "bits": 4,
        "group_size": 16,
        "exclude": ["lm_head", "*.k_proj"],
    }
    assert layers == {name: hub.form_of(layer) for name, layer in model.named_modules() if hub.is_quantized(layer)}
    assert load(tmp_path).config.quantization_config.to_dict() == {**stored, "layers": layers}


def test_the_recipe_says_what_the_model_is_when_it_is_saved(floats: dict[str, Path], tmp_path: Path) -> None:
    model = load(floats["tied"], LabsConfig())
    linear = torch.nn.Linear(32, 48, bias=False)
    model.model.layers[1].mlp.up_proj = Packing(2, 8).from_linear(linear)
    model.model.layers[0].mlp.up_proj = linear
    model.save_pretrained(tmp_path)
    again = load(tmp_path)
    assert type(again.model.layers[0].mlp.up_proj) is torch.nn.Linear
    assert same_tensors(model, again)


def test_shards(floats: dict[str, Path], tmp_path: Path) -> None:
    whole = load(floats["gpt2"], LabsConfig(bits=4, group_size=32))
    load(floats["gpt2"]).save_pretrained(tmp_path / "float", max_shard_size="10KB")
    model = load(tmp_path / "float", LabsConfig(bits=4, group_size=32))
    assert same_tensors(model, whole)
    model.save_pretrained(tmp_path / "small", max_shard_size="5KB")
    assert len(list((tmp_path / "small").glob("*.safetensors"))) > 2
    assert same_tensors(load(tmp_path / "small"), whole)


def test_a_model_without_its_head_finds_its_layers(floats: dict[str, Path], tmp_path: Path) -> None:
    model = load(floats["tied"], LabsConfig())
    model.save_pretrained(tmp_path)
    body = transformers.AutoModel.from_pretrained(tmp_path)
    with torch.no_grad():
        assert torch.equal(body(IDS).last_hidden_state, model.model(IDS).last_hidden_state)
    assert "layers.0.mlp.up_proj" in body.config.quantization_config.layers


def test_one_tensor_of_the_file_becomes_several_layers(tmp_path: Path) -> None:
    """The files of NomicBERT hold q, k and v as one tensor, which transformers cuts while it loads."""
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1, "num_attention_heads": 4}
    config = transformers.NomicBertConfig(vocab_size=64, **sizes)
    torch.manual_seed(0)
    kind = transformers.NomicBertForMaskedLM
    kind(config).save_pretrained(tmp_path / "float")
    for exclude in ([], ["*.q_proj"]):
        asked = LabsConfig(bits=4, group_size=8, exclude=exclude)
        model = kind.from_pretrained(tmp_path / "float", quantization_config=asked)
        expected = kind.from_pretrained(tmp_path / "float")
        quantize_model(expected, layer=Packing(4, 8), exclude=exclude)
        assert same_tensors(model, expected)
        model.save_pretrained(tmp_path / "small")
        assert same_tensors(kind.from_pretrained(tmp_path / "small"), model)
        assert same_tensors(hub.load_quantized(tmp_path / "small"), model)


def test_it_generates_and_can_be_copied(floats: dict[str, Path]) -> None:
    model = load(floats["codegen"], LabsConfig(bits=4, group_size=32))
    twin = copy.deepcopy(model)
    written = [one.generate(IDS, max_new_tokens=4, do_sample=False, pad_token_id=0) for one in (model, twin)]
    assert torch.equal(*written) and written[0].shape[1] > IDS.shape[1]
    twin.transformer.h[0].mlp.fc_in.scales.zero_()
    assert model.transformer.h[0].mlp.fc_in.scales.min() > 0
    recipe = twin.config.quantization_config
    assert recipe is twin.hf_quantizer.quantization_config and recipe is not model.config.quantization_config
