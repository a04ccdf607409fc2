"""Activations that have one sign, or nearly: what leaves a GELU, and the shares that attention hands out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from . import minilm

HEADS, WIDTH = 12, 32  # of MiniLM's attention: 12 heads of 32 features


def gelu_and_attention(text: str, layer: int) -> tuple[Tensor, Tensor]:
    """Read a text and keep two tensors of one layer. Without the wheel a line says so, and others stand in.

    Args:
        text: English, at most 512 tokens.
        layer: 0 to 5.

    Returns:
        GELU outputs, (tokens, 1536), never below -0.17; and attention, (12, tokens, tokens), all from 0 to 1,
        each row adding up to 1. Both float32.
    """
    if not minilm.available():
        print(f"all-MiniLM-L6-v2 is not installed; random activations stand in. {minilm.INSTALL}")
        return _stand_in(tokens=64)
    seen = minilm.activations([text])
    block = f"encoder.layer.{layer}"
    query, key = (_heads(seen[f"{block}.attention.self.{name}.output"]) for name in ("query", "key"))
    return seen[f"{block}.intermediate.intermediate_act_fn.output"], _attention(query, key)


def _attention(query: Tensor, key: Tensor) -> Tensor:
    return torch.softmax(query @ key.mT / WIDTH**0.5, dim=-1)


def _heads(x: Tensor) -> Tensor:
    """(tokens, 384) to (12, tokens, 32)."""
    return x.unflatten(-1, (HEADS, WIDTH)).transpose(0, 1)


def _stand_in(tokens: int) -> tuple[Tensor, Tensor]:
    normal = torch.Generator().manual_seed(0)
    gelu = nn.functional.gelu(torch.randn(tokens, 4 * HEADS * WIDTH, generator=normal))
    query, key = torch.randn(2, HEADS, tokens, WIDTH, generator=normal)
    return gelu, _attention(query, key)
