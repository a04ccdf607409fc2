"""Figures show the learner's code at work; here the reference stands in for it."""

from __future__ import annotations

import importlib

import pytest
import torch
from torch import Tensor


@pytest.fixture(autouse=True)
def reference_solutions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_MODE", "solutions")


@pytest.fixture
def T() -> Tensor:
    """The tensor of the video course, whose results are known."""
    return torch.tensor([[191.6, -13.5, 728.6], [92.14, 295.5, -184], [0, 684.6, 245.5]])


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict, dict]]:
    """What was displayed: pairs of data and metadata."""
    calls: list[tuple[dict, dict]] = []

    def record(data: dict, *, metadata: dict | None = None, raw: bool) -> None:
        assert raw
        calls.append((data, metadata or {}))

    for module in ("labs_lib.show.publish", "labs_lib.show.widget"):
        monkeypatch.setattr(importlib.import_module(module), "display", record)
    return calls
