"""Which weights of a matrix share a scale, and what that costs: the matrix painted by who shares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from labs_lib import affine, granularity

from .numbers import fixed
from .style import CODE, ERROR, FAINT, INK, VALUE, new_figure, state
from .widget import Drawn, choice_slider, show_widget, whole_slider

LIGHT, DARK = "#e8edf5", "#a3b8da"  # apart in grey, and black text can be read on both
SMALLEST_HALF = 2.0**-24  # of float16; a scale below it would be stored as 0
LABELLED = 70  # regions; numbers in more of them could not be read


@dataclass(frozen=True)
class Sharing:
    """One matrix at one granularity."""

    name: str
    shape: tuple[int, int]
    cell: tuple[int, int]  # height and width of a region; those at the right end may be narrower
    count: int  # of scales, by the learner's ``count_scales``
    regions: Tensor  # (rows, columns), int64: which scale each weight has

    @property
    def weights_a_scale(self) -> float:
        """A mean, where some groups are short."""
        return math.prod(self.shape) / self.count


def sharing(
    shape: tuple[int, int], granularity_: str, *, dim: int = 0, group_size: int | None = None, name: str = ""
) -> Sharing:
    """Number the scales of a matrix, row by row.

    Args:
        shape: (rows, columns).
        granularity_, dim, group_size: as ``count_scales``.
        name: for the picture; by default in words.
    """
    count = granularity.count_scales(shape, granularity_, dim=dim, group_size=group_size)
    rows, columns = shape
    height, width = rows, columns
    if granularity_ == "channel":
        height, width = (1, columns) if dim % 2 == 0 else (rows, 1)
    if granularity_ == "group" and group_size is not None:
        height, width = 1, min(group_size, columns)
    across = math.ceil(columns / width)
    regions = torch.arange(rows).div(height, rounding_mode="floor").unsqueeze(1) * across
    regions = regions + torch.arange(columns).div(width, rounding_mode="floor")
    words = {"tensor": "one for the tensor", "channel": f"one a {'row' if dim % 2 == 0 else 'column'}"}
    words["group"] = f"one for {group_size} neighbours"
    return Sharing(name or words[granularity_], (rows, columns), (height, width), count, regions)


def sharing_figure(several: Sequence[Sharing]) -> Figure:
    """Draw one painted matrix beside the other; the title counts the scales."""
    rows, columns = several[0].shape
    figure = new_figure(height=0.95 + 2.1 * rows / columns)
    for axes, one in zip(figure.subplots(1, len(several), squeeze=False)[0], several, strict=True):
        _paint(axes, one)
        axes.set_title(f"{one.name}: {one.count}", fontsize=11)
    state(figure, finding(several))
    return figure


def finding(several: Sequence[Sharing]) -> str:
    counts = [str(one.count) for one in several]
    listed = counts[0] if len(counts) == 1 else f"{', '.join(counts[:-1])} or {counts[-1]}"
    scales = "scale" if counts == ["1"] else "scales"
    return f"The same {math.prod(several[0].shape)} weights share {listed} {scales}, depending on who shares"


def shared_round_trip(x: Tensor, regions: Tensor, *, bits: int = 8, scale_bits: int = 32) -> Tensor:
    """Quantize ``x`` symmetrically with one scale for each region, and back again.

    Args:
        x: real values, any shape.
        regions: int64, same shape: which scale each value has, from 0.
        bits: width of the codes.
        scale_bits: 32 keeps the scales in float32, 16 rounds them to float16.
    """
    _, q_max = affine.q_range(bits)
    largest = torch.zeros(int(regions.max()) + 1)
    largest.scatter_reduce_(0, regions.flatten(), x.detach().abs().flatten(), "amax")
    scales = (largest / q_max).clamp(min=SMALLEST_HALF)
    if scale_bits == 16:
        scales = scales.half().float()
    scale = scales[regions]
    return affine.dequantize(affine.quantize(x, scale, bits=bits).clamp(min=-q_max), scale)


def sharing_widget(x: Tensor, bits: int = 4, group_size: int = 4, scale_bits: int = 16) -> None:
    """Show who shares a scale in the matrix ``x``, the bits a weight, and the SQNR that they buy."""
    choices = {
        "one for the tensor": ("tensor", 0),
        "one a row": ("channel", 0),
        "one a column": ("channel", 1),
        "groups along a row": ("group", 0),
    }
    controls = {
        "choice": choice_slider("who shares a scale", list(choices), "groups along a row"),
        "group_size": whole_slider("group size (groups only)", group_size, 1, x.shape[1]),
        "bits": whole_slider("bits of a code", bits, 2, 8),
        "scale_bits": choice_slider("bits of a scale", ["16", "32"], str(scale_bits)),
    }

    def draw(choice: str, group_size: int, bits: int, scale_bits: str) -> Drawn:
        kind, dim = choices[choice]
        one = sharing((x.shape[0], x.shape[1]), kind, dim=dim, group_size=group_size)
        for_scales = one.count * int(scale_bits) / x.numel()
        x_hat = shared_round_trip(x, one.regions, bits=bits, scale_bits=int(scale_bits))
        db = fixed(affine.sqnr_db(x, x_hat), 1)
        scales = "1 scale" if one.count == 1 else f"{one.count} scales"
        said = f"{one.name}, {scales}: {fixed(bits + for_scales, 2)} bits a weight for an SQNR of {db} dB"
        figure = _cost_figure(one, bits, for_scales)
        state(figure, said[0].upper() + said[1:])
        return Drawn(
            figure, f"{said}. {bits} bits are the code, {fixed(for_scales, 2)} are scales of {scale_bits} bits."
        )

    show_widget(controls, draw)


def _cost_figure(one: Sharing, bits: int, for_scales: float) -> Figure:
    """The painted matrix over a bar of bits a weight."""
    figure = new_figure(height=4.6)
    painted, bar = figure.subplots(2, 1, height_ratios=[3, 1])
    _paint(painted, one)
    bar.barh([0], [bits], color=VALUE.color, edgecolor=INK, label="codes")
    bar.barh([0], [for_scales], left=[bits], color=CODE.color, hatch=CODE.hatch, edgecolor=INK, label="scales")
    bar.axvline(16, color=ERROR.color, linestyle="--", label="bfloat16, not quantized")
    bar.set_xlim(0, max(20.0, 1.05 * (bits + for_scales)))
    bar.set_yticks([])
    bar.spines["left"].set_visible(False)
    bar.set_xlabel("bits a weight")
    bar.legend(loc="upper center", bbox_to_anchor=(0.5, 1.55), ncols=3)
    return figure


def _paint(axes: Axes, one: Sharing) -> None:
    """Regions in two tones like a chessboard, framed, each with the number of its scale."""
    rows, columns = one.shape
    height, width = one.cell
    across = math.ceil(columns / width)
    small = one.count > LABELLED
    for index in range(int(one.regions.max()) + 1):
        down, right = divmod(index, across)
        top, left = down * height, right * width
        wide, tall = min(width, columns - left), min(height, rows - top)
        tone = DARK if (down + right) % 2 else LIGHT
        frame = Rectangle((left, top), wide, tall, facecolor=tone, edgecolor=INK, linewidth=0.6 if small else 1.4)
        axes.add_patch(frame)
        if not small:
            axes.text(left + wide / 2, top + tall / 2, str(index + 1), ha="center", va="center", fontsize=9.5)
    for position in range(1, columns):
        axes.axvline(position, color=FAINT, linewidth=0.25)
    for position in range(1, rows):
        axes.axhline(position, color=FAINT, linewidth=0.25)
    axes.set_xlim(-0.05, columns + 0.05)
    axes.set_ylim(rows + 0.05, -0.05)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.set_aspect("equal" if columns <= 3 * rows else "auto")
