"""Two's complement as a circle: adding goes clockwise, and at one place the value jumps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from .style import CODE, ERROR, FAINT, INK, VALUE, new_figure, state

MOST = 5  # bits: more codes than 32 could not be read


@dataclass(frozen=True)
class CodeCircle:
    """All codes of a signed integer format, and one sum that walks along them."""

    bits: int
    codes: tuple[int, ...]  # in the order of their patterns, from 0 upwards: 0 .. max, min .. -1
    patterns: tuple[str, ...]  # the bits of each, most significant first
    start: int
    add: int
    end: int  # what the format makes of start + add

    @property
    def wrapped(self) -> bool:
        return self.end != self.start + self.add

    @property
    def finding(self) -> str:
        total = f"{self.start} + {self.add} = {self.start + self.add}"
        if self.wrapped:
            return f"In {self.bits} bits {total} comes out as {self.end}: the walk crossed the jump"
        return f"In {self.bits} bits {total} stays right: the walk did not cross the jump"


def code_circle(bits: int, start: int, add: int) -> CodeCircle:
    """Lay out the codes of a signed format and add two numbers in it.

    Raises:
        ValueError: ``bits`` not from 2 to 5, ``start`` not a code, or ``add`` not from 1 to ``2**bits - 1``.

    Example:
        >>> code_circle(4, start=5, add=4).end
        -7
    """
    if not 2 <= bits <= MOST:
        raise ValueError(f"bits must be from 2 to {MOST}, got {bits}")
    count, half = 2**bits, 2 ** (bits - 1)
    if not -half <= start < half:
        raise ValueError(f"start must be a code from {-half} to {half - 1}, got {start}")
    if not 1 <= add < count:
        raise ValueError(f"add must be from 1 to {count - 1}, got {add}")
    codes = tuple(_signed(pattern, bits) for pattern in range(count))
    patterns = tuple(f"{pattern:0{bits}b}" for pattern in range(count))
    return CodeCircle(bits, codes, patterns, start, add, _signed((start + add) % count, bits))


def code_circle_figure(circle: CodeCircle) -> Figure:
    """Draw the codes clockwise from 0 at the top, where the value jumps, and the walk."""
    figure = new_figure(width=6.4, height=5.4)
    axes = figure.add_subplot()
    axes.set_aspect("equal")
    axes.set_xlim(-1.95, 1.95)
    axes.set_ylim(-1.45, 1.42)
    axes.set_axis_off()
    for code, pattern in zip(circle.codes, circle.patterns, strict=True):
        x, y = _place(circle, code)
        role = VALUE if code >= 0 else CODE
        axes.plot(x, y, role.marker, color=role.color, markersize=9)
        axes.text(1.17 * x, 1.17 * y, str(code), ha="center", va="center", color=INK, fontweight="bold")
        axes.text(0.83 * x, 0.83 * y, pattern, ha="center", va="center", color=FAINT, fontsize=9, family="monospace")
    _draw_jump(axes, circle)
    _draw_walk(axes, circle)
    state(figure, circle.finding)
    return figure


def _signed(pattern: int, bits: int) -> int:
    return pattern - 2**bits if pattern >= 2 ** (bits - 1) else pattern


def _place(circle: CodeCircle, code: float, radius: float = 1.0) -> tuple[float, float]:
    angle = np.pi / 2 - 2 * np.pi * code / len(circle.codes)
    return float(radius * np.cos(angle)), float(radius * np.sin(angle))


def _draw_jump(axes: Axes, circle: CodeCircle) -> None:
    between = max(circle.codes) + 0.5
    (x0, y0), (x1, y1) = _place(circle, between, 0.72), _place(circle, between, 1.3)
    axes.plot([x0, x1], [y0, y1], color=ERROR.color, linewidth=2, linestyle=(0, (3, 2)))
    axes.text(x1 + 0.06, y1, "the jump", color=ERROR.color, ha="left", va="center")


def _draw_walk(axes: Axes, circle: CodeCircle) -> None:
    """An arc inside the circle from the first number to the result, with an arrow head."""
    steps = np.linspace(circle.start, circle.start + circle.add, 60)
    path = np.array([_place(circle, step, 0.6) for step in steps])
    color = ERROR.color if circle.wrapped else VALUE.color
    axes.plot(*path[:-2].T, color=color, linewidth=2.5)
    head = FancyArrowPatch(
        tuple(path[-3]),
        tuple(path[-1]),
        arrowstyle="-|>",
        mutation_scale=18,
        color=color,
        shrinkA=0,
        shrinkB=0,
    )
    axes.add_patch(head)
    for code in (circle.start, circle.end):
        (x0, y0), (x1, y1) = _place(circle, code, 0.6), _place(circle, code, 0.7)
        axes.plot([x0, x1], [y0, y1], color=color, linewidth=2.5)
    axes.text(
        0,
        0,
        f"{circle.start} + {circle.add}\n= {circle.end}",
        ha="center",
        va="center",
        color=color,
        fontsize=15,
    )
