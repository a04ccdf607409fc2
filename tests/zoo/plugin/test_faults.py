"""Checkpoints that do not fit, and functions that fail: a clear error, and never a model with numbers from nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import safetensors.torch
import torch
import transformers

from labs_lib.course import modes
from labs_lib.zoo.plugin import LabsConfig

from .conftest import load, write

UP = "model.layers.0.mlp.up_proj"
ASKED = LabsConfig(bits=4, group_size=16)


@pytest.fixture
def small(floats: dict[str, Path], tmp_path: Path) -> Path:
    """A quantized checkpoint."""
    load(floats["untied"], ASKED).save_pretrained(tmp_path / "small")
    return tmp_path / "small"


def tensors(folder: Path) -> dict[str, torch.Tensor]:
    return safetensors.torch.load_file(folder / "model.safetensors")


@pytest.mark.parametrize("name", [f"{UP}.packed_weight", f"{UP}.scales", "model.layers.0.self_attn.q_proj.bias"])
def test_a_missing_tensor_of_a_quantized_layer(small: Path, tmp_path: Path, name: str) -> None:
    found = tensors(small)
    del found[name]
    with pytest.raises(ValueError, match=f"the checkpoint lacks the tensor '{name}'"):
        load(write(tmp_path / "bad", found, small))


def test_a_tensor_of_another_shape(small: Path, tmp_path: Path) -> None:
    found = tensors(small)
    found[f"{UP}.scales"] = found[f"{UP}.scales"][:5].clone()
    with pytest.raises((RuntimeError, ValueError), match=r"ignore_mismatched_sizes|must have shape \(48, 2\), got"):
        load(write(tmp_path / "bad", found, small))


def test_a_recipe_of_another_model(small: Path, tmp_path: Path) -> None:
    config = json.loads((small / "config.json").read_text())
    layers = config["quantization_config"]["layers"]
    layers["model.layers.7.mlp.up_proj"] = layers[UP]
    (small / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match=r"recipe names a layer 'model.layers.7.mlp.up_proj' that the model does not"):
        load(small)


def test_a_float_weight_of_another_shape(floats: dict[str, Path], tmp_path: Path) -> None:
    found = tensors(floats["untied"])
    found[f"{UP}.weight"] = found[f"{UP}.weight"][:5].clone()
    with pytest.raises(ValueError, match=rf"{UP}.weight must have shape \(48, 32\), got \(5, 32\)"):
        load(write(tmp_path / "bad", found, floats["untied"]), ASKED)


def test_a_weight_that_is_nan_raises_what_from_linear_raises(floats: dict[str, Path], tmp_path: Path) -> None:
    found = tensors(floats["untied"])
    found[f"{UP}.weight"][3, 4] = torch.nan
    with pytest.raises(ValueError, match=r"linear\.weight must not hold NaN") as caught:
        load(write(tmp_path / "bad", found, floats["untied"]), ASKED)
    assert UP in caught.value.__notes__[0]


def test_a_float_weight_without_its_bias(floats: dict[str, Path], tmp_path: Path) -> None:
    found = tensors(floats["untied"])
    del found["model.layers.0.self_attn.q_proj.bias"]
    with pytest.raises(ValueError, match=r"lacks the tensor 'model.layers.0.self_attn.q_proj.bias'"):
        load(write(tmp_path / "bad", found, floats["untied"]), ASKED)


def test_what_the_learners_function_raises_is_what_one_sees(floats: dict[str, Path]) -> None:
    def broken(cls: type, linear: torch.nn.Linear, *, bits: int = 4, group_size: int = 32) -> None:
        raise ZeroDivisionError("a mistake of mine")

    with (
        modes.using(modes.Mode("solutions", replaced={"16.3": broken})),
        pytest.raises(ZeroDivisionError, match="a mistake of mine"),
    ):
        load(floats["untied"], ASKED)


def test_a_layer_that_the_checkpoint_has_no_weights_for_stays_a_float_layer(floats: dict[str, Path]) -> None:
    """A new classifier on a pretrained body: transformers fills it with random numbers and says so."""
    kind = transformers.AutoModelForSequenceClassification
    model = kind.from_pretrained(floats["untied"], quantization_config=ASKED, num_labels=3)
    assert type(model.score) is torch.nn.Linear and not model.score.weight.is_meta
    report = model.hf_quantizer.report
    assert "score" in report.unsupported and "score" not in report.replaced
    assert "score" not in model.config.quantization_config.layers
