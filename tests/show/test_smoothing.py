import importlib

import numpy as np
import pytest
import torch

from labs_lib.show.smoothing import smoothing, smoothing_figure, smoothing_widget


@pytest.fixture(autouse=True)
def short_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("labs_lib.show.smoothing")  # the package's attribute is the function
    monkeypatch.setattr(module, "SWEEP", (0.0, 0.5, 0.75, 1.0))


@pytest.fixture
def layer() -> tuple[torch.Tensor, torch.Tensor]:
    """Activations with one channel 40 times as large as the others, and weights that know nothing of it."""
    random = torch.Generator().manual_seed(17)
    x, weight = torch.randn(24, 16, generator=random), torch.randn(12, 16, generator=random)
    x[:, 5] *= 40
    return x, weight


def test_at_half_the_peaks_of_both_sides_agree(layer) -> None:
    now = smoothing(*layer, 0.5).now
    assert now.x_peaks == pytest.approx(now.w_peaks, rel=1e-5)
    between = (layer[0].abs().amax(0) * layer[1].abs().amax(0)).sqrt().numpy()
    assert now.x_peaks == pytest.approx(between, rel=1e-5)


def test_at_the_ends_one_side_is_flat(layer) -> None:
    assert smoothing(*layer, 1.0).now.x_peaks == pytest.approx(np.ones(16), rel=1e-5)
    assert smoothing(*layer, 0.0).now.w_peaks == pytest.approx(np.ones(16), rel=1e-5)


def test_the_middle_beats_the_unsmoothed_layer_and_the_ends(layer) -> None:
    data = smoothing(*layer, 0.5)
    ends = data.sweep[0].both, data.sweep[-1].both
    assert data.now.both < data.plain.both
    assert data.best.both < min(ends)
    assert 0 < data.best.alpha < 1
    assert data.finding.startswith("With alpha 0.50 the error is ")


def test_unsmoothed_means_as_given(layer) -> None:
    plain = smoothing(*layer, 0.3).plain
    assert plain.x_peaks == pytest.approx(layer[0].abs().amax(0).double().numpy())
    assert plain.both > plain.weights > 0


def test_calibration_may_have_seen_other_peaks(layer) -> None:
    seen = 2 * layer[0].abs().amax(0)
    assert smoothing(*layer, 1.0, seen).now.x_peaks == pytest.approx(np.full(16, 0.5), rel=1e-5)


def test_a_channel_of_zeros_is_refused(layer) -> None:
    x, weight = layer
    with pytest.raises(ValueError, match="not zero"):
        smoothing(x, weight.index_fill(1, torch.tensor([3]), 0.0), 0.5)
    with pytest.raises(ValueError, match="not zero"):
        smoothing(x.index_fill(1, torch.tensor([3]), 0.0), weight, 0.5)


def test_the_figure_has_both_sides_and_five_lines_of_error(layer) -> None:
    figure = smoothing_figure(smoothing(*layer, 0.5))
    figure.canvas.draw()
    assert [axes.get_title(loc="left") for axes in figure.axes[:2]] == [
        "peaks of the channels: activations",
        "peaks of the channels: weights",
    ]
    assert len(figure.axes[2].get_legend().get_texts()) == 5


@pytest.mark.slow
def test_the_widget_shows_the_alpha_of_the_slider(layer, displayed) -> None:
    smoothing_widget(*layer, alpha=0.75)
    [(bundle, metadata)] = displayed
    assert "With alpha 0.75 the error is" in bundle["text/plain"]
    assert metadata["image/png"]["alt"] == bundle["text/plain"].removeprefix("Figure: ")
