"""Make the tokenizer and the three checkpoints of tiny-lm: ``python -m labs_lib.zoo.training FOLDER``.

Ctrl-C stops it; the same command goes on from the last saved step. It takes one to two hours on two cores.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from transformers import LlamaForCausalLM

from .. import text
from ..measuring import token_ids, validation_ids
from . import recipe
from .checkpoints import hold_outliers, publish
from .run import Training


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.SEED)
    tokenizer = recipe.tokenizer(text.training_text())
    train, validation = token_ids(tokenizer, text.training_text()), validation_ids(tokenizer)
    print(f"{len(train):,} training tokens, {len(validation):,} validation tokens")

    model = LlamaForCausalLM(recipe.config())
    print(f"{model.num_parameters():,} parameters")
    run = Training(model, train, validation, folder / "training.pt", recipe.LEARNING_RATE, recipe.STEPS)
    for name, step in (("early", recipe.EARLY), ("final", recipe.STEPS)):
        if run.step <= step:  # a run that is taken up again may be past the early one
            run.go(until=step)
            publish(run, tokenizer, folder / name)

    hold_outliers(model)
    run = Training(model, train, validation, folder / "outlier.pt", recipe.OUTLIER_LEARNING_RATE, recipe.OUTLIER_STEPS)
    run.go(until=recipe.OUTLIER_STEPS)
    publish(run, tokenizer, folder / "outlier")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m labs_lib.zoo.training FOLDER")
    try:
        main(Path(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit("stopped; the same command goes on from the last saved step")
