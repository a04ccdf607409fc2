"""One run of training, which can be stopped at any moment and taken up again."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm
from transformers import LlamaForCausalLM

from . import recipe

SAVE_EVERY = 100  # steps
MEASURE_EVERY = 100
MEASURED_WINDOWS = 20  # of CONTEXT tokens, while training; the whole validation text at the end


class Training:
    """AdamW with a learning rate that rises for a moment and then falls along half a cosine."""

    def __init__(
        self, model: LlamaForCausalLM, train: Tensor, validation: Tensor, file: Path, peak: float, steps: int
    ) -> None:
        """Start, or go on from what an earlier run saved in ``file``.

        Args:
            model: trained in place; parameters that require no gradient stay as they are.
            train, validation: token ids, int64, (tokens,).
            file: where the state is saved.
            peak: the largest learning rate.
            steps: how long the whole run is.
        """
        self.model, self.train, self.validation, self.file = model, train, validation, file
        self.peak, self.steps, self.step = peak, steps, 0  # step: how many are done
        self.curve: list[dict[str, float]] = []
        self.optimizer = torch.optim.AdamW(groups(model), lr=peak, betas=(0.9, 0.95))
        if file.exists():
            state = torch.load(file)
            model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.curve = state["step"], state["curve"]

    def go(self, until: int) -> None:
        """Train up to a step."""
        bar = tqdm(range(self.step, until), initial=self.step, total=until, desc=self.file.stem)
        for step in bar:
            for group in self.optimizer.param_groups:
                group["lr"] = learning_rate(step, self.peak, self.steps)
            loss = self.one_step()
            self.step = step + 1
            if self.step % MEASURE_EVERY == 0:
                part = self.validation[: MEASURED_WINDOWS * recipe.CONTEXT]
                perplexity = math.exp(measure(self.model, part))
                self.curve.append({"step": self.step, "train_loss": loss, "validation_perplexity": perplexity})
                bar.set_postfix(perplexity=f"{perplexity:.1f}")
            if self.step % SAVE_EVERY == 0:
                self.save()

    def one_step(self) -> float:
        """The loss of one batch, whose windows depend on the step alone: a run taken up again sees the same ones."""
        generator = torch.Generator().manual_seed(self.step)
        starts = torch.randint(len(self.train) - recipe.CONTEXT, (recipe.BATCH,), generator=generator)
        batch = torch.stack([self.train[start : start + recipe.CONTEXT] for start in starts.tolist()])
        loss = self.model(input_ids=batch, labels=batch).loss
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), recipe.CLIP)
        self.optimizer.step()
        return float(loss.detach())

    def save(self) -> None:
        """Write the state under another name first: whoever stops us here leaves the last one whole."""
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "curve": self.curve,
        }
        unfinished = self.file.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(self.file)


def groups(model: nn.Module) -> list[dict[str, Any]]:
    """Matrices decay towards zero, gains do not."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [
        {"params": [parameter for parameter in trained if parameter.dim() > 1], "weight_decay": recipe.WEIGHT_DECAY},
        {"params": [parameter for parameter in trained if parameter.dim() == 1], "weight_decay": 0.0},
    ]


def learning_rate(step: int, peak: float, steps: int) -> float:
    """A linear rise, then half a cosine down."""
    if step < recipe.WARM_UP:
        return peak * (step + 1) / recipe.WARM_UP
    done = (step - recipe.WARM_UP) / (steps - recipe.WARM_UP)
    low = recipe.LAST_LEARNING_RATE
    return low + (peak - low) * (1 + math.cos(math.pi * done)) / 2


@torch.no_grad()
def measure(model: LlamaForCausalLM, tokens: Tensor) -> float:
    """Mean loss in nats a token, over windows of ``CONTEXT`` tokens that do not overlap."""
    windows = tokens[: len(tokens) // recipe.CONTEXT * recipe.CONTEXT].view(-1, recipe.CONTEXT)
    model.eval()
    losses = [float(model(input_ids=batch, labels=batch).loss) * len(batch) for batch in windows.split(recipe.BATCH)]
    model.train()
    return sum(losses) / len(windows)
