"""From a GGUF file to a folder that transformers loads: dequantized weights, config, tokenizer.

GGUF is the format of llama.cpp: one file with the weights in blocks of codes, the shape of the network, and
the tokenizer. transformers can read it too, but parses the file several times (half a minute for 135 million
parameters) and will not save what it read.

Source: the GGUF specification and ``convert_hf_to_gguf.py`` of llama.cpp.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from tqdm.auto import tqdm

if TYPE_CHECKING:
    from gguf import GGUFReader
    from transformers import LlamaConfig, PreTrainedTokenizerFast

NAMES = {  # what llama.cpp calls a tensor, and what transformers calls it
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
CONTROL = 3  # the type of a token that is no text, such as <|im_start|>


def convert(file: Path, folder: Path) -> None:
    """Write ``config.json``, ``model.safetensors`` (float32) and the tokenizer of a Llama into a folder.

    Raises:
        ValueError: the file holds another architecture.
    """
    from gguf import GGUFReader
    from safetensors.torch import save_file

    reader = GGUFReader(file)
    architecture = _value(reader, "general.architecture")
    if architecture != "llama":
        raise ValueError(f"file must hold a llama, got {architecture!r} in {file.name}")
    config(reader).save_pretrained(folder)
    tokenizer(reader).save_pretrained(folder)
    save_file(weights(reader), folder / "model.safetensors", metadata={"format": "pt"})


def config(reader: GGUFReader) -> LlamaConfig:
    """The shape of the network. Without a head of its own it reads the embedding as its head: they are tied."""
    from transformers import LlamaConfig

    def number(name: str) -> Any:
        return _value(reader, f"llama.{name}")

    rotary: Any = {"rope_theta": number("rope.freq_base")}  # transformers 5 takes it too, and keeps it elsewhere
    return LlamaConfig(
        architectures=["LlamaForCausalLM"],
        vocab_size=number("vocab_size"),
        hidden_size=number("embedding_length"),
        intermediate_size=number("feed_forward_length"),
        num_hidden_layers=number("block_count"),
        num_attention_heads=number("attention.head_count"),
        num_key_value_heads=number("attention.head_count_kv"),
        max_position_embeddings=number("context_length"),
        rms_norm_eps=float(f"{number('attention.layer_norm_rms_epsilon'):.6g}"),  # a float32: 9.99999974e-06
        tie_word_embeddings=all(tensor.name != "output.weight" for tensor in reader.tensors),
        bos_token_id=_value(reader, "tokenizer.ggml.bos_token_id"),
        eos_token_id=_value(reader, "tokenizer.ggml.eos_token_id"),
        pad_token_id=_value(reader, "tokenizer.ggml.padding_token_id"),
        dtype="float32",
        **rotary,
    )


def weights(reader: GGUFReader) -> dict[str, Tensor]:
    """All tensors in float32, (out, in), by transformers' names."""
    from gguf.quants import dequantize

    heads = {
        "attn_q": _value(reader, "llama.attention.head_count"),
        "attn_k": _value(reader, "llama.attention.head_count_kv"),
    }
    found = {}
    quiet = bool(os.environ.get("TQDM_DISABLE"))  # which the notebook's kind of bar does not read by itself
    for tensor in tqdm(reader.tensors, desc="making float32 weights of the codes, once", disable=quiet):
        block, part = _split(tensor.name)
        values = torch.tensor(dequantize(tensor.data, tensor.tensor_type))  # a copy of its own
        if part in heads:
            values = _halves(values, heads[part])
        found[f"{block}{NAMES[part]}.weight"] = values.contiguous()
    return found


def tokenizer(reader: GGUFReader) -> PreTrainedTokenizerFast:
    """The byte-level BPE of SmolLM, in which every digit is a token of its own."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    kind = (_value(reader, "tokenizer.ggml.model"), _value(reader, "tokenizer.ggml.pre"))
    if kind != ("gpt2", "smollm"):
        raise ValueError(f"the tokenizer must be ('gpt2', 'smollm'), got {kind}")
    tokens: list[str] = _value(reader, "tokenizer.ggml.tokens")
    merges = [tuple(pair.split(" ")) for pair in _value(reader, "tokenizer.ggml.merges")]
    types = _value(reader, "tokenizer.ggml.token_type")
    inner = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    inner.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens([token for token, kind in zip(tokens, types, strict=True) if kind == CONTROL])
    named = {
        f"{role}_token": tokens[_value(reader, f"tokenizer.ggml.{field}_token_id")]
        for role, field in (("bos", "bos"), ("eos", "eos"), ("unk", "unknown"), ("pad", "padding"))
    }
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        model_max_length=_value(reader, "llama.context_length"),
        chat_template=_value(reader, "tokenizer.chat_template"),
        **named,
    )


def _value(reader: GGUFReader, key: str) -> Any:
    return reader.fields[key].contents()


def _split(name: str) -> tuple[str, str]:
    """``blk.3.attn_q.weight`` is ``("model.layers.3.", "attn_q")``, ``output.weight`` is ``("", "output")``."""
    parts = name.removesuffix(".weight").split(".")
    return (f"model.layers.{parts[1]}.", parts[2]) if parts[0] == "blk" else ("", parts[0])


def _halves(weight: Tensor, heads: int) -> Tensor:
    """Reorder the rows of a query or key projection.

    Rotary positions turn pairs of a head's features. llama.cpp keeps the two of a pair in neighbouring rows,
    transformers in the two halves of the head. Whole rows move, so the blocks along a row stay as they are.
    """
    rows, columns = weight.shape
    return weight.view(heads, rows // heads // 2, 2, columns).transpose(1, 2).reshape(rows, columns)
