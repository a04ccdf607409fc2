"""A safetensors file on its way into a model: eight bytes, a header that can be read, and the tensors."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Rectangle

from .style import CODE, ERROR, FAINT, INK, VALUE, WASTED, Role, hide_scale, ink_on, new_figure, state
from .widget import Drawn, show_widget, whole_slider

LENGTH = 8  # bytes at the start, little-endian: how long the header is
SHOWN = 8  # bytes of a tensor
NUMBERS = {"F64": "d", "F32": "f", "F16": "e", "I32": "i", "I16": "h", "I8": "b", "U8": "B"}  # struct's letters
MONOSPACE = "DejaVu Sans Mono"
NARROW = 0.01  # of the file: narrower tensors run together if each has an edge


@dataclass(frozen=True)
class FileTensor:
    """One line of the header. Offsets count from the end of the header, as they do in the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int
    first: bytes  # the first of its bytes

    @property
    def size(self) -> int:
        return self.end - self.start

    @property
    def role(self) -> Role:
        return VALUE if self.dtype.startswith(("F", "BF")) else CODE

    @property
    def values(self) -> tuple[float, ...]:
        """The numbers in the first bytes; none for a dtype that ``struct`` does not know."""
        letter = NUMBERS.get(self.dtype, "")
        return tuple(number for (number,) in struct.iter_unpack(f"<{letter}", self.first)) if letter else ()

    @property
    def entry(self) -> str:
        """As it stands in the header."""
        value = {"dtype": self.dtype, "shape": list(self.shape), "data_offsets": [self.start, self.end]}
        return f'"{self.name}": {json.dumps(value, separators=(", ", ": "))}'


@dataclass(frozen=True)
class TensorFile:
    """What is where in a file; of its tensors, only the first few bytes."""

    header: int  # bytes
    metadata: dict[str, str]
    tensors: tuple[FileTensor, ...]  # in the order of their bytes

    @cached_property
    def data(self) -> int:
        """Bytes of all tensors."""
        return max(tensor.end for tensor in self.tensors)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return LENGTH + self.header + self.data

    @property
    def finding(self) -> str:
        kinds = {role: sum(one.size for one in self.tensors if one.role is role) for role in (VALUE, CODE)}
        share = 100 * kinds[CODE] / self.size
        return (
            f"{LENGTH} bytes, a header of {self.header:,} and {len(self.tensors)} tensors of {self.data:,}; "
            f"{share:.0f} % of the file are codes"
        )

    def finding_of(self, index: int) -> str:
        one = self.tensors[index]
        begin = LENGTH + self.header + one.start
        return (
            f"{one.name}: {one.dtype} of shape {list(one.shape)}, bytes {begin:,} to {begin + one.size:,} of the file"
        )


def tensor_file(path: str | Path) -> TensorFile:
    """Read the header of a safetensors file, and the first bytes of each tensor; nothing else.

    Raises:
        ValueError: the header is not there in full, or names no tensor.
    """
    with Path(path).open("rb") as file:
        (header,) = struct.unpack("<Q", file.read(LENGTH).ljust(LENGTH, b"\0"))
        text = file.read(header) if header <= Path(path).stat().st_size else b""
        if not text or len(text) < header:
            raise ValueError(f"{path} has no whole header: it should have {header} bytes")
        entries: dict[str, Any] = json.loads(text)
        metadata = entries.pop("__metadata__", {})
        if not entries:
            raise ValueError(f"{path} names no tensor")
        tensors = []
        for name, entry in sorted(entries.items(), key=lambda item: item[1]["data_offsets"]):
            start, end = entry["data_offsets"]
            file.seek(LENGTH + header + start)
            first = file.read(min(SHOWN, end - start))
            tensors.append(FileTensor(name, entry["dtype"], tuple(entry["shape"]), start, end, first))
    return TensorFile(header, metadata, tuple(tensors))


