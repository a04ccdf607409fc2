"""The loss curves of the shipped checkpoints: ``python -m labs_lib.zoo.training.curves FOLDER`` draws them.

FOLDER holds ``early``, ``final`` and ``outlier``, each with its ``training.json``; the picture is written there.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ...show.style import CODE, ERROR, FAINT, VALUE, new_figure, state
from . import recipe
from .run import MEASURED_WINDOWS

Floats = NDArray[np.float64]
PICTURE = "loss_curve.png"
PART = f"first {MEASURED_WINDOWS * recipe.CONTEXT:,} tokens"  # what is measured while training goes on


@dataclass(frozen=True)
class Curve:
    """One run: the losses in nats a token while it went on, and the perplexity at its end."""

    steps: Floats  # counted from the first step of the first run
    train: Floats  # of the batch of that step
    validation: Floats  # of a part of the validation text
    perplexity: float  # of all of it, at the end


@dataclass(frozen=True)
class Curves:
    """The run of tiny-lm, its early checkpoint on the way, and the run with outliers that goes on from its end."""

    early: Curve
    final: Curve
    outlier: Curve

    @property
    def finding(self) -> str:
        return (
            f"Perplexity on the whole validation text: {self.early.perplexity:.1f} after {recipe.EARLY:,} steps, "
            f"{self.final.perplexity:.1f} after {recipe.STEPS:,}, "
            f"{self.outlier.perplexity:.1f} after {recipe.OUTLIER_STEPS:,} more with held outliers"
        )


def curves(folder: Path) -> Curves:
    """Read the three ``training.json``."""
    early, final = (_curve(folder / name, start=0) for name in ("early", "final"))
    return Curves(early, final, _curve(folder / "outlier", start=recipe.STEPS))


def curves_figure(data: Curves) -> Figure:
    """Draw the losses over the steps, with the three checkpoints marked."""
    figure = new_figure(height=4.4)
    axes = figure.add_subplot()
    for curve, role, name in ((data.final, VALUE, "tiny-lm"), (data.outlier, ERROR, "with held outliers")):
        axes.plot(
            curve.steps, curve.train, color=role.color, linewidth=0.7, alpha=0.45, label=f"{name}: one training batch"
        )
        axes.plot(curve.steps, curve.validation, color=role.color, linewidth=2, label=f"{name}: {PART} of validation")
    axes.axvline(recipe.STEPS, ymax=0.6, color=FAINT, linewidth=1, linestyle=":")
    for curve, role, name in (
        (data.early, CODE, "early"),
        (data.final, VALUE, "final"),
        (data.outlier, ERROR, "outlier"),
    ):
        axes.plot(curve.steps[-1], curve.validation[-1], role.marker, color=role.color, markersize=9, zorder=3)
        axes.annotate(name, (curve.steps[-1], curve.validation[-1]), (0, 12), textcoords="offset points", ha="center")
    axes.set_xlabel(f"steps of {recipe.BATCH * recipe.CONTEXT:,} tokens")
    axes.set_ylabel("loss, nats a token")
    axes.legend(loc="upper right")
    state(figure, data.finding)
    return figure


def _curve(folder: Path, start: int) -> Curve:
    facts = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    points = facts["curve"]
    return Curve(
        steps=start + np.array([point["step"] for point in points], dtype=np.float64),
        train=np.array([point["train_loss"] for point in points]),
        validation=np.log([point["validation_perplexity"] for point in points]),
        perplexity=facts["validation_perplexity"],
    )


def main(folder: Path) -> None:
    curves_figure(curves(folder)).savefig(folder / PICTURE)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m labs_lib.zoo.training.curves FOLDER")
    main(Path(sys.argv[1]))
