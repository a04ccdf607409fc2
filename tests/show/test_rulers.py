import pytest
from ipywidgets import widget as registry
from matplotlib.patches import ConnectionPatch

from labs_lib.show.rulers import rulers, rulers_figure, rulers_widget


def test_clamping_alone_destroys_a_range_without_zero() -> None:
    naive = rulers(10, 20)
    assert (naive.raw_zero_point, naive.zero_point) == (-383, -128)
    assert naive.q.tolist() == [127] * 5
    assert naive.x_hat == pytest.approx([10.0] * 5)
    assert naive.mse == pytest.approx(37.5)
    assert naive.finding == "Zero point clamped to -128: every value comes back as 10 (MSE 37.5)"


def test_without_clamping_zero_is_lost() -> None:
    loose = rulers(10, 20, clamp=False)
    assert loose.zero_point == -383
    assert not loose.lost.any()
    assert loose.zero_hat == pytest.approx(10.0)
    assert loose.finding.startswith("No code stands for 0.0, which comes back as 10")


def test_including_zero_is_the_remedy() -> None:
    right = rulers(10, 20, include_zero=True)
    assert right.scale == pytest.approx(20 / 255)
    assert right.zero_point == -128
    assert right.mse == pytest.approx(5.8e-4, rel=0.01)
    assert right.zero_hat == 0.0
    assert right.reach == pytest.approx((0.0, 20.0))


def test_a_negative_range_is_destroyed_at_the_other_end() -> None:
    naive = rulers(-20, -10)
    assert naive.zero_point == 127
    assert naive.x_hat == pytest.approx([-10.0] * 5)


def test_a_part_can_be_lost() -> None:
    naive = rulers(1, 10)
    assert 0 < naive.lost.sum() < 5
    assert "the codes miss 1 of 5 values" in naive.finding


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_a_range_around_zero_needs_no_remedy(bits: int) -> None:
    naive, right = rulers(-5, 20, bits), rulers(-5, 20, bits, include_zero=True)
    assert naive.zero_point == naive.raw_zero_point == right.zero_point
    assert naive.x_hat == pytest.approx(right.x_hat)
    assert naive.finding.startswith("The codes cover the range")


def test_the_remedy_is_the_learner_s(monkeypatch: pytest.MonkeyPatch) -> None:
    from labs_lib import affine

    monkeypatch.setattr(affine, "choose_qparams", lambda x, *, bits: (0.5, 3))
    assert rulers(10, 20, include_zero=True).zero_point == 3
    monkeypatch.setattr(affine, "choose_qparams", lambda x, *, bits: (0.1, 0))
    assert rulers(10, 20, include_zero=True).finding.startswith("Clipped: the codes miss 3 of 5 values")


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1)])
def test_an_empty_range_is_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="low must be smaller than high"):
        rulers(low, high)


@pytest.mark.parametrize("choice", [{}, {"clamp": False}, {"include_zero": True}])
@pytest.mark.parametrize("span", [(10, 20), (-20, -10), (-5, 20), (1e-6, 2e-6)])
def test_joints_go_from_what_a_code_stands_for_to_the_code(span: tuple, choice: dict) -> None:
    data = rulers(*span, **choice)
    figure = rulers_figure(data)
    figure.canvas.draw()
    joints = [(joint.xy1[0], joint.xy2[0]) for joint in figure.axes[1].patches if isinstance(joint, ConnectionPatch)]
    assert joints[:2] == [(data.reach[0], -128), (data.reach[1], 127)]
    has_zero = -128 <= data.zero_point <= 127
    assert joints[2:] == ([(0.0, data.zero_point)] if has_zero else [])


def test_the_widget_starts_with_the_mistake_and_ends_with_the_remedy(displayed: list) -> None:
    rulers_widget()
    data = displayed[0][0]
    assert data["text/plain"] == (
        "Figure: real ruler over code ruler, range 10 to 20, scale 0.0392, zero point -128. "
        "Zero point clamped to -128: every value comes back as 10 (MSE 37.5)."
    )
    box = registry._instances[data["application/vnd.jupyter.widget-view+json"]["model_id"]]
    span, _, _, include_zero, view = box.children
    include_zero.value = True
    assert "no value is lost" in view.value
    span.value = (5.0, 5.0)
    assert view.value == '<pre role="alert">ValueError: low must be smaller than high, got 5.0 and 5.0</pre>'