def tensor_file_figure(data: TensorFile, chosen: int, title: str | None = None) -> Figure:
    """Draw the three parts with their contents, not to scale, and under them the whole file, one tensor marked."""
    figure = new_figure(height=4.4)
    parts, whole = figure.subplots(2, 1, height_ratios=[2.5, 1.3])
    one = data.tensors[chosen]
    _draw_parts(parts, data, one)
    _draw_whole(whole, data, one)
    left, right = _edges(data, one)
    for x, there in ((6.3, left), (10.0, right)):
        line = ConnectionPatch((x, 0.15), (there, 1), "data", "data", axesA=parts, axesB=whole, color=ERROR.color)
        line.set_linewidth(1.0)
        figure.add_artist(line)
    state(figure, title or data.finding_of(chosen))
    return figure


def tensor_file_widget(path: str | Path, chosen: int = 0) -> None:
    """A slider over the tensors of a file, in the order of their bytes."""
    data = tensor_file(path)

    def draw(chosen: int) -> Drawn:
        return Drawn(tensor_file_figure(data, chosen), f"a safetensors file. {data.finding_of(chosen)}.")

    show_widget({"chosen": whole_slider("tensor", chosen, 0, len(data.tensors) - 1)}, draw)


def _draw_parts(axes: Axes, data: TensorFile, one: FileTensor) -> None:
    """Three boxes: the length, the header with the entry of one tensor, and the bytes of that tensor."""
    hide_scale(axes)
    axes.set_axis_off()
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 2.3)
    length = struct.pack("<Q", data.header)
    boxes = (
        (0.0, 1.5, WASTED, f"{LENGTH} bytes", f"{_hex(length[:4])}\n{_hex(length[4:])}\n= {data.header:,}"),
        (1.6, 4.6, WASTED, f"header: {data.header:,} bytes of JSON", _folded(one)),
        (6.3, 3.7, one.role, f"tensors: {data.data:,} bytes", _bytes_and_values(one)),
    )
    for left, width, role, name, text in boxes:
        axes.add_patch(Rectangle((left, 0.15), width, 1.6, facecolor=role.color, edgecolor=FAINT))
        axes.text(left, 1.85, name, va="bottom", fontsize=10.5, color=INK)
        words = axes.text(left + 0.1, 0.95, text, va="center", fontsize=9, family=MONOSPACE, linespacing=1.45)
        words.set_color(ink_on(role.color))


def _draw_whole(axes: Axes, data: TensorFile, one: FileTensor) -> None:
    hide_scale(axes)
    for tensor in data.tensors:
        left, right = _edges(data, tensor)
        width = 0.6 if tensor.size > NARROW * data.size else 0.0
        box = Rectangle((left, 0), right - left, 1, facecolor=tensor.role.color, edgecolor="white", linewidth=width)
        axes.add_patch(box)
    left, right = _edges(data, one)
    axes.add_patch(Rectangle((left, 0), right - left, 1, fill=False, edgecolor=ERROR.color, linewidth=2.5, zorder=3))
    handles = [Rectangle((0, 0), 1, 1, color=role.color) for role in (VALUE, CODE)]
    axes.legend(handles, ["floating-point", "integer codes"], loc="upper center", bbox_to_anchor=(0.5, -0.45), ncols=2)
    axes.set_xlim(0, data.size / 1e6)
    axes.set_ylim(-0.05, 1.05)
    axes.set_xlabel("place in the file, MB; the marked tensor to scale")


def _edges(data: TensorFile, one: FileTensor) -> tuple[float, float]:
    begin = LENGTH + data.header
    return (begin + one.start) / 1e6, (begin + one.end) / 1e6


def _folded(one: FileTensor) -> str:
    """The entry of a tensor on four lines."""
    name, _, rest = one.entry.partition(": ")
    lines = rest.replace(', "shape"', ',\n  "shape"').replace(', "data_offsets"', ',\n  "data_offsets"')
    return f"... {name}:\n  {lines} ..."


def _bytes_and_values(one: FileTensor) -> str:
    """The first bytes, and below them what they are."""
    numbers = ", ".join(f"{number:.5g}" for number in one.values)
    return f"{_hex(one.first)} ..." + (f"\n= {numbers}, ..." if numbers else "")


def _hex(raw: bytes) -> str:
    return raw.hex(" ")
