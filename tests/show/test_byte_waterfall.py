"""Bytes by part, before and after."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from labs_lib.show.byte_waterfall import byte_waterfall, byte_waterfall_figure, bytes_by

BEFORE = {"embeddings": 4e6, "attention": 2e6, "MLP": 8e6}
AFTER = {"embeddings": 4e6, "attention": 0.5e6, "MLP": 2e6}


def test_parameters_and_buffers_by_part() -> None:
    model = nn.ModuleDict({"a": nn.Linear(3, 2), "b": nn.BatchNorm1d(4)})
    model["b"].register_buffer("codes", torch.zeros(5, dtype=torch.int8), persistent=False)
    sizes = bytes_by(model, lambda name: name[0])
    assert sizes == {"a": 4 * (6 + 2), "b": 4 * 4 * 4 + 8 + 5}


def test_a_tied_weight_counts_at_its_first_name() -> None:
    model = nn.ModuleDict({"emb": nn.Embedding(5, 2), "head": nn.Linear(2, 5)})
    model["head"].weight = model["emb"].weight
    assert bytes_by(model, lambda name: name.split(".")[0]) == {"emb": 40, "head": 20}


def test_the_largest_saving_comes_first() -> None:
    data = byte_waterfall(BEFORE, AFTER)
    assert data.parts == ("MLP", "attention", "embeddings")
    assert data.saved.tolist() == [6.0, 1.5, 0.0]
    assert data.finding == "14.0 MB become 6.5 MB; 62 % of what is left is embeddings"


def test_the_steps_lead_from_the_whole_before_to_the_whole_after() -> None:
    figure = byte_waterfall_figure(byte_waterfall(BEFORE, AFTER))
    figure.canvas.draw()
    (axes,) = figure.axes
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    assert bars == [(0, 14), (8, 14), (6.5, 8), (0, 6.5)]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["before", "MLP", "attention", "embeddings", "after"]
    words = {text.get_text() for text in axes.texts}
    assert {"8.0 → 2.0 MB", "4.0 MB, unchanged", "14.0 MB", "6.5 MB"} <= words


def test_a_small_part_is_not_nothing() -> None:
    figure = byte_waterfall_figure(byte_waterfall(BEFORE | {"norms": 4e4}, AFTER | {"norms": 4e4}))
    assert "under 0.1 MB, unchanged" in {text.get_text() for text in figure.axes[0].texts}


def test_other_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="same parts"):
        byte_waterfall(BEFORE, {"MLP": 1.0})
    with pytest.raises(ValueError, match="same parts"):
        byte_waterfall({}, {})
