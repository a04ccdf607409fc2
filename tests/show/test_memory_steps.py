"""Memory over steps: megabytes, peaks, and a curve for each stage."""

from __future__ import annotations

import pytest

from labs_lib.show.memory_steps import memory_steps, memory_steps_figure

MB = 1_000_000
WAYS = {
    "floats first": {"load": [(0, 0), (40 * MB, 20 * MB)], "quantize": [(42 * MB, 0), (11 * MB, 0)]},
    "skeleton first": {"load": [(0, 0), (1 * MB, 3 * MB), (MB, 10 * MB)]},
}
DATA = memory_steps(WAYS, weights=10 * MB)


def test_the_peak_is_of_anonymous_memory_alone() -> None:
    assert [way.peak for way in DATA.ways] == [42.0, 1.0]
    assert DATA.bytes_a_weight(42.0) == 4.2
    assert DATA.ways[1].ends_with == (1.0, 10.0)


def test_the_finding_rounds_to_whole_bytes_a_weight() -> None:
    assert DATA.finding == "At its peak the process has written 4 and 0 bytes a weight"


@pytest.mark.parametrize("ways", [{}, {"one": {}}, {"one": {"load": []}}])
def test_nothing_to_draw_is_refused(ways: dict) -> None:
    with pytest.raises(ValueError, match="ways must have"):
        memory_steps(ways, weights=1)


def test_every_stage_is_drawn_with_its_heights() -> None:
    figure = memory_steps_figure(DATA)
    figure.canvas.draw()
    left, right = figure.axes
    assert [tick.get_text() for tick in left.get_xticklabels()] == ["load", "quantize"]
    tops = [area.get_paths()[0].vertices[:, 1].max() for area in left.collections]
    assert tops == [40.0, 60.0, 42.0, 42.0]  # anonymous and, on top of it, mapped, stage by stage
    assert right.get_title(loc="left") == "skeleton first"
    assert left.get_ylim()[0] == 0


def test_less_than_at_the_start_is_drawn_as_nothing() -> None:
    figure = memory_steps_figure(memory_steps({"one": {"load": [(-MB, -MB), (MB, 0)]}}, weights=1))
    figure.canvas.draw()
    assert min(area.get_paths()[0].vertices[:, 1].min() for area in figure.axes[0].collections) == 0
