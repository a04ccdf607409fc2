"""The relative error of every output."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from labs_lib.show.output_errors import output_errors, output_errors_figure

REFERENCE = torch.tensor([[3.0, 100.0], [-4.0, 100.0]])


def test_each_channel_is_measured_by_its_own_size() -> None:
    off = REFERENCE + torch.tensor([[0.3, 1.0], [0.4, -1.0]])
    data = output_errors(REFERENCE, {"one": off, "same": REFERENCE})
    np.testing.assert_allclose(data.ways["one"], [0.1, 0.01], rtol=1e-6)
    assert data.median("one") == pytest.approx(0.055)
    assert data.ways["same"].max() <= 1e-12
    assert data.finding.startswith("one: median 5.5 %, worst 10 %; same: ")


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"one must have shape \(2, 2\), got \(1, 2\)"):
        output_errors(REFERENCE, {"one": REFERENCE[:1]})


def test_every_output_is_in_a_bar() -> None:
    noise = torch.linspace(0.001, 0.2, 300)
    reference = torch.ones(4, 300)
    data = output_errors(reference, {"one": reference + noise, "other": reference + 0.01 * noise})
    figure = output_errors_figure(data)
    figure.canvas.draw()
    for axes, way in zip(figure.axes, ("one", "other"), strict=True):
        assert sum(bar.get_height() for bar in axes.patches) == 300
        assert axes.get_title(loc="left").startswith(f"{way}: median")
    assert figure.get_suptitle().replace("\n", " ") == data.finding
