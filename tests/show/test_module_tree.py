"""A model's modules as rows, and what became of the linear ones."""

from __future__ import annotations

import html
import re

import pytest
from ipywidgets import widget as registry
from torch import nn

from labs_lib.layers import W8A16Linear
from labs_lib.replacement import replace_linears
from labs_lib.show.module_tree import ROLES, module_tree, module_tree_figure, module_tree_widget

VIEW = "application/vnd.jupyter.widget-view+json"


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.emb = nn.Embedding(7, 4)
        self.block = nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 4))
        self.again = self.block
        self.attn = nn.MultiheadAttention(4, 2)
        self.head = nn.Linear(4, 7, bias=False)
        self.head.weight = self.emb.weight


@pytest.fixture
def after():
    model = Model()
    return module_tree(model, replace_linears(model, W8A16Linear.from_linear, exclude=["block.1"]))


def test_all_modules_under_all_their_names() -> None:
    rows = module_tree(Model()).rows
    assert [row.name for row in rows] == [
        *("emb", "block", "block.0", "block.1", "again", "again.0", "again.1", "attn", "attn.out_proj", "head"),
    ]
    assert [row.depth for row in rows] == [0, 0, 1, 1, 0, 1, 1, 0, 1, 0]
    assert [row.same_as for row in rows if row.same_as] == ["block", "block.0", "block.1"]
    assert rows[2].kind == "Linear 4 → 5" and rows[0].kind == "Embedding" and rows[2].label == "0"


def test_before_a_replacement_a_layer_is_linear_or_not() -> None:
    tree = module_tree(Model())
    linear = [row.name for row in tree.rows if row.status == "linear"]
    assert linear == ["block.0", "block.1", "again.0", "again.1", "attn.out_proj", "head"]
    assert tree.finding == "4 linear layers, under 6 names"


def test_afterwards_the_report_says_what_became_of_it(after) -> None:
    status = {row.name: row.status for row in after.rows}
    assert status["block.0"] == status["again.0"] == "replaced"
    assert status["block.1"] == status["again.1"] == "excluded"
    assert (status["attn.out_proj"], status["head"], status["emb"]) == ("unsupported", "tied", "other")
    assert after.finding == "1 of 4 linear layers exchanged, 3 left alone (1 excluded, 1 tied, 1 unsupported)"


def test_nothing_left_alone() -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    tree = module_tree(model, replace_linears(model, W8A16Linear.from_linear))
    assert tree.finding == "1 of 1 linear layers exchanged, none left alone"


def test_new_layers_are_not_entered() -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    tree = module_tree(model, replace_linears(model, lambda linear: nn.Sequential(linear)))
    assert [row.name for row in tree.rows] == ["0"]


def test_one_box_a_row_in_the_colour_and_hatch_of_its_role(after) -> None:
    figure = module_tree_figure([module_tree(Model()), after], ["before", "after"])
    figure.canvas.draw()
    assert figure.get_suptitle().replace("\n", " ") == after.finding
    boxes = figure.axes[1].patches
    assert len(boxes) == len(after.rows)
    for box, row in zip(boxes, after.rows, strict=True):
        assert box.get_hatch() == (2 * ROLES[row.status].hatch or None)
    assert "  Linear 5 → 4  (excluded)" in {text.get_text() for text in figure.axes[1].texts}
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        *("float linear layer", "exchanged", "linear, left alone", "other"),
    ]


def test_no_words_leave_the_figure(after) -> None:
    figure = module_tree_figure([module_tree(Model()), after], ["before", "after"])
    figure.canvas.draw()
    ends = [*(axes.get_window_extent().x0 for axes in figure.axes[1:]), figure.bbox.x1]
    for axes, end in zip(figure.axes, ends, strict=True):
        assert all(text.get_window_extent().x1 < end for text in axes.texts)


def test_one_tree_has_the_full_names_beside_it(after) -> None:
    figure = module_tree_figure([after], ["alone"])
    words = [text.get_text() for text in figure.axes[0].texts]
    linear = [row.name for row in after.rows if row.status != "other"]
    assert words[-len(linear) - 1 : -1] == linear
    assert words[-1] == "full names of the linear layers"


def test_typed_patterns_draw_anew(displayed: list) -> None:
    module_tree_widget(Model, W8A16Linear.from_linear, "head", examples=["*", "block.0"])
    ((data, _),) = displayed
    box = registry._instances[data[VIEW]["model_id"]]
    control, view = box.children
    assert data["text/plain"].endswith("Left alone by a pattern: head.")
    assert control.options == ("*", "block.0")
    control.value = "again.1, block.0,"
    assert "patterns ['again.1', 'block.0']" in _alt(view)
    assert "Left alone by a pattern: block.0, again.0, block.1, again.1." in _alt(view)
    control.value = "*"
    assert "0 of 4 linear layers exchanged" in _alt(view)


def _alt(view) -> str:
    return html.unescape(re.search(r'<img alt="([^"]*)"', view.value).group(1))
