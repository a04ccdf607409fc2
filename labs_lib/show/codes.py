"""Which codes a tensor uses, and which it pays for and never uses: symmetric and asymmetric side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from labs_lib import affine

from .numbers import fixed
from .style import CODE, FAINT, INK, WASTED, new_figure, state
from .widget import Drawn, show_widget, slider, whole_slider


@dataclass(frozen=True)
class CodeUse:
    """How often each code occurs when one tensor is quantized in one mode."""

    mode: str  # "symmetric" or "asymmetric"
    bits: int
    codes: NDArray[np.int64]  # all codes of the bit width, smallest first
    counts: NDArray[np.int64]  # how many values have each code
    scale: float  # real units per step
    zero_point: int
    mse: float  # in squared real units

    @property
    def used(self) -> int:
        """Codes that at least one value has."""
        return int((self.counts > 0).sum())

    @property
    def unused(self) -> int:
        return len(self.codes) - self.used

    @property
    def out_of_reach(self) -> int:
        """Codes below the smallest or above the largest one in use: wasted, however many values there are."""
        hit = np.flatnonzero(self.counts)
        return len(self.codes) - int(hit[-1] - hit[0] + 1)

    @property
    def summary(self) -> str:
        return (
            f"{self.mode}: {self.used} of {len(self.codes)} codes used, {self.out_of_reach} out of reach; "
            f"step {fixed(self.scale)}, MSE {self.mse:.3g}"
        )


def code_use(x: Tensor, mode: str, bits: int = 8) -> CodeUse:
    """Quantize ``x`` (any shape, floating) with the learner's functions and count its codes.

    Raises:
        ValueError: ``mode`` is neither "symmetric" nor "asymmetric".
    """
    if mode == "symmetric":
        q, scale = affine.quantize_symmetric(x, bits=bits)
        zero_point = 0
    elif mode == "asymmetric":
        q, scale, chosen = affine.quantize_asymmetric(x, bits=bits)
        zero_point = int(chosen)
    else:
        raise ValueError(f'mode must be "symmetric" or "asymmetric", got {mode!r}')
    q_min, q_max = affine.q_range(bits)
    error = x.double() - affine.dequantize(q, scale, zero_point).double()
    return CodeUse(
        mode=mode,
        bits=bits,
        codes=np.arange(q_min, q_max + 1),
        counts=np.bincount(q.flatten().long().numpy() - q_min, minlength=q_max - q_min + 1),
        scale=float(scale),
        zero_point=zero_point,
        mse=float((error**2).mean()),
    )


def shifted(x: Tensor, offset: float = 0.0, relu: float = 0.0) -> Tensor:
    """Make ``x`` one-sided: add ``offset`` standard deviations, then shrink negatives by the share ``relu``.

    A share of 0 changes nothing and 1 is a ReLU; between them it is a leaky ReLU of slope ``1 - relu``.
    """
    moved = x + offset * x.std()
    return moved.where(moved >= 0, (1 - relu) * moved)


def codes_figure(symmetric: CodeUse, asymmetric: CodeUse) -> Figure:
    """Draw both modes, one under the other, on one scale of codes."""
    figure = new_figure(height=5.0)
    panels = figure.subplots(2, 1, sharex=True, sharey=True)
    for axes, use in zip(panels, (symmetric, asymmetric), strict=True):
        _draw(axes, use)
    panels[1].set_xlabel("code")
    state(figure, finding(symmetric, asymmetric))
    return figure


def finding(symmetric: CodeUse, asymmetric: CodeUse) -> str:
    """What the two modes cost on this tensor."""
    total, lost = len(symmetric.codes), symmetric.out_of_reach
    share = f"{lost} of {total} codes ({100 * lost / total:.3g} %)"
    return f"Symmetric puts {share} out of reach of every value, asymmetric {asymmetric.out_of_reach}"


def codes_widget(x: Tensor, bits: int = 8, offset: float = 0.0, relu: float = 0.0) -> None:
    """Show the code use of ``x`` with sliders for bits, an offset and a share of ReLU, see ``shifted``."""
    controls = {
        "bits": whole_slider("bits", bits, 2, 8),
        "offset": slider("offset (standard deviations)", offset, -4.0, 4.0, 0.25),
        "relu": slider("ReLU share (1 is a ReLU)", relu, 0.0, 1.0, 0.05),
    }

    def draw(bits: int, offset: float, relu: float) -> Drawn:
        values = shifted(x, offset, relu)
        both = code_use(values, "symmetric", bits), code_use(values, "asymmetric", bits)
        settings = f"{bits} bits, offset {offset:g}, ReLU share {relu:g}"
        alt = f"histogram of codes, {settings}. {finding(*both)}. {both[0].summary}. {both[1].summary}."
        return Drawn(codes_figure(*both), alt)

    show_widget(controls, draw)


def _draw(axes: Axes, use: CodeUse) -> None:
    hit = use.codes[use.counts > 0]
    for low, high in [(use.codes[0], hit[0] - 1), (hit[-1] + 1, use.codes[-1])]:
        if high >= low:
            axes.axvspan(
                low - 0.5,
                high + 0.5,
                facecolor=WASTED.color,
                edgecolor=FAINT,
                hatch=WASTED.hatch,
                linewidth=0,
                zorder=0,
            )
    axes.bar(use.codes, use.counts, width=0.9, color=CODE.color, edgecolor=INK, linewidth=0.3)
    axes.set_yscale("log")
    axes.set_ylim(0.5, 3.0 * use.counts.max())
    margin = 0.5 + 0.01 * len(use.codes)  # so that a bar at the last code stands clear of the axis
    axes.set_xlim(use.codes[0] - margin, use.codes[-1] + margin)
    axes.set_ylabel("values per code")
    axes.set_title(use.summary)
