"""Models in the plane of size and divergence, and which of them nothing smaller and better beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from .numbers import fixed
from .style import CODE, ERROR, FAINT, INK, VALUE, WASTED, new_figure, state


@dataclass(frozen=True)
class PlanePoint:
    """One quantized model."""

    name: str
    family: str  # points of one family are joined, such as "4 bits"
    megabytes: float
    nats: float  # mean divergence from the original
    extra: bool = False  # whether it has what the finding asks about: a quantized head


@dataclass(frozen=True)
class Plane:
    """All models that were measured, and what the marked ones have in common."""

    points: tuple[PlanePoint, ...]
    extra: str

    def beaten_by(self, point: PlanePoint) -> PlanePoint | None:
        """The best model that is neither larger nor further away, None for a model of the front."""
        rivals = [one for one in self.points if one.megabytes <= point.megabytes and one.nats <= point.nats]
        better = [one for one in rivals if (one.megabytes, one.nats) != (point.megabytes, point.nats)]
        return min(better, key=lambda one: one.nats, default=None)

    @property
    def front(self) -> tuple[PlanePoint, ...]:
        """The models that nothing beats, the smallest first."""
        kept = [one for one in self.points if self.beaten_by(one) is None]
        return tuple(sorted(kept, key=lambda one: one.megabytes))

    @property
    def dominated(self) -> tuple[PlanePoint, ...]:
        return tuple(one for one in self.points if self.beaten_by(one) is not None)

    @property
    def finding(self) -> str:
        """How many models are beaten, and whether they are those with the extra."""
        beaten, marked = self.dominated, [one for one in self.points if one.extra]
        text = f"{len(beaten)} of {len(self.points)} models are beaten by one that is no larger and closer"
        if marked and set(marked) <= set(beaten):
            return f"{text}, all {len(marked)} {self.extra} among them"
        return f"{text}, {sum(one.extra for one in beaten)} of them {self.extra}"


def plane(points: Sequence[PlanePoint], extra: str) -> Plane:
    """Collect the models.

    Args:
        points: each with a positive divergence; the original itself has none and is no point of this plane.
        extra: what the points marked ``extra`` have, as the finding says it: "with a quantized head".

    Raises:
        ValueError: nothing to show, or a divergence that is not positive.
    """
    if not points or any(one.nats <= 0 for one in points):
        raise ValueError(f"there must be models with positive divergences, got {len(points)}")
    return Plane(tuple(points), extra)


def plane_figure(data: Plane, original: float) -> Figure:
    """Draw all models, the front as a line, the beaten ones crossed out.

    Args:
        data: as ``plane`` collects it.
        original: megabytes of the model that nothing was done to.
    """
    figure = new_figure(height=5.2)
    axes = figure.add_subplot()
    front = data.front
    axes.plot([p.megabytes for p in front], [p.nats for p in front], "-", color=FAINT, linewidth=1.2, zorder=1)
    for points, role, label in (
        ([p for p in front if not p.extra], CODE, "the front: nothing smaller is closer"),
        ([p for p in front if p.extra], VALUE, f"on the front, {data.extra}"),
        (data.dominated, ERROR, "beaten: another one is no larger and closer"),
    ):
        if points:
            sizes, nats = [p.megabytes for p in points], [p.nats for p in points]
            axes.plot(sizes, nats, role.marker, color=role.color, markeredgecolor=INK, markersize=9, label=label)
    for family in dict.fromkeys(p.family for p in data.points):
        first = min((p for p in data.points if p.family == family), key=lambda p: (p not in front, p.megabytes))
        place = (first.megabytes, first.nats)
        axes.annotate(family, place, (-4, -20), textcoords="offset points", ha="center", color=INK)
    for point in data.dominated:
        rival = data.beaten_by(point)
        assert rival is not None
        axes.annotate(
            "",
            (rival.megabytes, rival.nats),
            (point.megabytes, point.nats),
            arrowprops={"arrowstyle": "->", "color": ERROR.color, "linestyle": "--", "shrinkA": 6, "shrinkB": 6},
        )
    axes.set_yscale("log")
    axes.grid(color=WASTED.color, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_ylim(0.2 * min(p.nats for p in data.points))  # room for the families' names
    axes.set_xlabel(f"size of the model, MB (the original: {fixed(original, 2)} MB at a divergence of 0)")
    axes.set_ylabel("mean KL divergence, nats, logarithmic")
    axes.legend(loc="upper right")
    state(figure, data.finding)
    return figure
