"""Packed models in the plane of size and quality: bits a weight, scales included, against the divergence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.figure import Figure

from .numbers import fixed
from .style import CODE, FAINT, VALUE, new_figure, state

ROLES = (VALUE, CODE)


@dataclass(frozen=True)
class PackedModel:
    """One model at one width and one group size."""

    bits: int
    group_size: int
    bits_per_weight: float
    nats: float  # mean divergence from the model as it was


@dataclass(frozen=True)
class PackedQuality:
    """By the name of a model, what was measured of it."""

    models: Mapping[str, tuple[PackedModel, ...]]

    def line(self, name: str, group_size: int) -> list[PackedModel]:
        """One model with one group size, from many bits to few."""
        chosen = [one for one in self.models[name] if one.group_size == group_size]
        return sorted(chosen, key=lambda one: -one.bits)

    def factors(self, name: str, group_size: int) -> list[float]:
        """What one bit less multiplies the divergence with, on average, from each width to the next."""
        pairs = pairwise(self.line(name, group_size))
        return [(after.nats / before.nats) ** (1 / (before.bits - after.bits)) for before, after in pairs]

    @property
    def finding(self) -> str:
        """Of the first model with its smallest groups: each bit above, and each bit below."""
        name = next(iter(self.models))
        size = min(one.group_size for one in self.models[name])
        widths = [one.bits for one in self.line(name, size)]
        parts = [
            f"from {high} to {low} bits by {fixed(factor, 1)}"
            for (high, low), factor in zip(pairwise(widths), self.factors(name, size), strict=True)
        ]
        return f"Every bit less multiplies the divergence of {name}: {', '.join(parts)}"


def packed_quality(models: Mapping[str, Mapping[tuple[int, int], tuple[float, float]]]) -> PackedQuality:
    """Collect measurements.

    Args:
        models: by name, then by (bits, group size): bits a weight with all that is stored, and divergence in nats.

    Raises:
        ValueError: no model or more than two, one with fewer than two widths, or a divergence that is not positive.
    """
    if not 1 <= len(models) <= len(ROLES):
        raise ValueError(f"there must be one or two models, got {list(models)}")
    for name, measured in models.items():
        if len({bits for bits, _ in measured}) < 2 or any(nats <= 0 for _, nats in measured.values()):
            raise ValueError(f"{name} must have two widths and positive divergences, got {dict(measured)}")
    return PackedQuality(
        {
            name: tuple(PackedModel(bits, size, cost, nats) for (bits, size), (cost, nats) in measured.items())
            for name, measured in models.items()
        }
    )


def packed_quality_figure(data: PackedQuality) -> Figure:
    """Draw a line for each model and group size; small groups are filled marks on a full line."""
    figure = new_figure(height=4.8)
    axes = figure.add_subplot()
    for (name, points), role in zip(data.models.items(), ROLES, strict=False):
        for index, size in enumerate(sorted({one.group_size for one in points})):
            line = data.line(name, size)
            axes.plot(
                [one.bits_per_weight for one in line],
                [one.nats for one in line],
                "--" if index else "-",
                marker=role.marker,
                color=role.color,
                markerfacecolor="white" if index else role.color,
                markersize=8,
                label=f"{name}, groups of {size}",
            )
    for one in line_on_top(data):  # the other lines have the same widths at the same places
        place = (one.bits_per_weight, one.nats)
        axes.annotate(f"{one.bits} bits", place, (8, 6), textcoords="offset points", fontsize=10, color=FAINT)
    axes.set_yscale("log")
    axes.margins(x=0.08, y=0.12)
    axes.grid(axis="y", color="#e6e6e6")
    axes.set_axisbelow(True)
    axes.set_xlabel("bits a weight of the packed layers, float32 scales included")
    axes.set_ylabel("mean KL divergence, nats, logarithmic")
    axes.legend(loc="upper right")
    state(figure, data.finding)
    return figure


def line_on_top(data: PackedQuality) -> list[PackedModel]:
    """The line with small groups of the model that moves the furthest."""
    lines = [data.line(name, min(one.group_size for one in points)) for name, points in data.models.items()]
    return max(lines, key=lambda line: line[-1].nats)
