"""The header of a safetensors file, read without the library that wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest
import safetensors.torch
import torch

from labs_lib.show.tensor_file import tensor_file, tensor_file_figure, tensor_file_widget

TENSORS = {
    "scales": torch.tensor([0.5, 0.25]),
    "codes": torch.arange(-6, 6, dtype=torch.int8).reshape(2, 6),
    "half": torch.ones(3, dtype=torch.bfloat16),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    safetensors.torch.save_file(TENSORS, tmp_path / "model.safetensors", metadata={"format": "pt"})
    return tmp_path / "model.safetensors"


def test_names_shapes_and_places_are_those_of_the_file(path: Path) -> None:
    data, raw = tensor_file(path), path.read_bytes()
    assert {one.name: one.shape for one in data.tensors} == {name: tuple(x.shape) for name, x in TENSORS.items()}
    assert data.size == len(raw)
    assert data.metadata == {"format": "pt"}
    for one in data.tensors:
        begin = 8 + data.header + one.start
        values = TENSORS[one.name].contiguous()
        assert raw[begin : begin + one.size] == values.view(torch.uint8).numpy().tobytes()
        assert one.first == raw[begin : begin + min(8, one.size)]


def test_first_values_are_decoded(path: Path) -> None:
    values = {one.name: one.values for one in tensor_file(path).tensors}
    assert values["scales"] == (0.5, 0.25)
    assert values["codes"] == (-6, -5, -4, -3, -2, -1, 0, 1)
    assert values["half"] == ()  # struct has no letter for bfloat16


def test_the_findings(path: Path) -> None:
    data = tensor_file(path)
    assert data.finding == (
        f"8 bytes, a header of {data.header:,} and 3 tensors of 26; {100 * 12 / data.size:.0f} % of the file are codes"
    )
    (index,) = (index for index, one in enumerate(data.tensors) if one.name == "codes")
    begin = 8 + data.header + data.tensors[index].start
    assert data.finding_of(index) == f"codes: I8 of shape [2, 6], bytes {begin} to {begin + 12} of the file"


@pytest.mark.parametrize("raw", [b"", b"\xff" * 30, b"<html>not found</html>", b"\x02" + bytes(7) + b"{}"])
def test_no_header_is_an_error(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "file").write_bytes(raw)
    with pytest.raises(ValueError, match=r"has no whole header|names no tensor"):
        tensor_file(tmp_path / "file")


def test_the_chosen_tensor_is_marked_to_scale(path: Path) -> None:
    data = tensor_file(path)
    figure = tensor_file_figure(data, 1)
    figure.canvas.draw()
    parts, whole = figure.axes
    mark = whole.patches[-1]
    one, begin = data.tensors[1], 8 + data.header
    assert mark.get_x() == pytest.approx((begin + one.start) / 1e6)
    assert mark.get_width() == pytest.approx(one.size / 1e6)
    assert any(one.name in text.get_text() for text in parts.texts)


def test_the_widget_begins_where_it_is_told(path: Path, displayed: list) -> None:
    tensor_file_widget(path, chosen=2)
    data = tensor_file(path)
    assert displayed[0][0]["text/plain"] == f"Figure: a safetensors file. {data.finding_of(2)}."
