from dataclasses import replace

import pytest
from matplotlib.figure import Figure

from labs_lib.show.methods import Method, methods, month
from labs_lib.show.style import ERROR
from labs_lib.show.timeline import KINDS, timeline, timeline_figure


def named(name: str) -> Method:
    return next(method for method in methods() if method.name == name)


def marks(figure: Figure, marker: str) -> int:
    return sum(line.get_marker() == marker for line in figure.axes[0].lines)


def test_the_map_has_each_method_once_in_the_order_of_dates() -> None:
    names = [method.name for method in methods()]
    assert len(names) == len(set(names)) == 17
    assert [method.date for method in methods()] == sorted(method.date for method in methods())


def test_an_arxiv_id_begins_with_its_month() -> None:
    assert [method.name for method in methods() if not method.id_agrees] == []
    assert not replace(named("GPTQ"), date=(2022, 11)).id_agrees
    assert sorted(method.name for method in methods() if not method.source[0].isdigit()) == ["HQQ", "NVFP4"]


def test_every_entry_is_whole_and_known_to_the_figure() -> None:
    for method in methods():
        assert method.rounds in KINDS, method
        assert 19 <= method.lesson <= 29, method
        assert all([method.author, method.source, method.solves, method.data, method.trains, method.bits]), method


def test_the_slide_is_wrong_about_two() -> None:
    assert [method.name for method in methods() if method.misdated] == ["AQLM", "QuIP#"]
    assert named("QuIP#").on_slide == named("QuIP").date
    assert named("QuIP#").author != named("QuIP").author


@pytest.mark.parametrize(
    ("name", "data", "trains"),
    [
        ("GPTQ", "yes", "no"),
        ("HQQ", "no", "no"),
        ("LLM.int8()", "no", "no"),
        ("QLoRA (NF4)", "no", "adapters only"),
        ("BitNet b1.58", "training", "from scratch"),
    ],
)
def test_popular_misreadings_are_not_repeated(name: str, data: str, trains: str) -> None:
    assert (named(name).data, named(name).trains) == (data, trains)


def test_months_read_as_months() -> None:
    assert [month((2019, 1)), month((2024, 12))] == ["Jan 2019", "Dec 2024"]


def test_the_finding_counts_the_slide() -> None:
    assert timeline(methods()).finding == (
        "The video's slide names 8 of these 17, and gives another month than the source for "
        "AQLM (Jan 2024) and QuIP# (Feb 2024)"
    )
    assert timeline([named("GPTQ")]).finding.endswith("for none of them")


def test_a_row_a_method_and_a_cross_where_the_slide_is_wrong() -> None:
    figure = timeline_figure(timeline(methods()))
    figure.canvas.draw()
    labels = figure.axes[0].get_yticklabels()
    assert [label.get_text() for label in labels] == [method.name for method in methods()]
    assert [label.get_fontweight() == "bold" for label in labels] == [
        method.on_slide is not None for method in methods()
    ]
    assert marks(figure, ERROR.marker) == 2
    assert "2402.04396" in "".join(text.get_text() for text in figure.axes[0].texts)


def test_markers_are_filled_where_data_are_needed() -> None:
    figure = timeline_figure(timeline([named("GPTQ"), named("HQQ")]))
    fills = [line.get_markerfacecolor() for line in figure.axes[0].lines]
    assert fills == [KINDS["weights"][1], "white"]


@pytest.mark.parametrize("wrong", [[], [replace(methods()[0], rounds="gradients")]])
def test_what_has_no_marker_is_refused(wrong: list[Method]) -> None:
    with pytest.raises(ValueError, match="methods must be"):
        timeline(wrong)
