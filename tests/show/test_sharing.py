import itertools
import math

import pytest
import torch
from ipywidgets import widget as registry
from torch import Tensor

from labs_lib import affine, granularity
from labs_lib.show.sharing import finding, shared_round_trip, sharing, sharing_figure, sharing_widget

KINDS = [("tensor", {}), ("channel", {}), ("channel", {"dim": 1}), ("group", {"group_size": 3})]


@pytest.mark.parametrize(("kind", "options"), KINDS)
@pytest.mark.parametrize("shape", [(6, 8), (4, 4), (1, 7), (5, 3)])
def test_as_many_regions_as_scales(shape: tuple[int, int], kind: str, options: dict) -> None:
    one = sharing(shape, kind, **options)
    assert tuple(one.regions.shape) == shape
    assert one.regions.unique().tolist() == list(range(one.count))
    assert one.weights_a_scale == math.prod(shape) / one.count


def test_groups_end_with_their_row() -> None:
    regions = sharing((2, 5), "group", group_size=2).regions
    assert regions.tolist() == [[0, 0, 1, 1, 2], [3, 3, 4, 4, 5]]


def test_a_group_longer_than_a_row_is_a_row() -> None:
    assert sharing((3, 4), "group", group_size=9).regions.tolist() == [[0] * 4, [1] * 4, [2] * 4]


def test_the_finding_counts() -> None:
    several = [sharing((6, 8), kind, **options) for kind, options in KINDS]
    assert finding(several) == "The same 48 weights share 1, 6, 8 or 18 scales, depending on who shares"


def test_each_region_is_drawn_once_and_neighbours_differ() -> None:
    several = [sharing((6, 8), kind, **options) for kind, options in KINDS]
    figure = sharing_figure(several)
    figure.canvas.draw()
    for axes, one in zip(figure.axes, several, strict=True):
        assert len(axes.patches) == one.count
        assert sum(patch.get_width() * patch.get_height() for patch in axes.patches) == 48
        assert [text.get_text() for text in axes.texts] == [str(index + 1) for index in range(one.count)]
        tones = [patch.get_facecolor() for patch in axes.patches]
        assert all(first != second for first, second in itertools.pairwise(tones))


def test_the_round_trip_is_that_of_the_exercises(T: Tensor) -> None:
    x = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    for bits in (8, 4):
        whole = shared_round_trip(x, sharing((4, 6), "tensor").regions, bits=bits)
        assert torch.equal(whole, affine.dequantize(*affine.quantize_symmetric(x, bits=bits)))
        for dim in (0, 1):
            by_channel = shared_round_trip(x, sharing((4, 6), "channel", dim=dim).regions, bits=bits)
            assert torch.equal(by_channel, affine.dequantize(*granularity.quantize_per_channel(x, dim, bits=bits)))


def test_float16_scales_move_the_values_a_little() -> None:
    x = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    regions = sharing((4, 6), "channel").regions
    exact, stored = (shared_round_trip(x, regions, scale_bits=bits) for bits in (32, 16))
    assert not torch.equal(exact, stored)
    assert torch.allclose(exact, stored, rtol=2**-10)


def test_the_widget_counts_the_bits(displayed: list) -> None:
    x = torch.randn(6, 9, generator=torch.Generator().manual_seed(1))
    sharing_widget(x, bits=8, group_size=3)
    data = displayed[0][0]
    assert data["text/plain"].startswith("Figure: one for 3 neighbours, 18 scales: 13.33 bits a weight")
    box = registry._instances[data["application/vnd.jupyter.widget-view+json"]["model_id"]]
    choice, size, bits, scale_bits, view = box.children
    scale_bits.value = "32"
    assert "18 scales: 18.67 bits a weight" in view.value
    size.value = 4
    assert "18 scales: 18.67 bits a weight" in view.value  # short groups cost as much as full ones
    choice.value = "one for the tensor"
    assert "1 scale: 8.59 bits a weight" in view.value
    bits.value = 2
    assert "2 bits are the code, 0.59 are scales of 32 bits" in view.value
