"""What travels along a linear layer, in three schemes: strips with the dtype on every edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from labs_lib import affine, granularity, inference

from .style import CODE, FAINT, INK, VALUE, new_figure, state

Edge = tuple[str, str]  # the operation that made it ("" at the start), and its dtype
START, PREPARED, PRODUCT, FINISH, END = 0.0, 2.6, 5.3, 7.9, 10.2  # of the columns, in the figure's own units


@dataclass(frozen=True)
class Strip:
    """One scheme: the edges into the product, the edge out of it, and the edge at the end."""

    scheme: str
    activations: tuple[Edge, ...]
    weights: tuple[Edge, ...]
    product: str  # dtype of the sums
    result: Edge

    @property
    def multiplies_integers(self) -> bool:
        return all(is_integer(edges[-1][1]) for edges in (self.activations, self.weights))

    @property
    def text(self) -> str:
        """The strip in words, for those who do not see it."""
        lanes = [
            f"{name} {' to '.join(dtype for _, dtype in edges)}"
            for name, edges in (("activations", self.activations), ("weights", self.weights))
        ]
        return f"{self.scheme}: {', '.join(lanes)}, sums {self.product}, result {self.result[1]}"


def is_integer(dtype: str) -> bool:
    return dtype.startswith(("int", "uint"))


def bits_of_dtype(dtype: str) -> int:
    return getattr(torch, dtype).itemsize * 8


def data_flow() -> tuple[Strip, ...]:
    """Run each scheme on a small layer and write down the dtype of every tensor on the way."""
    random = torch.Generator().manual_seed(9)
    x, weight = torch.randn(2, 4, generator=random), torch.randn(3, 4, generator=random)
    q, scale = granularity.quantize_per_channel(weight)
    real = affine.dequantize(q, scale)
    half, codes = x.bfloat16(), q.bfloat16()
    q_x, x_scale = inference.quantize_per_token(x)
    sums = q_x.int() @ q.int().T
    return (
        Strip(
            "W8A32",
            (_edge("", x),),
            (_edge("", q), _edge("$s\\,(q - z)$", real)),
            _name(x @ real.T),
            _edge("+ bias", x @ real.T),
        ),
        Strip(
            "W8A16",
            (_edge("", half),),
            (_edge("", q), _edge("cast", codes)),
            _name(half @ codes.T),
            _edge("$\\times\\, s$\n+ bias", (half @ codes.T) * scale.bfloat16().flatten()),
        ),
        Strip(
            "W8A8",
            (_edge("", x), _edge("quantize", q_x)),
            (_edge("", q),),
            _name(sums),
            _edge("$\\times\\, s_x s_w$\n+ bias", sums.float() * x_scale * scale.flatten()),
        ),
    )


def data_flow_finding(strips: Sequence[Strip]) -> str:
    """Who multiplies integers, and where a wider integer appears."""
    integers = [strip for strip in strips if strip.multiplies_integers]
    names = " and ".join(strip.scheme for strip in integers)
    widths = " and ".join(dict.fromkeys(strip.product for strip in integers))
    return f"All {len(strips)} keep int8 weights; only {names} multiplies integers, and adds them up in {widths}"


def data_flow_figure(strips: Sequence[Strip]) -> Figure:
    """Draw one strip a scheme. An edge is as thick as its numbers have bits."""
    figure = new_figure(height=0.6 + 1.6 * len(strips))
    rows = figure.subplots(len(strips), 1, squeeze=False)[:, 0]
    for axes, strip in zip(rows, strips, strict=True):
        _draw(axes, strip)
    state(figure, data_flow_finding(strips))
    return figure


def _draw(axes: Axes, strip: Strip) -> None:
    axes.set_xlim(-1.1, 11.2)
    axes.set_ylim(-1.2, 1.7)
    axes.set_axis_off()
    axes.text(-1.1, 1.5, strip.scheme, fontsize=13, fontweight="bold", va="center")
    for height, name, edges in ((0.8, "x", strip.activations), (-0.8, "W", strip.weights)):
        stops = [START, PREPARED, PRODUCT] if len(edges) == 2 else [START, PRODUCT]
        for start, end, (_, dtype) in zip(stops, stops[1:], edges, strict=False):
            last = 0.25 * height if end == PRODUCT else height
            _arrow(axes, (start, height), (end, last), dtype)
        for stop, (operation, _) in zip(stops, edges, strict=False):
            _box(axes, stop, height, operation or name)
    _arrow(axes, (PRODUCT, 0.0), (FINISH, 0.0), strip.product)
    _arrow(axes, (FINISH, 0.0), (END, 0.0), strip.result[1])
    _box(axes, PRODUCT, 0.0, "multiply,\nadd up")
    _box(axes, FINISH, 0.0, strip.result[0])
    _box(axes, END, 0.0, "y")


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], dtype: str) -> None:
    role = CODE if is_integer(dtype) else VALUE
    width = bits_of_dtype(dtype) / 7
    axes.plot(
        [start[0], end[0]], [start[1], end[1]], color=role.color, linewidth=width, solid_capstyle="butt", zorder=1
    )
    middle = (start[0] + end[0]) / 2
    axes.text(middle, (start[1] + end[1]) / 2 + 0.24, dtype, ha="center", va="bottom", color=INK, fontsize=10.5)


def _box(axes: Axes, x: float, y: float, text: str) -> None:
    frame = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": FAINT}
    axes.text(x, y, text, ha="center", va="center", fontsize=10.5, bbox=frame, zorder=3)


def _edge(operation: str, made: Tensor) -> Edge:
    return operation, _name(made)


def _name(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
