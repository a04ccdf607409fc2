"""The group size as a slider: where the error is, and what it costs, in one picture."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from torch import Tensor

from .bit_curve import DB_PER_BIT
from .error_map import ErrorMap, Size, colour_bar, colour_limit, draw_map, error_map, name_of
from .numbers import fixed
from .rate import label_sizes
from .style import CODE, FAINT, VALUE, new_figure, state
from .widget import Drawn, choice_slider, show_widget, toggle, whole_slider

SIZES = (128, 64, 32, 16, 8)
OUTLIER = 40.0


@dataclass(frozen=True)
class GroupSizes:
    """One matrix at one bit width, in all group sizes of the slider."""

    bits: int
    outlier: float | None
    maps: tuple[ErrorMap, ...]  # from one scale for all to the smallest groups
    limit: float  # where the colours of the maps end

    def chosen(self, size: Size) -> ErrorMap:
        return next(one for one in self.maps if one.group_size == size)

    def finding(self, size: Size) -> str:
        one = self.chosen(size)
        beside = f" beside an outlier of {self.outlier:g}" if self.outlier is not None else ""
        cost = f"{fixed(one.db, 1)} dB for {fixed(one.bits_per_weight, 2)} bits per weight"
        return f"{self.bits} bits, {one.name}{beside}: {cost}"


def sizes_for(x: Tensor) -> list[Size]:
    """One scale for all (None), one a row, and the sizes of groups that are less than a row."""
    columns = x.shape[1]
    return [None, columns, *(size for size in SIZES if size < columns)]


def group_sizes(x: Tensor, bits: int, outlier: float | None = None) -> GroupSizes:
    """Quantize a matrix in all group sizes, with or without an outlier in it."""
    maps = tuple(error_map(x, size, bits, outlier) for size in sizes_for(x))
    return GroupSizes(bits, outlier, maps, colour_limit(x, bits))


def group_sizes_figure(data: GroupSizes, size: Size) -> Figure:
    """Draw the error of a part of the matrix at one group size, and below it what all sizes give and cost."""
    one = data.chosen(size)
    figure = new_figure(height=5.6)
    above, below = figure.subplots(2, 1, height_ratios=(1, 1.25))
    colour_bar(figure, [above], draw_map(above, one, data.limit))
    costs, levels = [other.bits_per_weight for other in data.maps], [other.db for other in data.maps]
    below.plot(costs, levels, marker=VALUE.marker, color=VALUE.color, markersize=6)
    label_sizes(below, ["one scale for all", "row", *(str(other.group_size) for other in data.maps[2:])], costs, levels)
    line = [levels[1] + DB_PER_BIT * (cost - costs[1]) for cost in (costs[1], costs[-1])]
    below.plot([costs[1], costs[-1]], line, ":", color=FAINT, label="6.02 dB a bit, from one scale a row")
    here: dict[str, Any] = {"color": CODE.color, "markersize": 13, "zorder": 4, "label": one.name}
    below.plot([one.bits_per_weight], [one.db], CODE.marker, **here)
    below.set(xlabel="bits per weight, float16 scales included", ylabel="SQNR, dB")
    below.set_xlim(data.bits - 0.1, data.bits + 2.2)
    below.legend(loc="lower right")
    state(figure, data.finding(size))
    return figure


def group_sizes_widget(x: Tensor, size: int = 32, bits: int = 4) -> None:
    """Show the errors of a matrix with sliders for group size and bits, and a box for an outlier."""
    sizes = {name_of(other, x.shape[1]): other for other in sizes_for(x)}
    controls = {
        "name": choice_slider("scales", list(sizes), name_of(size, x.shape[1])),
        "bits": whole_slider("bits", bits, 2, 8),
        "spoiled": toggle(f"set one weight to {OUTLIER:g}", False),
    }
    measured = functools.cache(lambda bits, outlier: group_sizes(x, bits, outlier))

    def draw(name: str, bits: int, spoiled: bool) -> Drawn:
        data = measured(bits, OUTLIER if spoiled else None)
        pictures = f"map of the errors, and SQNR against bits per weight for {len(sizes)} group sizes"
        return Drawn(group_sizes_figure(data, sizes[name]), f"{pictures}. {data.finding(sizes[name])}.")

    show_widget(controls, draw)
