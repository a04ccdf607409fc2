import base64

import matplotlib.pyplot as plt
import pytest

from labs_lib.show.publish import publish
from labs_lib.show.style import DPI, new_figure


def test_a_figure_is_one_picture_with_its_text(displayed: list) -> None:
    publish(new_figure(width=5, height=2), "half of the codes & more are unused")
    data, metadata = displayed[0]
    assert data["text/plain"] == "Figure: half of the codes & more are unused"
    assert metadata == {"image/png": {"alt": "half of the codes & more are unused"}}
    png = base64.b64decode(data["image/png"], validate=True)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20], "big") == 5 * DPI


def test_jupyterlab_gets_the_text_for_screen_readers(displayed: list) -> None:
    publish(new_figure(), "a < b & c")
    assert [set(data) for data, _ in displayed] == [{"image/png", "text/plain"}, {"text/html"}]
    assert displayed[1][0]["text/html"] == '<p class="jp-sr-only">Figure: a &lt; b &amp; c</p>'


def test_the_same_figure_is_the_same_picture(displayed: list) -> None:
    for _ in range(2):
        figure = new_figure()
        figure.add_subplot().plot([1, 2, 3])
        publish(figure, "a line")
    assert displayed[0] == displayed[2]


def test_a_pyplot_figure_is_closed(displayed: list) -> None:
    figure = plt.figure()
    number = figure.number
    publish(figure, "empty")
    assert not plt.fignum_exists(number)


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_figure_without_a_text_is_refused(displayed: list, alt: str) -> None:
    with pytest.raises(ValueError, match="alt must say what the figure shows"):
        publish(new_figure(), alt)
    assert not displayed
