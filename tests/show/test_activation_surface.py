import pytest
import torch

from labs_lib.show.activation_surface import activation_surfaces, activation_surfaces_figure


def flat(tokens: int = 6, channels: int = 10) -> torch.Tensor:
    """Activations of magnitude 1 and both signs."""
    signs = torch.arange(tokens * channels).reshape(tokens, channels) % 2
    return 1.0 - 2.0 * signs


def test_a_channel_stands_out_whatever_its_sign() -> None:
    x = flat()
    x[2, 7] = -5.0
    data = activation_surfaces({"plain": flat(), "outlier": x})
    plain, outlier = data.surfaces
    assert (plain.outliers, outlier.outliers) == ((), (7,))
    assert (plain.ratio, outlier.ratio) == (1.0, 5.0)
    assert data.finding == (
        "1 of 10 channels of outlier stand out, by up to 5.0 times the typical channel; "
        "in plain none of them, and the largest is at 1.0"
    )


def test_a_surface_a_model_with_its_outliers_named() -> None:
    x = flat()
    x[:, 3] *= 9
    figure = activation_surfaces_figure(activation_surfaces({"plain": flat(), "outlier": x}))
    figure.canvas.draw()
    assert [axes.get_title() for axes in figure.axes] == ["plain", "outlier"]
    assert [[text.get_text() for text in axes.texts] for axes in figure.axes] == [[], ["3"]]
    assert len({axes.get_zlim() for axes in figure.axes}) == 1


def test_activations_stay_as_they_were_and_may_have_a_gradient() -> None:
    x = flat().requires_grad_()
    activation_surfaces({"one": x})
    assert torch.equal(x.detach(), flat())


@pytest.mark.parametrize(
    ("activations", "message"),
    [
        ({}, "matrices of one shape"),
        ({"one": torch.ones(3)}, "matrices of one shape"),
        ({"one": torch.ones(2, 3), "two": torch.ones(3, 2)}, "matrices of one shape"),
        ({"one": torch.zeros(2, 3)}, "must not be all zeros"),
    ],
)
def test_what_has_no_surface_is_refused(activations: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        activation_surfaces(activations)
