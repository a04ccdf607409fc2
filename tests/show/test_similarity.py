import pytest
import torch

from labs_lib.show.similarity import (
    kept,
    kept_figure,
    similarity,
    similarity_figure,
    similarity_finding,
    similarity_widget,
)

SKEW = [0.6, 0.8]
VECTORS = torch.tensor([[1.0, 0.0], SKEW, [0.0, 1.0], [-0.6, 0.8]])  # partners: 0 and 1, 2 and 3
REFERENCE = similarity("fp32", VECTORS, VECTORS)
FLAT = similarity("2 bits", torch.tensor([[1.0, 0.0]] * 4), VECTORS)  # all sentences look the same


def test_the_reference_keeps_itself() -> None:
    assert REFERENCE.kept == pytest.approx(1.0)
    assert REFERENCE.cosines.diagonal().tolist() == pytest.approx([1, 1, 1, 1])


def test_partners_and_strangers_are_averaged_apart() -> None:
    assert REFERENCE.partners == pytest.approx((0.6 + 0.8) / 2)
    assert REFERENCE.strangers == pytest.approx((0.0 - 0.6 + 0.8 + 0.28) / 4)


def test_a_sentence_is_found_by_its_partner_alone() -> None:
    assert REFERENCE.found == 2  # 0 and 3: sentence 1 is nearer to 2 than to 0, and 2 is as near to 1 as to 3
    apart = torch.eye(4)[[0, 0, 1, 1]]
    assert similarity("apart", apart, apart).found == 4


def test_matches_are_pairs_above_the_threshold_right_ones_first() -> None:
    assert REFERENCE.matches(0.5) == (2, 1)
    assert REFERENCE.matches(0.7) == (1, 1)
    assert FLAT.matches(0.5) == (2, 4)
    assert FLAT.matches(1.0) == (0, 0)


def test_what_is_kept_is_the_mean_cosine_with_the_reference() -> None:
    assert FLAT.kept == pytest.approx((1.0 + 0.6 + 0.0 - 0.6) / 4)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_panels_are_drawn_for_any_number_of_models(count: int) -> None:
    figure = similarity_figure([REFERENCE, FLAT, FLAT, FLAT][:count])
    figure.canvas.draw()
    assert len(figure.axes) == count + 1  # and the colour bar
    assert figure.axes[0].images[0].get_array().tolist() == REFERENCE.cosines.tolist()


def test_the_finding_names_the_first_and_the_last() -> None:
    expected = "Unrelated sentences: cosine 0.12 with fp32, 1.00 with 2 bits"
    assert similarity_finding([REFERENCE, FLAT]) == expected


def test_the_widget_shows_the_chosen_view(displayed: list) -> None:
    views = {(bits, row): FLAT if bits == 2 else REFERENCE for bits in (2, 3, 4) for row in (True, False)}
    similarity_widget(views, REFERENCE)
    assert "Unrelated sentences: cosine 0.12 with fp32" in displayed[0][0]["text/plain"]


def test_curves_follow_the_bits() -> None:
    data = kept({"one": {4: REFERENCE, 2: FLAT}, "two": {2: FLAT, 4: FLAT}})
    assert data.bits == (2, 4)
    assert data.curves["one"] == pytest.approx((0.25, 1.0))
    assert data.finding == "At 4 bits the cosine is 1.00 with one, 0.25 with two"
    kept_figure(data).canvas.draw()


def test_curves_over_different_bits_are_refused() -> None:
    with pytest.raises(ValueError, match="every curve must have the same bit widths"):
        kept({"one": {4: REFERENCE}, "two": {2: FLAT}})


@pytest.mark.parametrize("vectors", [torch.zeros(3, 2), torch.zeros(4), torch.zeros(2, 2)])
def test_sentences_without_a_partner_are_refused(vectors: torch.Tensor) -> None:
    reference = vectors if len(vectors) != 2 else torch.zeros(4, 2)
    with pytest.raises(ValueError, match="vectors and reference must be matrices"):
        similarity("x", vectors, reference)
