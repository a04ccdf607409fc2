"""Very small transformers models with quantized layers, for the drivers of lesson 13.

A model is described in words, such as ``"tied llama, PackedLinear, bfloat16"``: an architecture of ``CONFIGS``, then in
any order the class of its quantized layers (W8A16Linear if none is named), a dtype, and what ``SPECIAL`` knows to do.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from ..load import newest

SMALL = {"vocab_size": 64, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
LLAMA = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
BERT = {**LLAMA, "max_position_embeddings": 32}
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {  # the class, and what its config is called with
    "llama": ("LlamaForCausalLM", LLAMA),
    "tied llama": ("LlamaForCausalLM", {**LLAMA, "tie_word_embeddings": True}),
    "twice": ("TwiceLlamaForCausalLM", LLAMA),
    "gpt2": ("GPT2LMHeadModel", {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 32}),
    "opt": (
        "OPTForCausalLM",
        {"hidden_size": 32, "num_hidden_layers": 1, "ffn_dim": 48, "num_attention_heads": 2}
        | {"max_position_embeddings": 32, "word_embed_proj_dim": 16},
    ),
    "codegen": (
        "CodeGenForCausalLM",
        {"n_embd": 32, "n_layer": 1, "n_head": 4, "n_positions": 32, "rotary_dim": 4},
    ),
    "bert": ("BertForMaskedLM", BERT),
    "t5": ("T5ForConditionalGeneration", {"d_model": 32, "num_layers": 1, "d_ff": 48, "num_heads": 2, "d_kv": 16}),
}
LAYERS = ("W8A16Linear", "PackedLinear")
HEADS = ("lm_head", "cls.predictions.decoder")
DTYPES = ("float32", "bfloat16", "float16", "float64")


def quantized(description: str) -> Any:
    """The described model in training mode, its linear layers exchanged for quantized ones that hold random codes."""
    words = description.split(", ")
    layer = next((word for word in words if word in LAYERS), "W8A16Linear")
    model = plain(description)
    random = torch.Generator().manual_seed(13)
    for parameter in model.parameters():
        parameter.data.copy_(torch.randn(parameter.shape, generator=random) / 3)
    if "head too" in words:
        replace(model, ["lm_head"], layer, random)
    for names in linears(model):
        replace(model, names, layer, random)
    for word in words:
        if word in SPECIAL:
            SPECIAL[word](model)
    return model


def plain(description: str) -> Any:
    """The described model before anything is quantized, on the default device."""
    words = description.split(", ")
    kind, config = kind_of(words[0]), config_of(words[0])
    with default_dtype(next((word for word in words if word in DTYPES), "float32")), torch.random.fork_rng(devices=[]):
        model = kind(config)
    config.dtype = None  # what a config says by itself; exercise 13.1 has to say it
    return model


def config_of(architecture: str) -> Any:
    """The config of an architecture. It names no class and no dtype."""
    return kind_of(architecture).config_class(**SMALL, **CONFIGS[architecture][1])


def kind_of(architecture: str) -> Any:
    """The class of a model."""
    import transformers

    name = CONFIGS[architecture][0]
    return twice() if name.startswith("Twice") else getattr(transformers, name)


def twice() -> Any:
    """A Llama whose second block uses a layer of the first: one module in two places."""
    import transformers

    class TwiceLlamaForCausalLM(transformers.LlamaForCausalLM):  # type: ignore[misc]
        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.model.layers[1].mlp.up_proj = self.model.layers[0].mlp.up_proj

    return TwiceLlamaForCausalLM


@contextlib.contextmanager
def known_to_transformers() -> Iterator[None]:
    """The class of ``twice`` stands among those of transformers, where a config's architecture is looked up."""
    import transformers

    kind = twice()
    setattr(transformers, kind.__name__, kind)
    try:
        yield
    finally:
        delattr(transformers, kind.__name__)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """transformers draws no bars and warns of nothing while an exercise is checked."""
    from transformers.utils import logging

    verbosity, draws = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if draws:
            logging.enable_progress_bar()


