"""What all widgets share: controls above a picture, drawn anew whenever a control moves.

The picture is an ``<img>`` in an ``ipywidgets.HTML``. The Output widget (and ``interact``, which uses it)
would be less code, but what it catches cannot be compared by nbval.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets
from IPython.display import display
from matplotlib.figure import Figure

from .publish import picture

WIDE = ipywidgets.Layout(width="560px", max_width="100%")
READABLE = {"description_width": "210px"}  # the default of 80 pixels cuts every name that explains something


@dataclass(frozen=True)
class Drawn:
    """A figure and the sentence that stands for it."""

    figure: Figure
    alt: str


def show_widget(controls: Mapping[str, ipywidgets.ValueWidget], draw: Callable[..., Drawn]) -> None:
    """Display controls and the figure that ``draw`` makes of their values.

    One mimebundle holds the live widget, for a front end with a kernel, and the picture of the first state,
    for one without (GitHub, nbconvert).

    Args:
        controls: by the name of the argument of ``draw`` that they set; shown in this order.
        draw: called with the value of every control. An exception in the first drawing is raised in the cell;
            later ones stand where the picture was.
    """

    def drawn() -> dict[str, str]:
        result = draw(**{name: control.value for name, control in controls.items()})
        return picture(result.figure, result.alt)

    def redraw(_change: Any) -> None:
        try:
            view.value = _image(drawn())
        except Exception as error:  # a callback has no cell in which a traceback could appear
            view.value = _message(error)

    first = drawn()
    view = ipywidgets.HTML(_image(first))
    for control in controls.values():
        control.observe(redraw, names="value")
    box = ipywidgets.VBox([*controls.values(), view])
    alt = first["text/plain"].removeprefix("Figure: ")
    live = {"application/vnd.jupyter.widget-view+json": box.get_view_spec()}
    display({**live, **first}, metadata={"image/png": {"alt": alt}}, raw=True)


def whole_slider(description: str, value: int, low: int, high: int) -> ipywidgets.IntSlider:
    """A slider over whole numbers; arrow keys move it by one."""
    return ipywidgets.IntSlider(value=value, min=low, max=high, description=description, style=READABLE, layout=WIDE)


def slider(description: str, value: float, low: float, high: float, step: float) -> ipywidgets.FloatSlider:
    """A slider over real numbers; arrow keys move it by ``step``."""
    return ipywidgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=description, style=READABLE, layout=WIDE
    )


def ratio_slider(description: str, value: float, low: float, high: float) -> ipywidgets.FloatLogSlider:
    """A slider over positive numbers that moves by ratios (2 % a step), for several powers of ten."""
    step, start = math.log10(1.02), math.log10(value)
    below, above = round((start - math.log10(low)) / step), round((math.log10(high) - start) / step)
    return ipywidgets.FloatLogSlider(
        value=value,
        min=start - below * step,  # whole steps from the first value: the front end rounds to them
        max=start + above * step,
        step=step,
        readout_format=".4g",
        description=description,
        style=READABLE,
        layout=WIDE,
    )


def range_slider(
    description: str, value: tuple[float, float], low: float, high: float, step: float
) -> ipywidgets.FloatRangeSlider:
    """A slider with two handles."""
    return ipywidgets.FloatRangeSlider(
        value=value, min=low, max=high, step=step, description=description, style=READABLE, layout=WIDE
    )


def choice_slider(description: str, names: Sequence[str], value: str) -> ipywidgets.SelectionSlider:
    """A slider over a few names; arrow keys move it by one."""
    return ipywidgets.SelectionSlider(
        value=value, options=list(names), description=description, style=READABLE, layout=WIDE
    )


def toggle(description: str, value: bool) -> ipywidgets.Checkbox:
    """A box to tick; the space bar ticks it."""
    return ipywidgets.Checkbox(value, description=description, indent=False, layout=WIDE)


def suggestions(description: str, value: str, options: Sequence[str]) -> ipywidgets.Combobox:
    """A line of text to type, with texts to choose from. It counts when Enter is pressed or the line is left."""
    return ipywidgets.Combobox(
        value=value,
        options=tuple(options),
        continuous_update=False,
        description=description,
        style=READABLE,
        layout=WIDE,
    )


def _image(bundle: Mapping[str, str]) -> str:
    alt = html.escape(bundle["text/plain"].removeprefix("Figure: "))
    return f'<img alt="{alt}" src="data:image/png;base64,{bundle["image/png"]}" style="max-width: 100%">'


def _message(error: Exception) -> str:
    return f'<pre role="alert">{html.escape(f"{type(error).__name__}: {error}")}</pre>'
