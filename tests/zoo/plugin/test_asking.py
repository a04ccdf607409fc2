"""``LabsConfig``: what can be asked for, and how it is written down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labs_lib import hub, layers, packing
from labs_lib.zoo.plugin import LabsConfig

from .conftest import load, same_tensors


def test_which_class_makes_the_layers() -> None:
    assert LabsConfig().layer() is layers.W8A16Linear
    assert LabsConfig(bits=8, group_size=64).layer() == packing.Packing(8, 64)
    assert LabsConfig(bits=2, group_size=1).layer() == packing.Packing(2, 1)


@pytest.mark.parametrize(
    ("asked", "kind", "message"),
    [
        ({"bits": 4}, ValueError, "group_size must be given for 4 bits"),
        ({"bits": 3, "group_size": 8}, ValueError, "bits must be one of 2, 4, 8, got 3"),
        ({"bits": True}, ValueError, "bits must be one of 2, 4, 8, got True"),
        ({"bits": 4, "group_size": 0}, ValueError, "group_size must be a whole number of at least 1, got 0"),
        ({"exclude": "lm_head"}, TypeError, "exclude must be a list or tuple of patterns, got the string 'lm_head'"),
        ({"bit": 4}, TypeError, "bit"),
    ],
)
def test_what_cannot_be_asked_for(asked: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        LabsConfig(**asked)
    with pytest.raises(kind, match=message):
        LabsConfig.from_dict({"quant_method": "labs", **asked})


def test_it_reads_what_it_writes() -> None:
    config = LabsConfig(bits=4, group_size=32, exclude=["a"])
    assert config.to_dict() == {"quant_method": "labs", "bits": 4, "group_size": 32, "exclude": ["a"]}
    assert LabsConfig.from_dict(config.to_dict()).to_dict() == config.to_dict()
    config.layers = {"b": {"class": "W8A16Linear"}}
    assert LabsConfig.from_dict(config.to_dict()).to_dict() == config.to_dict()
    assert repr(config) == "LabsConfig(bits=4, group_size=32, exclude=['a']) with 1 layers"


def test_a_recipe_of_another_version_or_without_layers_is_refused() -> None:
    with pytest.raises(ValueError, match=r"config.json must have version 1 .* got 2"):
        LabsConfig.from_dict({"quant_method": "labs", "version": 2, "layers": {"a": {}}})
    with pytest.raises(ValueError, match=r"config.json must name quantized layers"):
        LabsConfig.from_dict({"quant_method": "labs", "version": 1, "layers": {}})


def test_words_can_ask_as_well(floats: dict[str, Path]) -> None:
    words = {"quant_method": "labs", "bits": 4, "group_size": 8}
    model = load(floats["tied"], quantization_config=words)
    assert same_tensors(model, load(floats["tied"], LabsConfig(bits=4, group_size=8)))


def test_one_request_serves_several_models(floats: dict[str, Path]) -> None:
    asked = LabsConfig(bits=4, group_size=8)
    models = [load(floats[kind], asked) for kind in ("tied", "untied", "tied")]
    assert asked.layers == {}
    assert same_tensors(models[0], models[2])
    assert [len(model.config.quantization_config.layers) for model in models] == [14, 7, 14]
    again = load(floats["untied"], models[0].config.quantization_config)  # with a recipe in it, of another model
    assert same_tensors(again, models[1])


def test_a_recipe_that_did_not_ask_cannot_quantize(floats: dict[str, Path], tmp_path: Path) -> None:
    hub.save_quantized(load(floats["tied"], LabsConfig()), tmp_path)
    config = load(tmp_path).config.quantization_config
    assert repr(config) == "LabsConfig() with 14 layers"
    with pytest.raises(ValueError, match="bits must be given to quantize"):
        load(floats["tied"], config)
