"""Figures and widgets: given code, used by the notebooks.

Each figure is a function that collects data (tested) and a function that draws them; a widget has a third, to
call in a notebook. The data come from the learner's own functions.
"""

from .bit_curve import bit_curves, bit_curves_figure, outlier_cost, outlier_cost_figure
from .bits import FORMATS, bits_figure, bits_of
from .byte_stack import byte_stack, byte_stack_figure
from .code_circle import code_circle, code_circle_figure
from .codes import code_use, codes_figure, codes_widget, shifted
from .even_grid import even_grid, even_grid_figure
from .format_line import format_line, format_line_figure
from .heatmap import panels, panels_figure
from .histogram import histogram, histogram_figure
from .minifloat import minifloat, minifloat_figure, minifloat_widget, nearest
from .mode_gain import mode_gains, mode_gains_figure
from .number_line import number_line, number_line_figure, number_line_widget
from .numbers import fixed, table
from .pairs import pairs, pairs_figure
from .publish import publish
from .rounding import rounding_error, rounding_error_figure
from .rulers import rulers, rulers_figure, rulers_widget
from .similarity import (
    kept,
    kept_figure,
    similarity,
    similarity_figure,
    similarity_finding,
    similarity_widget,
)
from .style import CODE, ERROR, VALUE, WASTED, new_figure, state
from .sweep import error_sweep, error_sweep_figure
from .ties import tie_bias, tie_bias_figure
from .two_rulers import two_rulers, two_rulers_figure
from .widget import Drawn, show_widget

__all__ = [
    "CODE",
    "ERROR",
    "FORMATS",
    "VALUE",
    "WASTED",
    "Drawn",
    "bit_curves",
    "bit_curves_figure",
    "bits_figure",
    "bits_of",
    "byte_stack",
    "byte_stack_figure",
    "code_circle",
    "code_circle_figure",
    "code_use",
    "codes_figure",
    "codes_widget",
    "error_sweep",
    "error_sweep_figure",
    "even_grid",
    "even_grid_figure",
    "fixed",
    "format_line",
    "format_line_figure",
    "histogram",
    "histogram_figure",
    "kept",
    "kept_figure",
    "minifloat",
    "minifloat_figure",
    "minifloat_widget",
    "mode_gains",
    "mode_gains_figure",
    "nearest",
    "new_figure",
    "number_line",
    "number_line_figure",
    "number_line_widget",
    "outlier_cost",
    "outlier_cost_figure",
    "pairs",
    "pairs_figure",
    "panels",
    "panels_figure",
    "publish",
    "rounding_error",
    "rounding_error_figure",
    "rulers",
    "rulers_figure",
    "rulers_widget",
    "shifted",
    "show_widget",
    "similarity",
    "similarity_figure",
    "similarity_finding",
    "similarity_widget",
    "state",
    "table",
    "tie_bias",
    "tie_bias_figure",
    "two_rulers",
    "two_rulers_figure",
]
