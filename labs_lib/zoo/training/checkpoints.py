"""Between the runs: the outliers that are planted, and the files that ship."""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from . import recipe
from .run import Training, measure


def hold_outliers(model: LlamaForCausalLM) -> None:
    """Make a few norm gains large and keep them so, while everything else goes on learning.

    A tiny model grows no outlier features by itself. Nothing is compensated here: the weights that read these
    channels have to find their own new size, as they had to in a large model.
    """
    for name, parameter in model.named_parameters():
        if name.endswith("layernorm.weight"):
            with torch.no_grad():
                parameter[list(recipe.OUTLIER_CHANNELS)] *= recipe.OUTLIER_GAIN
            parameter.requires_grad_(False)


def publish(run: Training, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write a checkpoint as it ships: float16, with its tokenizer and its loss curve."""
    perplexity = math.exp(measure(run.model, run.validation))
    print(f"{folder.name}: step {run.step}, validation perplexity {perplexity:.2f}")
    copy = LlamaForCausalLM(run.model.config)
    copy.load_state_dict(run.model.state_dict())
    copy.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    facts = {"validation_perplexity": round(perplexity, 3), "curve": run.curve}
    (folder / "training.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
