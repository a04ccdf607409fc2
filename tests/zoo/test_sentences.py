"""Sentence embeddings: unit vectors, near for near meanings, and a stand-in where the wheel is missing."""

import pytest
import torch

from labs_lib.zoo import minilm, sentences

TEXTS = ["A man is eating a piece of bread.", "Someone is having a meal.", "The last train has left."]


@pytest.fixture
def without_wheel(monkeypatch):
    monkeypatch.setattr(minilm, "available", lambda: False)
    sentences._model.cache_clear()
    yield
    sentences._model.cache_clear()


@pytest.mark.skipif(not minilm.available(), reason=minilm.INSTALL)
class TestRealModel:
    def test_near_meanings_are_near(self):
        first, second, other = sentences.embed(TEXTS, sentences.parameters())
        assert first @ second > 0.4 > first @ other

    def test_vectors_have_length_one_and_do_not_depend_on_padding(self):
        together = sentences.embed(TEXTS, sentences.parameters())
        alone = sentences.embed(TEXTS[:1], sentences.parameters())
        torch.testing.assert_close(together.norm(dim=-1), torch.ones(3))
        torch.testing.assert_close(together[:1], alone, atol=1e-5, rtol=0)

    def test_the_given_parameters_are_used(self):
        changed = sentences.parameters() | {"embeddings.LayerNorm.weight": torch.zeros(384)}
        assert not torch.equal(sentences.embed(TEXTS, changed), sentences.embed(TEXTS, sentences.parameters()))
        assert sentences.parameters()["embeddings.LayerNorm.weight"].any()

    def test_a_layer_can_be_computed_by_a_function_and_only_for_one_call(self):
        parameters, name = sentences.parameters(), "encoder.layer.3.output.dense"
        before = sentences.embed(TEXTS, parameters)
        seen = []

        def layer(x):
            seen.append(x.shape)
            return torch.nn.functional.linear(x, parameters[f"{name}.weight"], parameters[f"{name}.bias"])

        torch.testing.assert_close(sentences.embed(TEXTS, parameters, {name: layer}), before, atol=1e-5, rtol=0)
        assert len(seen) == 1 and seen[0][0] == len(TEXTS) and seen[0][2] == 1536
        doubled = sentences.embed(TEXTS, parameters, {name: lambda x: 2 * layer(x)})
        assert not torch.allclose(doubled, before, atol=1e-3)
        torch.testing.assert_close(sentences.embed(TEXTS, parameters), before)

    def test_pieces_are_the_tokens_of_the_model(self):
        assert sentences.pieces("Rain fell.") == ["[CLS]", "rain", "fell", ".", "[SEP]"]

    def test_the_stand_in_has_the_shapes_of_the_model(self, without_wheel):
        stand_in = {name: weight.shape for name, weight in sentences.parameters().items()}
        assert stand_in == {name: weight.shape for name, weight in minilm.weights().items()}


def test_without_the_wheel_a_plain_line_says_so(without_wheel, capsys):
    parameters = sentences.parameters()
    assert minilm.INSTALL in capsys.readouterr().out
    vectors = sentences.embed(TEXTS, parameters)
    assert vectors.shape == (3, 384)
    torch.testing.assert_close(vectors, sentences.embed(TEXTS, parameters))
    assert sentences.pieces("Rain fell.") == ["rain", "fell", "."]
