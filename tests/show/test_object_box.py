"""What a module holds: each answer is checked against what torch does."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from labs_lib.layers import W8A16Linear
from labs_lib.show.object_box import object_box, object_box_figure


class Ways(nn.Module):
    """Five ways to keep a tensor."""

    def __init__(self) -> None:
        super().__init__()
        codes = torch.zeros(4, 3, dtype=torch.int8)
        self.trained = nn.Parameter(torch.zeros(4, 3))
        self.frozen = nn.Parameter(codes.clone(), requires_grad=False)
        self.register_buffer("buffer", codes.clone())
        self.register_buffer("scratch", codes.clone(), persistent=False)
        self.attribute = codes.clone()


def test_kinds_and_sizes() -> None:
    held = {one.name: one for one in object_box(Ways()).held}
    assert {name: one.kind for name, one in held.items()} == {
        "trained": "parameter",
        "frozen": "parameter, frozen",
        "buffer": "buffer",
        "scratch": "buffer, not saved",
        "attribute": "attribute",
    }
    assert (held["trained"].bytes, held["buffer"].bytes) == (48, 12)
    assert (held["buffer"].dtype, held["buffer"].shape) == ("int8", (4, 3))


@pytest.mark.parametrize("make", [Ways, lambda: nn.Linear(3, 4), lambda: W8A16Linear(3, 4)])
def test_the_answers_are_torchs_own(make) -> None:
    module = make()
    box = object_box(module)
    names = {one.name: one.answers for one in box.held}
    assert {name for name, answers in names.items() if answers[0]} == set(module.state_dict())
    assert {name for name, answers in names.items() if answers[2]} == {name for name, _ in module.named_parameters()}
    trained = {name for name, one in module.named_parameters() if one.requires_grad}
    assert {name for name, answers in names.items() if answers[3]} == trained
    module.to("meta")
    assert {name for name, answers in names.items() if answers[1]} == {
        name for name in names if getattr(module, name).is_meta
    }


def test_the_finding_counts() -> None:
    box = object_box(W8A16Linear(384, 1536))
    assert box.finding == ("W8A16Linear holds 3 tensors of 602,112 bytes: state_dict saves 3, an optimizer trains 0")
    assert 602_112 == 384 * 1536 + 4 * 1536 + 4 * 1536


def test_a_cell_is_filled_where_the_answer_is_yes() -> None:
    box = object_box(Ways())
    figure = object_box_figure(box)
    figure.canvas.draw()
    (axes,) = figure.axes
    assert len(axes.patches) == 4 * len(box.held)
    filled = [patch.get_facecolor()[:3] != (1, 1, 1) for patch in axes.patches]
    assert filled == [answer for one in box.held for answer in one.answers]
    words = [text.get_text() for text in axes.texts if text.get_text() in ("yes", "no")]
    assert words == ["yes" if answer else "no" for one in box.held for answer in one.answers]
