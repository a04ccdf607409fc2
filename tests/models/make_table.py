"""Write docs/architectures.md: ``python -m tests.models.make_table`` runs the whole sweep, in some minutes."""

from __future__ import annotations

import importlib.metadata
import os
import warnings

from labs_lib.course.root import ROOT

from .architectures import ARCHITECTURES, Architecture
from .checking import Result, check, full_size
from .left_out import CHOOSES, NO_BFLOAT16, NOT_BUILT, SAME_CLASS

PATH = ROOT / "docs" / "architectures.md"

TEXT = """\
# Architectures

This page is generated: `python -m tests.models.make_table`. A test holds each row against a new run.

`quantize_model` was called on {count} architectures of transformers {version}: every model type that has a head for
causal or masked language modelling, sequence to sequence, image classification, object detection or speech, but for
those at the end of the page. Each model is built from a configuration alone, tiny and with random weights.

A row stands here if all of this holds:

- The quantized model answers, and the answer is finite; in bfloat16 too, and in the float model's dtypes.
- No weight moved by more than half a step of its row's scale, and no layer's output by more than half a step times the
  sum of the magnitudes that went in.
- The quantized model computes the same, to 1e-4 of the largest output, as the float model with the dequantized weights
  in the place of its own. So its error is the error of weights that moved by at most half a step, and of nothing else.
- The norm of the output's error is within the first-order bound: the sum over all weights of the error's slope times
  half a step.
- Each weight with two or more dimensions is in one of the report's lists, once; lists and vectors add up to the total.
- 3 bytes a weight are saved, less 4 bytes a row, exactly.
- A deep copy answers the same to the bit; so does another model that loads the saved tensors; quantizing again changes
  nothing.

*Tiny* is the share of the tested model's parameters that was quantized. *Full size* is the share for the library's
default configuration, with its number of parameters; a dash means that this configuration is not one of a whole model.
The two differ: most of a tiny model is its vocabulary, and most of a large one its layers. Where these are experts
whose weights are stacked in one tensor, next to nothing is quantized: they are unsupported, and the report says so.

*Layers* are those replaced; where the test's input does not reach all of them (a text without pictures), the number
reached is given too. Left are weights in layers that a pattern *excludes* (`lm_head`), weights *tied* to another
module, and weights of a kind that is *unsupported*. What is missing to 100 % are biases and the gains of norms.

| architecture | task | passes | tiny | full size | layers | left, of the tiny model |
| --- | --- | --- | ---: | ---: | ---: | --- |
{rows}

## Exceptions

Some detectors go on with the queries of the highest score. The error can change which ones these are, and then the
output jumps: no first-order bound holds, all else does. They are {choosing}.

Some float models do not run in bfloat16, so neither do the quantized ones:

{narrow}

## Not tested

| architecture | task | why |
| --- | --- | --- |
{not_built}

These are other names for a class that is in the table: {same}.
"""


def row(architecture: Architecture, result: Result, full: tuple[int, float] | None) -> str:
    """One line of the table."""
    report = result.report
    reached = "" if result.layers == result.layers_run else f" ({result.layers_run} reached)"
    left = "; ".join(
        f"{why}: " + ", ".join(f"{kind} {percent(size, report.total)}" for kind, size in largest_first(kinds))
        for why, kinds in result.kinds.items()
        if kinds
    )
    passes = "yes, but [chooses](#exceptions)" if architecture.name in CHOOSES else "yes"
    share = f"{100 * report.share:.1f} %"
    cells = (architecture.name, architecture.task, passes, share, size(full), f"{result.layers}{reached}", left)
    return f"| {' | '.join(cells)} |"


def size(full: tuple[int, float] | None) -> str:
    """Such as "96.1 % of 6.7 billion"."""
    if full is None:
        return "—"
    total, share = full
    number = f"{total / 1e9:.1f} billion" if total >= 1e9 else f"{total / 1e6:.1f} million"
    return f"{100 * share:.1f} % of {number}"


def percent(size: int, total: int) -> str:
    share = 100 * size / total
    return f"{share:.1f} %" if share >= 0.05 else "<0.1 %"


def largest_first(kinds: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(kinds.items(), key=lambda item: (-item[1], item[0]))


def page(rows: list[str]) -> str:
    """The whole page around the rows."""
    return TEXT.format(
        count=len(rows),
        version=importlib.metadata.version("transformers"),
        rows="\n".join(rows),
        choosing=", ".join(CHOOSES),
        narrow="\n".join(f"- {name}: {reason}" for name, (reason, _) in NO_BFLOAT16.items()),
        not_built="\n".join(f"| {name} | {task} | {reason} |" for name, (task, reason, _) in NOT_BUILT.items()),
        same=", ".join(f"{name} ({other})" for name, other in SAME_CLASS.items()),
    )


def line(architecture: Architecture) -> str:
    """Check an architecture, and say what came of it."""
    return row(architecture, check(architecture), full_size(architecture))


def main() -> None:
    os.environ["LABS_MODE"] = "solutions"
    from transformers.utils import logging

    logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    PATH.write_text(page([line(architecture) for architecture in ARCHITECTURES]), encoding="utf-8")


if __name__ == "__main__":
    main()
