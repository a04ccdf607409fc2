import html
import math
import re

import ipywidgets
import pytest

from labs_lib.show.style import new_figure
from labs_lib.show.widget import Drawn, choice_slider, ratio_slider, show_widget, toggle, whole_slider

VIEW = "application/vnd.jupyter.widget-view+json"


def draw(bits: int) -> Drawn:
    figure = new_figure(width=2, height=1)
    figure.text(0, 0.5, str(bits))
    if bits == 7:
        raise ValueError("seven <bits> are too many")
    return Drawn(figure, f'{bits} "bits"')


@pytest.fixture
def live(displayed: list) -> tuple[ipywidgets.IntSlider, ipywidgets.HTML, dict, dict]:
    """The slider and the picture of a displayed widget, and what was displayed."""
    control = whole_slider("bits", 4, 2, 8)
    show_widget({"bits": control}, draw)
    (data, metadata) = displayed[0]
    from ipywidgets import widget as registry

    box = registry._instances[data[VIEW]["model_id"]]
    assert box.children[0] is control
    return control, box.children[1], data, metadata


def alt(view: ipywidgets.HTML) -> str:
    return html.unescape(re.search(r'<img alt="([^"]*)"', view.value).group(1))


def test_one_bundle_holds_the_live_widget_and_the_picture(live: tuple, displayed: list) -> None:
    _, view, data, metadata = live
    assert len(displayed) == 1
    assert set(data) == {VIEW, "image/png", "text/plain"}
    assert data["text/plain"] == 'Figure: 4 "bits"'
    assert metadata == {"image/png": {"alt": '4 "bits"'}}
    assert f"base64,{data['image/png']}" in view.value
    assert alt(view) == '4 "bits"'


def test_moving_a_control_draws_anew(live: tuple) -> None:
    control, view, data, _ = live
    control.value = 5
    assert alt(view) == '5 "bits"'
    assert data["image/png"] not in view.value
    control.value = 4
    assert data["image/png"] in view.value


def test_an_error_while_moving_is_shown_and_gone_with_the_next_move(live: tuple) -> None:
    control, view, *_ = live
    control.value = 7
    assert view.value == '<pre role="alert">ValueError: seven &lt;bits&gt; are too many</pre>'
    control.value = 6
    assert alt(view) == '6 "bits"'


def test_an_error_in_the_first_drawing_is_the_cell_s(displayed: list) -> None:
    with pytest.raises(ValueError, match="too many"):
        show_widget({"bits": whole_slider("bits", 7, 2, 8)}, draw)
    assert not displayed


def test_a_ratio_slider_starts_exactly_where_it_was_told() -> None:
    control = ratio_slider("scale", 3.5, 3.5 / 20, 3.5 * 200)
    assert control.value == 3.5
    assert control.base**control.min == pytest.approx(0.175, rel=0.01)
    assert control.base**control.max == pytest.approx(700, rel=0.01)
    steps = (math.log10(3.5) - control.min) / control.step
    assert steps == pytest.approx(round(steps))  # the front end rounds to whole steps


@pytest.mark.parametrize("control", [whole_slider("bits", 2, 2, 8), ratio_slider("scale", 1, 0.1, 10)])
def test_descriptions_have_room(control: ipywidgets.Widget) -> None:
    assert int(control.style.description_width.removesuffix("px")) >= 200


def test_a_toggle_holds_its_value() -> None:
    assert toggle("clamp", True).value is True


def test_a_choice_slider_moves_by_names() -> None:
    control = choice_slider("scales", ["one for all", "groups of 32"], "groups of 32")
    assert control.value == "groups of 32"
    control.index = 0
    assert control.value == "one for all"
