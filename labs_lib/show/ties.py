"""What the rule for ties does to an average: pictures, averaged and rounded, over and over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from .numbers import fixed
from .style import CODE, ERROR, FAINT, VALUE, new_figure, state


def half_up(x: Tensor) -> Tensor:
    """Round to the nearest integer, ties upwards."""
    return torch.floor(x + 0.5)


RULES: Mapping[str, Callable[[Tensor], Tensor]] = {
    "cut off (a cast)": torch.trunc,
    "ties up": half_up,
    "ties to even": torch.round,
}
ROLES = {"cut off (a cast)": CODE, "ties up": ERROR, "ties to even": VALUE}


@dataclass(frozen=True)
class Ties:
    """How far the mean of all pixels is off under each rule, in pixel values."""

    tie_share: float  # of the values to round in the first pass, 0 to 1
    exact_mean: float
    bias: Mapping[str, tuple[float, ...]]  # by rule, one number for each number of passes, from 1 on

    @property
    def finding(self) -> str:
        once = ", ".join(f"{fixed(self.bias[name][0], 3)} with {name}" for name in ("ties up", "ties to even"))
        return f"{fixed(100 * self.tie_share, 0)} % of the averages are ties; the mean moves by {once}"


def tie_bias(images: Tensor, passes: int = 6) -> Ties:
    """Average each pixel with a neighbour and round, several times over, under each rule.

    Args:
        images: (images, height, width) of whole numbers, not negative. Edges wrap: exact averages
            keep the mean.
        passes: how often; directions alternate.

    Raises:
        ValueError: not a batch of images, or values that are not whole numbers.
    """
    start = images.double()
    if start.dim() != 3 or not torch.equal(start, start.round()):
        raise ValueError(f"images must be (images, height, width) of whole numbers, got shape {tuple(images.shape)}")
    first = _average(start, 0)
    share = float((first != first.round()).double().mean())
    exact = float(start.mean())
    bias: dict[str, tuple[float, ...]] = {}
    for name, rule in RULES.items():
        now, means = start, []
        for index in range(passes):
            now = rule(_average(now, index))
            means.append(float(now.mean()) - exact)
        bias[name] = tuple(means)
    return Ties(share, exact, bias)


def tie_bias_figure(ties: Ties) -> Figure:
    """Draw the bias of one pass as bars, and how it grows over the passes as lines."""
    figure = new_figure(height=3.7)
    bars, lines = figure.subplots(1, 2, width_ratios=[3, 4])
    names = list(ties.bias)
    bars.bar(
        range(len(names)),
        [ties.bias[name][0] for name in names],
        0.6,
        color=[ROLES[name].color for name in names],
    )
    for x, name in enumerate(names):
        bias = ties.bias[name][0]
        place, side = ((0, 4), "bottom") if bias >= 0 else ((0, -4), "top")
        bars.annotate(f"{bias:+.3f}", (x, bias), place, textcoords="offset points", ha="center", va=side)
    bars.set_xticks(range(len(names)), [name.replace(" (", "\n(") for name in names])
    bars.set_ylabel("error of the mean, pixel values")
    bars.set_title("after one pass")
    bars.margins(y=0.18)
    for name, means in ties.bias.items():
        passes = range(1, len(means) + 1)
        lines.plot(passes, means, f"-{ROLES[name].marker}", color=ROLES[name].color, label=name)
    lines.set_xlabel("passes")
    lines.set_title(f"after several (the mean is {fixed(ties.exact_mean, 2)})")
    lines.legend(loc="upper left")
    for axes in (bars, lines):
        axes.axhline(0, color=FAINT, linewidth=1)
    state(figure, ties.finding)
    return figure


def _average(images: Tensor, index: int) -> Tensor:
    return (images + torch.roll(images, 1, dims=1 + index % 2)) / 2
