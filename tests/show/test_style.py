import itertools

import matplotlib
import pytest

from labs_lib.show import style
from labs_lib.show.style import CODE, ERROR, VALUE, WASTED, ink_on, lightness, new_figure, state

ROLES = {"VALUE": VALUE, "CODE": CODE, "ERROR": ERROR, "WASTED": WASTED}


@pytest.fixture(autouse=True)
def own_settings() -> object:
    with matplotlib.rc_context():
        yield


def contrast(a: str, b: str) -> float:
    """Contrast ratio of WCAG 2: 1 is none, 21 is black on white."""
    light, dark = sorted([lightness(a), lightness(b)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("pair", list(itertools.combinations(ROLES, 2)), ids="-".join)
def test_roles_stay_apart_in_grey(pair: tuple[str, str]) -> None:
    assert contrast(*(ROLES[name].color for name in pair)) >= 1.4


@pytest.mark.parametrize("kind", ["marker", "color"])
def test_no_two_roles_share_a_marker_or_a_colour(kind: str) -> None:
    assert len({getattr(role, kind) for role in ROLES.values()}) == len(ROLES)


def test_wasted_and_wrong_areas_are_hatched() -> None:
    assert WASTED.hatch and ERROR.hatch and WASTED.hatch != ERROR.hatch


@pytest.mark.parametrize("color", [style.INK, style.FAINT, VALUE.color, ERROR.color])
def test_what_is_written_in_a_colour_can_be_read_on_white(color: str) -> None:
    assert contrast(color, "white") >= 4.5


@pytest.mark.parametrize("color", ["white", "black", "#808080", VALUE.color, CODE.color, ERROR.color])
def test_ink_can_be_read_on_any_colour(color: str) -> None:
    assert contrast(ink_on(color), color) >= 4.5


@pytest.mark.parametrize("finding", ["short", "One outlier costs five bits of the eight. " * 5])
def test_a_title_stays_inside_the_figure(finding: str) -> None:
    figure = new_figure()
    title = state(figure, finding.strip())
    box = title.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
    assert title.get_text().replace("\n", " ") == finding.strip()


def test_a_title_has_no_orphan() -> None:
    title = state(new_figure(), "Numbers from 1 to 2: fp32 8,388,609, fp16 1,025, bf16 129, int8 64, int4 4, int2 1")
    lengths = [len(line) for line in title.get_text().splitlines()]
    assert len(lengths) == 2
    assert min(lengths) > 0.7 * max(lengths)


def test_a_new_figure_is_unknown_to_pyplot() -> None:
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    new_figure()
    assert plt.get_fignums() == before
