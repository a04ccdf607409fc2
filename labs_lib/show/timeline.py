"""When the methods were published, what each one rounds, and where the video's slide has another date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .methods import Method, Month, month
from .style import CODE, ERROR, FAINT, INK, VALUE, WASTED, new_figure, state

KINDS = {  # by what is rounded: marker, colour, and the words of the legend
    "weights": (VALUE.marker, VALUE.color, "weights"),
    "both": (CODE.marker, CODE.color, "weights and activations"),
    "cache": (WASTED.marker, FAINT, "the KV cache"),
    "format": ("^", INK, "a number format"),
}


@dataclass(frozen=True)
class Timeline:
    """Methods in the order of their dates."""

    methods: tuple[Method, ...]

    @property
    def on_slide(self) -> tuple[Method, ...]:
        return tuple(method for method in self.methods if method.on_slide)

    @property
    def misdated(self) -> tuple[Method, ...]:
        return tuple(method for method in self.methods if method.misdated)

    @property
    def finding(self) -> str:
        wrong = " and ".join(f"{method.name} ({month(method.date)})" for method in self.misdated)
        return (
            f"The video's slide names {len(self.on_slide)} of these {len(self.methods)}, "
            f"and gives another month than the source for {wrong or 'none of them'}"
        )


def timeline(methods: Sequence[Method]) -> Timeline:
    """Collect the methods.

    Raises:
        ValueError: nothing to show, or something that no marker stands for.
    """
    if not methods or any(method.rounds not in KINDS for method in methods):
        raise ValueError(f"methods must be one or more, each rounding one of {', '.join(KINDS)}")
    return Timeline(tuple(sorted(methods, key=lambda method: method.date)))


def timeline_figure(data: Timeline) -> Figure:
    """Draw one row a method: a marker at its month, filled if it needs calibration data."""
    figure = new_figure(height=1.9 + 0.27 * len(data.methods))
    axes = figure.add_subplot()
    for row, method in enumerate(data.methods):
        _draw(axes, row, method)
    axes.set_yticks(range(len(data.methods)), [method.name for method in data.methods])
    for label, method in zip(axes.get_yticklabels(), data.methods, strict=True):
        label.set_fontweight("bold" if method.on_slide else "normal")
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    first, last = data.methods[0].date[0], data.methods[-1].date[0]
    axes.set_xlim(first - 0.1, last + 3.4)
    axes.set_xticks(range(first, last + 2))
    axes.grid(axis="x", color="#e6e6e6")
    axes.set_axisbelow(True)
    axes.set_xlabel("year of the first version; names in bold are on the slide")
    figure.legend(handles=_handles(bool(data.misdated)), loc="outside lower center", ncols=4, fontsize=10)
    state(figure, data.finding)
    return figure


def _draw(axes: Axes, row: int, method: Method) -> None:
    marker, color, _ = KINDS[method.rounds]
    fill = color if method.data not in ("no", "-") else "white"
    if method.misdated and method.on_slide:
        axes.plot([_year(method.on_slide), _year(method.date)], [row, row], color=ERROR.color, linewidth=1.5, zorder=1)
        axes.plot(_year(method.on_slide), row, ERROR.marker, color=ERROR.color, markersize=9)
    axes.plot(_year(method.date), row, marker, color=color, markerfacecolor=fill, markersize=8, markeredgewidth=1.8)
    text = f"{method.when}, {method.source}, lesson {method.lesson}"
    rightmost = max(method.date, method.on_slide or method.date)
    axes.annotate(text, (_year(rightmost), row), (10, 0), textcoords="offset points", va="center", fontsize=9.5)


def _year(date: Month) -> float:
    return date[0] + (date[1] - 0.5) / 12


def _handles(misdated: bool) -> list[Line2D]:
    def handle(marker: str, color: str, fill: str, label: str) -> Line2D:
        return Line2D([], [], linestyle="none", marker=marker, color=color, markerfacecolor=fill, label=label)

    kinds = [handle(marker, color, color, label) for marker, color, label in KINDS.values()]
    filled = handle("o", FAINT, FAINT, "filled: needs data")
    hollow = handle("o", FAINT, "white", "hollow: needs none")
    slide = [handle(ERROR.marker, ERROR.color, ERROR.color, "the slide's month")] if misdated else []
    return [*kinds, filled, hollow, *slide]
