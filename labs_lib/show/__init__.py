"""Figures and widgets: given code, used by the notebooks.

Each figure is a function that collects data (tested) and a function that draws them; a widget has a third, to
call in a notebook. The data come from the learner's own functions.
"""

from .accumulator import accumulator, accumulator_figure
from .activation_surface import activation_surfaces, activation_surfaces_figure
from .axis_mistake import axis_mistake, axis_mistake_figure
from .bit_budget import budgets, budgets_figure, budgets_widget
from .bit_curve import bit_curves, bit_curves_figure, outlier_cost, outlier_cost_figure
from .bit_rows import FREE, STRAY, BitRow, bit_rows_figure, owners_of
from .bit_stepper import Step, packing_steps, packing_widget, step_figure, unpacking_steps
from .bits import FORMATS, bits_figure, bits_of
from .byte_reader import reading_figure, signed_shift, unmasked, unpacking_widget
from .byte_stack import byte_stack, byte_stack_figure
from .byte_waterfall import byte_waterfall, byte_waterfall_figure, bytes_by
from .channel_errors import channel_errors, channel_errors_figure, channel_errors_widget
from .checkpoints import divergences, divergences_figure
from .code_circle import code_circle, code_circle_figure
from .code_layouts import TERNARY, code_layout, code_layouts, code_layouts_figure, code_layouts_widget
from .codes import code_use, codes_figure, codes_widget, shifted
from .data_flow import data_flow, data_flow_figure, data_flow_finding
from .decision_tree import decision_tree, decision_tree_figure, decision_tree_widget
from .error_map import error_maps, error_maps_figure
from .even_grid import even_grid, even_grid_figure
from .format_line import format_line, format_line_figure
from .four_terms import four_terms, four_terms_figure, four_terms_finding
from .group_cut import group_cut, group_cut_figure
from .group_sizes import group_sizes, group_sizes_figure, group_sizes_widget
from .heatmap import panels, panels_figure
from .histogram import histogram, histogram_figure
from .memory_steps import memory_steps, memory_steps_figure
from .methods import Method, methods, month
from .minifloat import minifloat, minifloat_figure, minifloat_widget, nearest
from .mode_gain import mode_gains, mode_gains_figure
from .module_tree import module_tree, module_tree_figure, module_tree_widget
from .next_words import next_words, next_words_finding
from .nibbles import nibbles, nibbles_figure, nibbles_widget
from .number_line import number_line, number_line_figure, number_line_widget
from .numbers import fixed, table
from .object_box import object_box, object_box_figure
from .output_errors import output_errors, output_errors_figure
from .packed_quality import packed_quality, packed_quality_figure
from .pairs import pairs, pairs_figure
from .plane import PlanePoint, plane, plane_figure
from .publish import publish
from .rate import RateCurve, Rates, quality_figure, rate_curves, rate_figure
from .rounding import rounding_error, rounding_error_figure
from .rulers import rulers, rulers_figure, rulers_widget
from .running_sum import running_sum, running_sum_figure
from .sensitivity import sensitivity, sensitivity_figure
from .sharing import shared_round_trip, sharing, sharing_figure, sharing_widget
from .significands import significands, significands_figure, significands_widget
from .similarity import (
    kept,
    kept_figure,
    similarity,
    similarity_figure,
    similarity_finding,
    similarity_widget,
)
from .smoothing import smoothing, smoothing_figure, smoothing_widget
from .static_range import static_range, static_range_figure, static_range_widget
from .style import CODE, ERROR, VALUE, WASTED, new_figure, state
from .sweep import error_sweep, error_sweep_figure
from .tensor_file import tensor_file, tensor_file_figure, tensor_file_widget
from .text_pieces import text_pieces, text_pieces_figure
from .ties import tie_bias, tie_bias_figure
from .timeline import timeline, timeline_figure
from .trade_off import trade_off, trade_off_figure
from .two_circles import two_circles, two_circles_figure
from .two_rulers import two_rulers, two_rulers_figure
from .wasted_bits import wasted_bits, wasted_bits_figure
from .widget import Drawn, show_widget
from .word_squeeze import sign_smear, squeeze_figure, word_squeeze

