"""MiniLM as a module whose layers can be exchanged."""

from __future__ import annotations

import pytest
import torch

from labs_lib.zoo import minilm, sentences

TEXTS = ["A cat sat on the mat.", "Rain."]


@pytest.fixture(params=["real", "stand-in"])
def encoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> torch.nn.Module:
    if request.param == "stand-in":
        monkeypatch.setattr(minilm, "available", lambda: False)
        sentences._model.cache_clear()
    elif not minilm.available():
        pytest.skip("the wheel is not installed")
    request.addfinalizer(sentences._model.cache_clear)
    return sentences.encoder()


def test_it_embeds_as_its_parameters_do(encoder: torch.nn.Module) -> None:
    vectors = sentences.embed_with(encoder, TEXTS)
    assert vectors.shape == (2, 384)
    assert torch.allclose(vectors, sentences.embed(TEXTS, dict(encoder.named_parameters())), atol=1e-6)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(2))


def test_each_one_is_new(encoder: torch.nn.Module) -> None:
    before = sentences.embed_with(encoder, TEXTS)
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.mul_(0.5)
    assert torch.equal(sentences.embed_with(sentences.encoder(), TEXTS), before)


def test_a_stand_in_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(minilm, "available", lambda: False)
    sentences.encoder()
    assert "random weights of its shapes stand in" in capsys.readouterr().out
