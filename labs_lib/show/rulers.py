"""Two rulers, the real range above the code range: what a scale and a zero point join, and what they miss.

The naive recipe (and the video course) takes the scale of ``[low, high]`` as it is, then clamps a zero point
that is no code. That destroys a range that does not contain 0. The remedy is to widen the range to contain 0
first, as ``affine.choose_qparams`` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch
from numpy.typing import NDArray

from labs_lib import affine

from .numbers import fixed
from .style import CODE, ERROR, FAINT, INK, VALUE, WASTED, new_figure, state
from .widget import Drawn, range_slider, show_widget, toggle, whole_slider

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rulers:
    """A range in real units, the parameters chosen for it, and what five of its values come back as."""

    low: float
    high: float
    q_min: int
    q_max: int
    scale: float
    raw_zero_point: int  # before any clamping
    zero_point: int  # the one in use
    x: Floats  # five values, evenly from low to high
    q: NDArray[np.int64]
    x_hat: Floats
    zero_hat: float  # what 0.0 comes back as

    @property
    def reach(self) -> tuple[float, float]:
        """What the smallest and the largest code stand for."""
        return self.scale * (self.q_min - self.zero_point), self.scale * (self.q_max - self.zero_point)

    @property
    def mse(self) -> float:
        return float(np.mean((self.x - self.x_hat) ** 2))

    @property
    def lost(self) -> NDArray[np.bool_]:
        """The values that moved further than rounding can move them."""
        return np.abs(self.x - self.x_hat) > 0.51 * self.scale  # half a step, and room for float32

    @property
    def finding(self) -> str:
        error = f"MSE {self.mse:.3g}"
        cause = f"Zero point clamped to {self.zero_point}" if self.zero_point != self.raw_zero_point else "Clipped"
        if self.lost.any() and np.ptp(self.x_hat) == 0:
            return f"{cause}: every value comes back as {self.x_hat[0]:g} ({error})"
        if self.lost.any():
            return f"{cause}: the codes miss {self.lost.sum()} of {self.x.size} values ({error})"
        if self.zero_hat != 0:
            return f"No code stands for 0.0, which comes back as {self.zero_hat:.4g}; no value is lost ({error})"
        return f"The codes cover the range and 0.0 is one of them: no value is lost ({error})"


def rulers(low: float, high: float, bits: int = 8, *, clamp: bool = True, include_zero: bool = False) -> Rulers:
    """Choose parameters for the range ``[low, high]`` and use them.

    Args:
        low, high: real values, low < high.
        bits: width of a signed code.
        clamp: clamp a zero point that is not a code (the naive recipe).
        include_zero: use ``affine.choose_qparams`` instead, which widens the range to hold 0.
    """
    if not low < high:
        raise ValueError(f"low must be smaller than high, got {low} and {high}")
    q_min, q_max = affine.q_range(bits)
    x = torch.linspace(low, high, 5)
    if include_zero:
        chosen_scale, chosen_zero_point = affine.choose_qparams(x, bits=bits)
        scale, raw, zero_point = float(chosen_scale), int(chosen_zero_point), int(chosen_zero_point)
    else:
        scale = (high - low) / (q_max - q_min)
        raw = round(q_min - low / scale)
        zero_point = min(max(raw, q_min), q_max) if clamp else raw
    values = torch.cat([x, torch.zeros(1)])
    q = affine.quantize(values, scale, zero_point, bits=bits)
    back = affine.dequantize(q, scale, zero_point).double()
    return Rulers(
        low=low,
        high=high,
        q_min=q_min,
        q_max=q_max,
        scale=scale,
        raw_zero_point=raw,
        zero_point=zero_point,
        x=x.double().numpy(),
        q=q[:-1].long().numpy(),
        x_hat=back[:-1].numpy(),
        zero_hat=float(back[-1]),
    )


def rulers_figure(rulers: Rulers, view: tuple[float, float] | None = None) -> Figure:
    """Draw it: the codes' ruler under the real one, joined at q_min, q_max and zero.

    Args:
        rulers: the data.
        view: the part of the real line to show; by default the range, 0 and what the codes reach.
    """
    figure = new_figure(height=4.6)
    real, codes = figure.subplots(2, 1, height_ratios=[1.5, 1])
    shown = [rulers.low, rulers.high, 0.0, *rulers.reach]
    margin = 0.08 * (max(shown) - min(shown))
    real.set_xlim(*(view or (min(shown) - margin, max(shown) + margin)))
    _draw_real_ruler(real, rulers)
    _draw_code_ruler(codes, rulers)
    _join(real, codes, rulers)
    figure.legend(loc="outside lower center", ncols=4)
    state(figure, rulers.finding)
    return figure


def rulers_widget(low: float = 10.0, high: float = 20.0, bits: int = 8) -> None:
    """Show the rulers with a slider for the range and two boxes to tick; it starts with the mistake."""
    limit = 2.0 * max(abs(low), abs(high))
    controls = {
        "span": range_slider("range of the values", (low, high), -limit, limit, limit / 80),
        "bits": whole_slider("bits", bits, 2, 8),
        "clamp": toggle("clamp the zero point to the codes", True),
        "include_zero": toggle("widen the range to include zero (choose_qparams)", False),
    }

    def draw(span: tuple[float, float], **choices: Any) -> Drawn:
        data = rulers(*span, **choices)
        settings = f"range {data.low:g} to {data.high:g}, scale {fixed(data.scale)}, zero point {data.zero_point}"
        alt = f"real ruler over code ruler, {settings}. {data.finding}."
        return Drawn(rulers_figure(data, view=(-1.1 * limit, 1.1 * limit)), alt)

    show_widget(controls, draw)


def _draw_real_ruler(axes: Axes, rulers: Rulers) -> None:
    """Above, the values; below, what the codes reach and what the values come back as."""
    axes.set_ylim(0, 1)
    axes.xaxis.tick_top()
    axes.spines["bottom"].set_visible(False)
    axes.spines["top"].set_visible(True)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([0.72, 0.18], ["values", "come back as"])
    axes.tick_params(axis="y", length=0)
    axes.axvline(0.0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    axes.plot([rulers.low, rulers.high], [0.72, 0.72], color=VALUE.color, linewidth=3, alpha=0.5)
    axes.plot(rulers.reach, [0.18, 0.18], color=CODE.color, linewidth=9, solid_capstyle="butt")
    kept = ~rulers.lost
    for chosen, role, label in [(kept, VALUE, "value, kept"), (rulers.lost, ERROR, "value, clipped")]:
        axes.plot(rulers.x[chosen], np.full(chosen.sum(), 0.72), role.marker, color=role.color, ms=9, label=label)
        for x, x_hat in zip(rulers.x[chosen], rulers.x_hat[chosen], strict=True):
            arrow = {"arrowstyle": "->", "color": role.color, "linewidth": 1.2}
            axes.annotate("", xy=(x_hat, 0.24), xytext=(x, 0.67), arrowprops=arrow)
    axes.plot(rulers.x_hat, np.full(5, 0.18), CODE.marker, color="white", markeredgecolor=INK, markersize=7)


def _draw_code_ruler(axes: Axes, rulers: Rulers) -> None:
    """The codes from q_min to q_max, those between the values' codes filled, the others hatched."""
    reach = rulers.q_max - rulers.q_min
    axes.set_xlim(rulers.q_min - 0.14 * reach, rulers.q_max + 0.14 * reach)
    axes.set_ylim(0, 1)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.set_yticks([0.25], ["codes"])
    axes.tick_params(axis="y", length=0)
    body: dict[str, Any] = {"height": 0.26, "linewidth": 1, "edgecolor": FAINT}
    axes.barh(0.25, reach, left=rulers.q_min, color=WASTED.color, hatch=WASTED.hatch, label="codes not used", **body)
    used = float(rulers.q.max() - rulers.q.min())
    axes.barh(0.25, max(used, 0.004 * reach), left=rulers.q.min(), color=CODE.color, label="codes in use", **body)
    inner = rulers.q_min + 0.08 * reach < rulers.zero_point < rulers.q_max - 0.08 * reach
    axes.set_xticks([rulers.q_min, *([rulers.zero_point] if inner else []), rulers.q_max])


def _join(real: Axes, codes: Axes, rulers: Rulers) -> None:
    """Lines between the rulers; a zero point that is not a code has nowhere to go."""
    joints = [(rulers.reach[0], rulers.q_min, "solid"), (rulers.reach[1], rulers.q_max, "solid")]
    text = f"zero point {rulers.zero_point}"
    if rulers.q_min <= rulers.zero_point <= rulers.q_max:
        joints.append((0.0, rulers.zero_point, "dashed"))
    else:
        text += ": not a code"
    if rulers.zero_point != rulers.raw_zero_point:
        text += f" (clamped, it was {rulers.raw_zero_point})"
    for value, code, line in joints:
        joint = ConnectionPatch((value, 0.10), (code, 0.38), "data", "data", axesA=real, axesB=codes)
        joint.set(linewidth=1.3, linestyle=line, color=INK)
        codes.add_artist(joint)
    codes.set_xlabel(f"code ({text}; one step is {fixed(rulers.scale)} real units)")