__all__ = [
    "CODE",
    "ERROR",
    "FORMATS",
    "FREE",
    "STRAY",
    "TERNARY",
    "VALUE",
    "WASTED",
    "BitRow",
    "Drawn",
    "Method",
    "PlanePoint",
    "RateCurve",
    "Rates",
    "Step",
    "accumulator",
    "accumulator_figure",
    "activation_surfaces",
    "activation_surfaces_figure",
    "axis_mistake",
    "axis_mistake_figure",
    "bit_curves",
    "bit_curves_figure",
    "bit_rows_figure",
    "bits_figure",
    "bits_of",
    "budgets",
    "budgets_figure",
    "budgets_widget",
    "byte_stack",
    "byte_stack_figure",
    "byte_waterfall",
    "byte_waterfall_figure",
    "bytes_by",
    "channel_errors",
    "channel_errors_figure",
    "channel_errors_widget",
    "code_circle",
    "code_circle_figure",
    "code_layout",
    "code_layouts",
    "code_layouts_figure",
    "code_layouts_widget",
    "code_use",
    "codes_figure",
    "codes_widget",
    "data_flow",
    "data_flow_figure",
    "data_flow_finding",
    "decision_tree",
    "decision_tree_figure",
    "decision_tree_widget",
    "divergences",
    "divergences_figure",
    "error_maps",
    "error_maps_figure",
    "error_sweep",
    "error_sweep_figure",
    "even_grid",
    "even_grid_figure",
    "fixed",
    "format_line",
    "format_line_figure",
    "four_terms",
    "four_terms_figure",
    "four_terms_finding",
    "group_cut",
    "group_cut_figure",
    "group_sizes",
    "group_sizes_figure",
    "group_sizes_widget",
    "histogram",
    "histogram_figure",
    "kept",
    "kept_figure",
    "memory_steps",
    "memory_steps_figure",
    "methods",
    "minifloat",
    "minifloat_figure",
    "minifloat_widget",
    "mode_gains",
    "mode_gains_figure",
    "module_tree",
    "module_tree_figure",
    "module_tree_widget",
    "month",
    "nearest",
    "new_figure",
    "next_words",
    "next_words_finding",
    "nibbles",
    "nibbles_figure",
    "nibbles_widget",
    "number_line",
    "number_line_figure",
    "number_line_widget",
    "object_box",
    "object_box_figure",
    "outlier_cost",
    "outlier_cost_figure",
    "output_errors",
    "output_errors_figure",
    "owners_of",
    "packed_quality",
    "packed_quality_figure",
    "packing_steps",
    "packing_widget",
    "pairs",
    "pairs_figure",
    "panels",
    "panels_figure",
    "plane",
    "plane_figure",
    "publish",
    "quality_figure",
    "rate_curves",
    "rate_figure",
    "reading_figure",
    "rounding_error",
    "rounding_error_figure",
    "rulers",
    "rulers_figure",
    "rulers_widget",
    "running_sum",
    "running_sum_figure",
    "sensitivity",
    "sensitivity_figure",
    "shared_round_trip",
    "sharing",
    "sharing_figure",
    "sharing_widget",
    "shifted",
    "show_widget",
    "sign_smear",
    "signed_shift",
    "significands",
    "significands_figure",
    "significands_widget",
    "similarity",
    "similarity_figure",
    "similarity_finding",
    "similarity_widget",
    "smoothing",
    "smoothing_figure",
    "smoothing_widget",
    "squeeze_figure",
    "state",
    "static_range",
    "static_range_figure",
    "static_range_widget",
    "step_figure",
    "table",
    "tensor_file",
    "tensor_file_figure",
    "tensor_file_widget",
    "text_pieces",
    "text_pieces_figure",
    "tie_bias",
    "tie_bias_figure",
    "timeline",
    "timeline_figure",
    "trade_off",
    "trade_off_figure",
    "two_circles",
    "two_circles_figure",
    "two_rulers",
    "two_rulers_figure",
    "unmasked",
    "unpacking_steps",
    "unpacking_widget",
    "wasted_bits",
    "wasted_bits_figure",
    "word_squeeze",
]
