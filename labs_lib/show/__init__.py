"""Figures and widgets: given code, used by the notebooks.

Each figure is a function that collects data (tested) and a function that draws them; a widget has a third, to
call in a notebook. The data come from the learner's own functions.
"""

from .bits import FORMATS, bits_figure, bits_of
from .codes import code_use, codes_figure, codes_widget, shifted
from .format_line import format_line, format_line_figure
from .heatmap import panels, panels_figure
from .histogram import histogram, histogram_figure
from .number_line import number_line, number_line_figure, number_line_widget
from .numbers import fixed, table
from .publish import publish
from .rulers import rulers, rulers_figure, rulers_widget
from .style import CODE, ERROR, VALUE, WASTED, new_figure, state
from .widget import Drawn, show_widget

__all__ = [
    "CODE",
    "ERROR",
    "FORMATS",
    "VALUE",
    "WASTED",
    "Drawn",
    "bits_figure",
    "bits_of",
    "code_use",
    "codes_figure",
    "codes_widget",
    "fixed",
    "format_line",
    "format_line_figure",
    "histogram",
    "histogram_figure",
    "new_figure",
    "number_line",
    "number_line_figure",
    "number_line_widget",
    "panels",
    "panels_figure",
    "publish",
    "rulers",
    "rulers_figure",
    "rulers_widget",
    "shifted",
    "show_widget",
    "state",
    "table",
]