@contextlib.contextmanager
def default_dtype(name: str) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, name))
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def linears(model: nn.Module) -> list[list[str]]:
    """All names of each linear layer but the head: ``nn.Linear``, and GPT-2's Conv1D."""
    names: dict[nn.Module, list[str]] = {}
    for name, module in model.named_modules(remove_duplicate=False):
        if type(module).__name__ in ("Linear", "Conv1D") and name not in HEADS:
            names.setdefault(module, []).append(name)
    return list(names.values())


def replace(model: nn.Module, names: list[str], layer: str, random: torch.Generator) -> None:
    """Put one new layer with random codes into all places of an old one."""
    old: Any = model.get_submodule(names[0])
    outputs, inputs = reversed(old.weight.shape) if type(old).__name__ == "Conv1D" else old.weight.shape
    new = empty_layer(layer, inputs, outputs, old.bias is not None, old.weight.dtype)
    for buffer in new.buffers():
        if buffer.is_floating_point():
            buffer.copy_(torch.rand(buffer.shape, generator=random) / 100 + 0.001)
        else:
            limits = torch.iinfo(buffer.dtype)
            buffer.copy_(torch.randint(max(limits.min, -127), limits.max + 1, buffer.shape, generator=random))
    for place in names:
        model.set_submodule(place, new)


def empty_layer(layer: str, inputs: int, outputs: int, bias: bool, dtype: torch.dtype) -> nn.Module:
    if layer == "W8A16Linear":
        return newest("layers").W8A16Linear(inputs, outputs, bias, dtype=dtype)
    halves = {"bits": 4, "group_size": 12, "scale_dtype": torch.float16}  # groups that do not divide the rows
    return newest("packing").PackedLinear(inputs, outputs, bias, dtype=dtype, **halves)


def untie(model: Any) -> None:
    """The head gets a weight of its own. The config is not told."""
    model.lm_head.weight = nn.Parameter(model.lm_head.weight.detach().flip(0).contiguous())


def transpose(model: Any) -> None:
    """The head's weight lies in memory by columns."""
    model.lm_head.weight = nn.Parameter(model.lm_head.weight.detach().T.contiguous().T)


def outdate(model: Any) -> None:
    """The config says what the model was made from, not what it is."""
    model.config.architectures, model.config.dtype = ["LlamaModel"], torch.float64


def set_generation(model: Any) -> None:
    model.generation_config.max_new_tokens = 7


SPECIAL: dict[str, Callable[[Any], None]] = {
    "untied by hand": untie,
    "transposed head": transpose,
    "outdated config": outdate,
    "in eval mode": nn.Module.eval,  # type: ignore[dict-item]
    "seven tokens": set_generation,
}


def names_of_tensors(model: nn.Module) -> tuple[tuple[str, ...], ...]:
    """The names of each tensor that would be saved, those of one tensor together."""
    names: dict[int, list[str]] = {}
    state = model.state_dict(keep_vars=True)
    for name, tensor in state.items():
        names.setdefault(id(tensor), []).append(name)
    return tuple(tuple(group) for group in names.values())


def names_of_modules(model: nn.Module) -> tuple[tuple[str, ...], ...]:
    """All names of each module that stands in several places."""
    names: dict[nn.Module, list[str]] = {}
    for name, module in model.named_modules(remove_duplicate=False):
        names.setdefault(module, []).append(name)
    return tuple(tuple(group) for group in names.values() if len(group) > 1)


def logits(model: Any) -> Tensor:
    """What a model answers to six tokens, in the mode that it is in. Dropout draws from a fixed seed."""
    ids = torch.tensor([[5, 9, 33, 2, 60, 17]])
    decoder = {"decoder_input_ids": ids.flip(1)} if type(model).__name__.startswith("T5") else {}
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        answer: Tensor = model(input_ids=ids, **decoder).logits
    return answer
