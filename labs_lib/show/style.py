"""The look of every figure in the course: four colours with a meaning, and titles that state a finding.

Meaning never rests on colour alone. Each role has a colour (apart from the others for colour-blind eyes and
in grey), a hatch for areas and a marker for points.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

DPI = 110  # 9 inches are 990 pixels: the output column of JupyterLab in a window of 1280
WIDTH = 9.0  # inches
TITLE_SIZE = 13.0  # points, bold
LETTERS_PER_INCH = 9.0  # of a title: measured 9.9 on average, with room for a line of wide letters


@dataclass(frozen=True)
class Role:
    """One meaning, drawn the same way in every figure."""

    color: str
    marker: str
    hatch: str


VALUE = Role("#173a6e", "o", "")  # a real value, before quantization
CODE = Role("#e29a1f", "D", "..")  # a code, and the value that it comes back as
ERROR = Role("#b8321b", "X", "xx")  # what went wrong: clipped values, errors
WASTED = Role("#d4d4d4", "s", "//")  # what is paid for and not used

INK = "#222222"
FAINT = "#6b6b6b"  # axes, grids, secondary text: 5.3 to 1 against white, so still readable

SETTINGS: Any = {  # matplotlib types its keys one by one; a wrong one is an error at run time too
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.labelsize": 11.5,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12.5,
    "figure.facecolor": "white",  # also in JupyterLab's dark theme, where ink on nothing would vanish
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same picture on every machine
    "font.size": 11.5,
    "hatch.linewidth": 0.7,
    "legend.frameon": False,
    "savefig.dpi": DPI,
    "savefig.facecolor": "white",
    "text.color": INK,
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
}


def apply() -> None:
    """Make this the style of all figures drawn from now on (``new_figure`` does it by itself)."""
    matplotlib.rcParams.update(SETTINGS)


def new_figure(width: float = WIDTH, height: float = 4.0) -> Figure:
    """An empty figure in the course's style, sizes in inches.

    It is the caller's alone: pyplot does not know it, so it is shown once, by ``publish``, and freed.
    """
    apply()
    return Figure(figsize=(width, height), layout="constrained")


def state(figure: Figure, finding: str) -> Text:
    """Write the finding over the figure: left-aligned, in lines of about the same length."""
    widest = int(figure.get_figwidth() * LETTERS_PER_INCH)
    fewest = len(wrap(finding, widest))
    lines = next(lines for width in range(1, widest + 1) if len(lines := wrap(finding, width)) == fewest)
    return figure.suptitle(
        "\n".join(lines), x=0.01, ha="left", fontsize=TITLE_SIZE, fontweight="bold", linespacing=1.25
    )


def hide_scale(axes: Axes) -> None:
    """Take away a vertical scale that would mean nothing."""
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def lightness(color: str) -> float:
    """How light a colour is in grey, from 0 (black) to 1 (white): relative luminance by ITU-R BT.709."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ink_on(color: str) -> str:
    """Black or white, whichever can be read on ``color``."""
    return "black" if lightness(color) > 0.18 else "white"
