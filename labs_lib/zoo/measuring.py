"""What lessons ask a language model: the ids of a text, how it goes on, and what it thinks comes next."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from . import text
from .minilm import one_thread


def validation_ids(tokenizer: Any, tokens: int | None = None) -> Tensor:
    """The first tokens of the validation text, which tiny-lm has never seen.

    Args:
        tokenizer: the model's own.
        tokens: how many; all of them without a number.

    Returns:
        int64, (tokens,), without any special token.

    Raises:
        ValueError: the text has fewer tokens, or ``tokens`` is less than 1.
    """
    ids = token_ids(tokenizer, text.validation_text())
    if tokens is None:
        return ids
    if not 1 <= tokens <= len(ids):
        raise ValueError(f"tokens must be from 1 to {len(ids)} with this tokenizer, got {tokens}")
    return ids[:tokens]


def token_ids(tokenizer: Any, prose: str) -> Tensor:
    """A text as one row of ids, (tokens,), line by line: one long string would draw a warning about its length."""
    lines = tokenizer(prose.splitlines(keepends=True) or [""], add_special_tokens=False, verbose=False)["input_ids"]
    return torch.tensor([token for line in lines for token in line], dtype=torch.long)


def continuation(model: nn.Module, tokenizer: Any, prompt: str, tokens: int = 20) -> str:
    """How the model goes on when it always takes the likeliest token.

    Args:
        model: a causal language model of transformers, quantized or not.
        tokenizer: the model's own.
        prompt: what it reads first; at least one token.
        tokens: at most so many more; it may end earlier.

    Returns:
        The new text alone, without the prompt.
    """
    ids = _prompt_ids(tokenizer, prompt)
    added: list[int] = []
    with one_thread(), torch.no_grad():
        answer = model(input_ids=ids, use_cache=True)
        for _ in range(tokens):
            token = int(answer.logits[0, -1].argmax())
            if token == tokenizer.eos_token_id:
                break
            added.append(token)
            answer = model(input_ids=torch.tensor([[token]]), past_key_values=answer.past_key_values, use_cache=True)
    return tokenizer.decode(added)


def next_tokens(model: nn.Module, tokenizer: Any, prompt: str, count: int = 5) -> list[tuple[str, float]]:
    """The likeliest next tokens of a prompt, each with its probability, the likeliest first."""
    with one_thread(), torch.no_grad():
        logits = model(input_ids=_prompt_ids(tokenizer, prompt)).logits[0, -1]
    best = logits.float().softmax(-1).topk(count)
    texts = [tokenizer.decode([token]) for token in best.indices.tolist()]
    return list(zip(texts, best.values.tolist(), strict=True))


def _prompt_ids(tokenizer: Any, prompt: str) -> Tensor:
    ids = token_ids(tokenizer, prompt)
    if len(ids) == 0:
        raise ValueError(f"prompt must have at least one token, got {prompt!r}")
    return ids.unsqueeze(0)
