"""Which sentences a model takes for similar, before and after its weights were rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from .numbers import fixed
from .style import CODE, ERROR, VALUE, WIDTH, new_figure, state
from .widget import Drawn, show_widget, toggle, whole_slider

Floats = NDArray[np.float64]
MARKS = (ERROR, VALUE, CODE)


@dataclass(frozen=True)
class Similarity:
    """One model's view of some sentences; sentences 0 and 1 mean the same, 2 and 3 too, and so on."""

    name: str
    cosines: Floats  # (sentences, sentences)
    kept: float  # mean cosine between its vectors and the reference's: 1.0 means unchanged

    @property
    def found(self) -> int:
        """For how many sentences the most similar other sentence is the one that means the same."""
        others = self.cosines - 2 * np.eye(len(self.cosines))
        return int((others.argmax(axis=1) == self._partners()).sum())

    @property
    def partners(self) -> float:
        """Mean cosine of two sentences that mean the same."""
        return float(self.cosines[np.arange(len(self.cosines)), self._partners()].mean())

    @property
    def strangers(self) -> float:
        """Mean cosine of two sentences that do not."""
        pair = np.arange(len(self.cosines)) // 2
        return float(self.cosines[pair[:, None] != pair[None, :]].mean())

    def matches(self, threshold: float) -> tuple[int, int]:
        """How many pairs have a cosine above a threshold: first those that mean the same, then the others."""
        first, second = np.triu_indices(len(self.cosines), k=1)
        above = self.cosines[first, second] > threshold
        same = first // 2 == second // 2
        return int((above & same).sum()), int((above & ~same).sum())

    def _partners(self) -> NDArray[np.int64]:
        return np.arange(len(self.cosines)) ^ 1  # 0 and 1 change places, 2 and 3, ...


def similarity(name: str, vectors: Tensor, reference: Tensor) -> Similarity:
    """Compare the sentences' vectors with each other, and with those of the unrounded model.

    Args:
        name: what stands over the panel.
        vectors: (sentences, features), each of length 1; an even number of sentences, partners side by side.
        reference: the unrounded model's, same shape.

    Raises:
        ValueError: shapes differ, or a sentence has no partner.
    """
    if vectors.shape != reference.shape or vectors.dim() != 2 or len(vectors) % 2:
        shapes = f"{tuple(vectors.shape)} and {tuple(reference.shape)}"
        raise ValueError(f"vectors and reference must be matrices of one shape with an even height, got {shapes}")
    mine, original = vectors.double(), reference.double()
    return Similarity(name, (mine @ mine.T).numpy(), float((mine * original).sum(dim=-1).mean()))


def similarity_finding(views: Sequence[Similarity]) -> str:
    """How alike unrelated sentences look to the first and to the last model."""
    first, last = views[0], views[-1]
    if len(views) == 1:
        return f"{first.name}: unrelated sentences have a cosine of {fixed(first.strangers, 2)}"
    return (
        f"Unrelated sentences: cosine {fixed(first.strangers, 2)} with {first.name}, "
        f"{fixed(last.strangers, 2)} with {last.name}"
    )


def similarity_figure(views: Sequence[Similarity], title: str | None = None) -> Figure:
    """Draw one square for each model: dark where two sentences are unrelated to it, light where the same."""
    count = len(views)
    width = min(WIDTH, 2.0 + 2.3 * count)
    figure = new_figure(width, height=(width - 1.8) / count + (1.5 if count > 2 else 1.8))
    panels = figure.subplots(1, count, squeeze=False)[0]
    for axes, view in zip(panels, views, strict=True):
        image = axes.imshow(view.cosines, cmap="cividis", vmin=-0.2, vmax=1.0, interpolation="nearest")
        axes.set_title(view.name)
        pairs = np.arange(0, len(view.cosines), 2)
        axes.set_xticks(pairs + 0.5, pairs // 2 + 1)
        axes.set_yticks([])
        axes.tick_params(length=0)
        axes.set_xlabel(f"{view.found} of {len(view.cosines)} find\ntheir partner")
        axes.spines[:].set_visible(False)
    panels[0].set_yticks(pairs + 0.5, pairs // 2 + 1)
    panels[0].set_ylabel("pair of sentences")
    bar = figure.colorbar(image, ax=list(panels), shrink=0.9, aspect=16, pad=0.01)
    bar.set_label("cosine of two sentences")
    bar.outline.set_visible(False)  # type: ignore[operator]
    state(figure, title or similarity_finding(views))
    return figure


def similarity_widget(views: Mapping[tuple[int, bool], Similarity], reference: Similarity) -> None:
    """Show the unrounded model's view beside one of ``views``, chosen by bits and by the step's reach.

    Args:
        views: by (bits, one step for each row); every bit width with and without.
        reference: the unrounded model's view.
    """
    widths = sorted({bits for bits, _ in views})
    controls = {
        "bits": whole_slider("bits for each weight", 4 if 4 in widths else widths[0], widths[0], widths[-1]),
        "per_row": toggle("one step for each row of a matrix", False),
    }

    def draw(bits: int, per_row: bool) -> Drawn:
        chosen = [reference, views[bits, per_row]]
        return Drawn(similarity_figure(chosen), f"{similarity_finding(chosen)}.")

    show_widget(controls, draw)


@dataclass(frozen=True)
class Kept:
    """How much of a model is left at each bit width, one curve for each way to round."""

    bits: tuple[int, ...]  # rising
    curves: Mapping[str, tuple[float, ...]]  # mean cosine with the unrounded model, by name

    @property
    def finding(self) -> str:
        """Where the curves stand at 4 bits, or at the fewest where 4 is missing."""
        place = self.bits.index(4) if 4 in self.bits else 0
        parts = [f"{fixed(curve[place], 2)} with {name}" for name, curve in self.curves.items()]
        return f"At {self.bits[place]} bits the cosine is {', '.join(parts)}"


def kept(views: Mapping[str, Mapping[int, Similarity]]) -> Kept:
    """Collect the curves from each way's views by bit width.

    Raises:
        ValueError: the ways have different bit widths.
    """
    widths = {tuple(sorted(by_bits)) for by_bits in views.values()}
    if len(widths) != 1:
        raise ValueError(f"every curve must have the same bit widths, got {sorted(widths)}")
    bits = widths.pop()
    return Kept(bits, {name: tuple(by_bits[b].kept for b in bits) for name, by_bits in views.items()})


def kept_figure(data: Kept, title: str | None = None) -> Figure:
    """Draw the curves over the bit width, every point with its number."""
    figure = new_figure(height=3.9)
    axes = figure.add_subplot()
    for (name, curve), role, above in zip(data.curves.items(), MARKS, (False, True, True), strict=False):
        axes.plot(data.bits, curve, f"-{role.marker}", color=role.color, linewidth=2, markersize=7, label=name)
        for bits, value in zip(data.bits, curve, strict=True):
            place, side = ((0, 9), "bottom") if above else ((0, -9), "top")
            axes.annotate(fixed(value, 2), (bits, value), place, textcoords="offset points", ha="center", va=side)
    axes.set_xticks(data.bits)
    axes.set_xlim(data.bits[-1] + 0.4, data.bits[0] - 0.4)  # fewer bits to the right
    axes.set_ylim(min(-0.15, *(min(curve) - 0.15 for curve in data.curves.values())), 1.17)
    axes.set_xlabel("bits for each weight of the linear layers")
    axes.set_ylabel("cosine with the original")
    axes.legend(loc="lower left")
    state(figure, title or data.finding)
    return figure
