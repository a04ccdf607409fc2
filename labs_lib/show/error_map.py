"""Where the error of a quantized matrix is, for scales shared by more and by fewer of its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray
from torch import Tensor

from labs_lib import affine, granularity

from .heatmap import ERRORS
from .numbers import fixed
from .style import new_figure, state

Floats = NDArray[np.float64]
SHOWN = (32, 128)  # rows and columns of the matrix that are drawn
PLACE = (20, 40)  # of an outlier
Size = int | None  # of a group; None is one scale for the whole matrix


@dataclass(frozen=True)
class ErrorMap:
    """One matrix under one granularity. An outlier counts neither as signal nor as error."""

    group_size: Size
    name: str
    bits_per_weight: float
    error: Floats  # |x - x_hat| of the part that is drawn
    db: float  # SQNR of the whole matrix, without the outlier
    lost: int  # values that come back as 0.0 and would not without the outlier


@dataclass(frozen=True)
class ErrorMaps:
    """Several granularities of one matrix, at one bit width."""

    bits: int
    outlier: float | None
    maps: tuple[ErrorMap, ...]
    limit: float  # where the colours end

    @property
    def finding(self) -> str:
        """What the outlier destroys, or what is left of the signal, at each granularity."""
        if self.outlier is None:
            levels = ", ".join(f"{fixed(one.db, 1)} dB with {one.name}" for one in self.maps)
            return f"At {self.bits} bits {levels}"
        lost = ", ".join(f"{one.lost:,} with {one.name}" for one in self.maps)
        return f"An outlier of {self.outlier:g} turns other weights into 0.0: {lost}"


def name_of(group_size: Size, columns: int) -> str:
    """What a learner calls a granularity."""
    if group_size is None:
        return "one scale for all"
    return "one a row" if group_size >= columns else f"groups of {group_size}"


def restored(x: Tensor, group_size: Size, bits: int) -> Tensor:
    """A matrix after the way there and back, by the learner's functions."""
    if group_size is None:
        q, scale = affine.quantize_symmetric(x, bits=bits)
        return affine.dequantize(q, scale)
    q, scale = granularity.quantize_per_group(x, group_size, bits=bits)
    return granularity.dequantize_per_group(q, scale, group_size)


def storage(x: Tensor, group_size: Size, bits: int, scale_bits: int = 16) -> float:
    """Bits a weight of a matrix, short groups counted as they are."""
    kind = "tensor" if group_size is None else "group"
    scales = granularity.count_scales(tuple(x.shape), kind, group_size=group_size)
    return bits + scale_bits * scales / x.numel()


def error_map(x: Tensor, group_size: Size, bits: int, outlier: float | None = None) -> ErrorMap:
    """Quantize a matrix, with or without an outlier in it, and look at all other values."""
    values = x.detach().clone()
    others = torch.ones_like(values, dtype=torch.bool)
    place = tuple(min(where, size - 1) for where, size in zip(PLACE, values.shape, strict=True))
    if outlier is not None:
        values[place], others[place] = outlier, False
    x_hat = restored(values, group_size, bits)
    lost = (x_hat == 0) & (restored(x, group_size, bits) != 0) & others if outlier is not None else ~others
    error = (values - x_hat).abs().double().numpy()[: SHOWN[0], : SHOWN[1]]
    return ErrorMap(
        group_size,
        name_of(group_size, values.shape[1]),
        storage(values, group_size, bits),
        error,
        affine.sqnr_db(values[others], x_hat[others]),
        int(lost.sum()),
    )


def error_maps(x: Tensor, sizes: Sequence[Size], bits: int, outlier: float | None = None) -> ErrorMaps:
    """One map for each group size (None: one scale for all), in colours that can be compared."""
    maps = tuple(error_map(x, size, bits, outlier) for size in sizes)
    return ErrorMaps(bits, outlier, maps, colour_limit(x, bits))


def colour_limit(x: Tensor, bits: int) -> float:
    """Four times the root mean square error that one scale a row leaves: what is darker was not rounding as usual."""
    error = x.detach().double() - restored(x, x.shape[1], bits).double()
    return 4 * float(error.square().mean().sqrt()) or 1.0


def error_maps_figure(data: ErrorMaps) -> Figure:
    """Draw the maps one below the other; dark is a large error."""
    figure = new_figure(height=0.9 + 1.75 * len(data.maps))
    panels = figure.subplots(len(data.maps), 1, squeeze=False)[:, 0]
    without = "" if data.outlier is None else ", the outlier left out"
    for axes, one in zip(panels, data.maps, strict=True):
        image = draw_map(axes, one, data.limit)
        axes.set_title(f"{one.name}: SQNR {fixed(one.db, 1)} dB{without}")
    colour_bar(figure, list(panels), image)
    state(figure, data.finding)
    return figure


def draw_map(axes: Axes, one: ErrorMap, limit: float) -> AxesImage:
    """One map, its colours ending at ``limit``."""
    image = axes.imshow(one.error, cmap=ERRORS, norm=Normalize(0, limit), aspect="auto", interpolation="nearest")
    rows, columns = one.error.shape
    axes.set(xticks=range(0, columns + 1, 32), yticks=range(0, rows + 1, 16), ylabel="row")
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    return image


def colour_bar(figure: Figure, panels: list[Axes], image: AxesImage) -> None:
    """What the colours mean, beside the panels."""
    panels[-1].set_xlabel("column")
    figure.colorbar(image, ax=panels, extend="max", label="|error|", shrink=0.8, pad=0.01)
