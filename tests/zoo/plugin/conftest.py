"""Four tiny models on disk, saved in float32, and the ways to load them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from torch import Tensor

from labs_lib.course import modes
from labs_lib.zoo.plugin import LabsConfig

IDS = torch.arange(12).view(1, 12)
LLAMA = {"hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 4, "num_key_value_heads": 2}
GPT = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64, "bos_token_id": 0, "eos_token_id": 0}
KINDS: dict[str, Any] = {
    "tied": (transformers.LlamaConfig, {"num_hidden_layers": 2, "tie_word_embeddings": True, **LLAMA}),
    "untied": (transformers.LlamaConfig, {"num_hidden_layers": 1, "attention_bias": True, **LLAMA}),
    "gpt2": (transformers.GPT2Config, GPT),  # Conv1D layers, a tied head
    "codegen": (transformers.CodeGenConfig, {"rotary_dim": 4, **GPT}),  # buffers that no file holds, a head with a bias
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them are left out of the quick loop, which has two minutes for everything."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def the_reference() -> Iterator[None]:
    """Quiet, and on the reference: whether a learner has written the exercises is not what is tested here."""
    before = transformers.utils.logging.get_verbosity()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    with modes.using(modes.Mode("solutions")):
        yield
    transformers.utils.logging.set_verbosity(before)


@pytest.fixture(scope="session")
def floats(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of the float models, by kind."""
    root = tmp_path_factory.mktemp("floats")
    for kind, (config, sizes) in KINDS.items():
        torch.manual_seed(0)
        model = transformers.AutoModelForCausalLM.from_config(config(vocab_size=64, **sizes))
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if name.endswith("bias"):
                    parameter.normal_()  # they begin as zeros, which would hide that one is lost
        model.save_pretrained(root / kind)
    return {kind: root / kind for kind in KINDS}


def load(folder: Path, config: LabsConfig | None = None, **how: Any) -> Any:
    """``from_pretrained``, with a request or without."""
    if config is not None:
        how["quantization_config"] = config
    return transformers.AutoModelForCausalLM.from_pretrained(folder, **how)


def logits(model: Any) -> Tensor:
    """What a causal language model answers to twelve tokens."""
    with torch.no_grad():
        return model(IDS).logits


def same_tensors(one: Any, other: Any) -> bool:
    """Whether two models hold the same names with the same numbers, in the same dtypes."""
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(a[k].dtype == b[k].dtype and torch.equal(a[k], b[k]) for k in a)


def write(folder: Path, tensors: dict[str, Tensor], like: Path) -> Path:
    """A checkpoint of these tensors with the config of another one."""
    import safetensors.torch

    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text((like / "config.json").read_text())
    safetensors.torch.save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder
