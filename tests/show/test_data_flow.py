"""The strips: dtypes are those of tensors that were really made."""

from __future__ import annotations

from labs_lib.show.data_flow import bits_of_dtype, data_flow, data_flow_figure, data_flow_finding, is_integer


def test_only_w8a8_multiplies_integers() -> None:
    strips = {strip.scheme: strip for strip in data_flow()}
    assert [name for name, strip in strips.items() if strip.multiplies_integers] == ["W8A8"]
    assert strips["W8A8"].product == "int32"
    assert strips["W8A8"].result[1] == "float32"
    assert [dtype for _, dtype in strips["W8A16"].weights] == ["int8", "bfloat16"]
    assert strips["W8A32"].product == "float32"


def test_the_finding_counts_and_the_text_names_every_edge() -> None:
    strips = data_flow()
    assert data_flow_finding(strips) == (
        "All 3 keep int8 weights; only W8A8 multiplies integers, and adds them up in int32"
    )
    assert strips[2].text == "W8A8: activations float32 to int8, weights int8, sums int32, result float32"


def test_an_edge_is_as_thick_as_its_numbers_and_carries_its_dtype() -> None:
    strips = data_flow()
    figure = data_flow_figure(strips)
    figure.canvas.draw()
    assert figure.get_suptitle().replace("\n", " ") == data_flow_finding(strips)
    for axes, strip in zip(figure.axes, strips, strict=True):
        edges = [dtype for _, dtype in (*strip.activations, *strip.weights)] + [strip.product, strip.result[1]]
        assert len(axes.lines) == len(edges)
        assert sorted(line.get_linewidth() for line in axes.lines) == sorted(bits_of_dtype(d) / 7 for d in edges)
        written = [text.get_text() for text in axes.texts]
        assert all(written.count(dtype) == edges.count(dtype) for dtype in edges)


def test_dtypes_have_their_bits() -> None:
    assert [bits_of_dtype(name) for name in ("int8", "bfloat16", "int32")] == [8, 16, 32]
    assert is_integer("uint8") and not is_integer("bfloat16")
