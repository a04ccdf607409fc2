"""Nine things that go wrong with quantizers in transformers. The first, a missing import, is in test_fresh too."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
import torch
import transformers
from transformers.quantizers.auto import AUTO_QUANTIZER_MAPPING

from labs_lib import hub
from labs_lib.granularity import quantize_per_group
from labs_lib.packing import to_signed, unpack
from labs_lib.zoo import plugin
from labs_lib.zoo.plugin import LabsConfig, guarding, registering

from .conftest import load, logits, same_tensors


def test_1_the_guard_is_in_the_file_and_nowhere_else(floats: dict[str, Path], tmp_path: Path) -> None:
    model = load(floats["tied"], LabsConfig())
    assert not hasattr(model.config, "fusion_config")
    model.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["fusion_config"] == {guarding.FUSION: True}
    for again in (load(tmp_path), model.dequantize()):
        assert not hasattr(again.config, "fusion_config")


def test_1_the_guard_leaves_other_fusions_alone() -> None:
    config = transformers.LlamaConfig(fusion_config={"patch_embeddings": True})
    guarding.guard(config)
    assert config.fusion_config == {"patch_embeddings": True, guarding.FUSION: True}
    guarding.unguard(config)
    assert config.fusion_config == {"patch_embeddings": True}


@pytest.mark.parametrize("exclude", [[], ["nothing.like.this"], ["*.up_proj"], ["lm_head"]])
@pytest.mark.parametrize("kind", ["tied", "gpt2"])
def test_2_a_tied_head_never_becomes_nan(
    floats: dict[str, Path], tmp_path: Path, kind: str, exclude: list[str]
) -> None:
    model = load(floats[kind], LabsConfig(bits=2, group_size=8, exclude=exclude))
    assert type(model.lm_head) is torch.nn.Linear
    assert model.lm_head.weight is model.get_input_embeddings().weight
    report = model.hf_quantizer.report
    assert "lm_head" in (report.excluded if "lm_head" in exclude else report.tied)
    model.save_pretrained(tmp_path)
    assert logits(model).isfinite().all() and torch.equal(logits(model), logits(load(tmp_path)))


def test_2_the_head_stays_whatever_the_learners_function_does(
    floats: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labs_lib.replacement.shared_weights", lambda model: set())
    monkeypatch.setattr("solutions.replacement.shared_weights", lambda model: set())
    model = load(floats["tied"], LabsConfig(exclude=[]))
    assert type(model.lm_head) is torch.nn.Linear and model.hf_quantizer.report.tied == ["lm_head"]


def test_3_a_pattern_never_matches_by_a_mere_ending(floats: dict[str, Path]) -> None:
    """transformers' own patterns do: "proj" would skip every layer here, "gate" a layer called "navigate"."""
    everything = load(floats["tied"], LabsConfig()).hf_quantizer.report.replaced
    for pattern in ("proj", "p_proj", "ate_proj", "up"):
        assert load(floats["tied"], LabsConfig(exclude=["lm_head", pattern])).hf_quantizer.report.replaced == everything
    model = load(floats["tied"], LabsConfig(exclude=["lm_head", "up_proj"]))
    assert model.hf_quantizer.report.excluded == [f"model.layers.{i}.mlp.up_proj" for i in (0, 1)] + ["lm_head"]


def test_4_gpt2_is_quantized_although_it_has_no_linear_layer(floats: dict[str, Path]) -> None:
    model = load(floats["gpt2"], LabsConfig())
    assert len(model.hf_quantizer.report.replaced) == 8
    c_attn, original = model.transformer.h[0].attn.c_attn, load(floats["gpt2"]).transformer.h[0].attn.c_attn
    assert (c_attn.in_features, c_attn.out_features) == (32, 96)
    torch.testing.assert_close(c_attn.weight, original.weight.T, atol=float(c_attn.scales.max()) / 1.99, rtol=0)


def test_4_nothing_to_quantize_is_an_error(floats: dict[str, Path]) -> None:
    with pytest.raises(ValueError, match=r"GPT2LMHeadModel has no layer to quantize with exclude=\['\*'\]"):
        load(floats["gpt2"], LabsConfig(exclude=["*"]))


def test_5_and_9_codes_and_scales_of_a_bfloat16_model(floats: dict[str, Path], tmp_path: Path) -> None:
    load(floats["untied"], dtype=torch.bfloat16).save_pretrained(tmp_path / "bf16")
    original = load(tmp_path / "bf16")
    assert original.dtype == torch.bfloat16
    model = load(tmp_path / "bf16", LabsConfig(bits=4, group_size=8))
    model.save_pretrained(tmp_path / "small")
    again = load(tmp_path / "small")
    for name in model.hf_quantizer.report.replaced:
        q, scales = quantize_per_group(original.get_submodule(name).weight.float(), 8, bits=4)  # upcast first
        for layer in (model.get_submodule(name), again.get_submodule(name)):
            assert torch.equal(to_signed(unpack(layer.packed_weight, 4, layer.in_features), 4), q)
            assert layer.scales.dtype == torch.float32 and torch.equal(layer.scales, scales)
            assert layer.bias is None or layer.bias.dtype == torch.bfloat16
    assert again.dtype == logits(again).dtype == torch.bfloat16
    assert torch.equal(logits(model), logits(again))


@pytest.mark.parametrize("config", [LabsConfig(), LabsConfig(bits=4, group_size=16)])
def test_6_scales_survive_a_cast(floats: dict[str, Path], tmp_path: Path, config: LabsConfig) -> None:
    model = load(floats["untied"], config)
    scales = {name: buffer.clone() for name, buffer in model.named_buffers() if name.endswith("scales")}
    model.to(torch.bfloat16).double().to("cpu").bfloat16()
    for name, before in scales.items():
        assert model.get_buffer(name).dtype == torch.float32 and torch.equal(model.get_buffer(name), before)
    assert logits(model).dtype == torch.bfloat16
    model.save_pretrained(tmp_path)
    for again in (load(tmp_path), hub.load_quantized(tmp_path)):
        assert again.dtype == torch.bfloat16
        for name, before in scales.items():
            assert torch.equal(again.get_buffer(name), before)


def test_6_transformers_refuses_half_and_float(floats: dict[str, Path]) -> None:
    model = load(floats["untied"], LabsConfig())
    for cast in (model.half, model.float):
        with pytest.raises(ValueError, match="not supported for quantized model"):
            cast()


def test_7_registering_twice_is_harmless(floats: dict[str, Path], tmp_path: Path) -> None:
    model = load(floats["tied"], LabsConfig())
    model.save_pretrained(tmp_path)
    importlib.reload(plugin)
    registering.register(plugin.LabsConfig, plugin.LabsQuantizer)
    assert same_tensors(load(tmp_path), model)
    assert same_tensors(load(floats["tied"], plugin.LabsConfig()), model)


def test_7_a_name_that_somebody_else_has_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(AUTO_QUANTIZER_MAPPING, "labs", dict)
    with pytest.raises(ValueError, match="'labs' is already registered by builtins"):
        registering.register(plugin.LabsConfig, plugin.LabsQuantizer)


def test_7_another_method_for_a_quantized_checkpoint_is_an_error(floats: dict[str, Path], tmp_path: Path) -> None:
    load(floats["tied"], LabsConfig()).save_pretrained(tmp_path)
    other = transformers.BitsAndBytesConfig(load_in_8bit=True)
    with pytest.raises(ValueError, match="quantized with LabsConfig but you are passing a BitsAndBytesConfig"):
        load(tmp_path, quantization_config=other)


def test_7_another_request_for_a_quantized_checkpoint_is_a_warning_and_the_file_wins(
    floats: dict[str, Path], tmp_path: Path
) -> None:
    model = load(floats["tied"], LabsConfig())
    model.save_pretrained(tmp_path)
    with pytest.warns(UserWarning, match="The `quantization_config` from the model will be used"):
        again = load(tmp_path, LabsConfig(bits=2, group_size=8))
    assert same_tensors(again, model)
    assert again.config.quantization_config.bits == 8


@pytest.mark.parametrize("kind", ["untied", "gpt2", "codegen"])
def test_8_dequantize_gives_a_float_model(floats: dict[str, Path], tmp_path: Path, kind: str) -> None:
    model = load(floats[kind], LabsConfig(bits=4, group_size=8))
    weights = {name: model.get_submodule(name).weight.clone() for name in model.hf_quantizer.report.replaced}
    before = logits(model)
    model.save_pretrained(tmp_path / "small")
    for one in (model, load(tmp_path / "small")):
        plain = one.dequantize()
        for name, weight in weights.items():
            layer = plain.get_submodule(name)
            assert torch.equal(layer.weight, weight.T if type(layer).__name__ == "Conv1D" else weight)
        torch.testing.assert_close(logits(plain), before, rtol=1e-5, atol=1e-5)
        plain.save_pretrained(tmp_path / "float")
        again = load(tmp_path / "float")
        assert not hasattr(again.config, "quantization_config")
        assert same_tensors(again, plain) and same_tensors(again, load(floats[kind])) is False
        assert again.state_dict().keys() == load(floats[kind]).state_dict().keys()


def test_8_dequantize_to_another_dtype_rounds_once(floats: dict[str, Path]) -> None:
    config = LabsConfig(bits=4, group_size=8)
    exact = load(floats["untied"], config, dtype=torch.bfloat16).model.layers[0].mlp.up_proj.dequantize()
    plain = load(floats["untied"], config, dtype=torch.bfloat16).dequantize(dtype=torch.float32)
    assert {parameter.dtype for parameter in plain.parameters()} == {torch.float32}
    assert torch.equal(plain.model.layers[0].mlp.up_proj.weight, exact)


def test_8_it_says_that_it_can_be_saved_and_not_trained(floats: dict[str, Path]) -> None:
    quantizer = load(floats["tied"], LabsConfig()).hf_quantizer
    assert quantizer.is_serializable() and not quantizer.is_trainable
