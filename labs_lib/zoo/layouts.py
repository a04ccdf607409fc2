"""One list of 4-bit codes as four libraries store it. Lesson 16.

All four put two codes into a byte. They differ in the order: which code lies in which half of which byte. So a layout
is a list of numbers here, and the shifts and masks are those of ``pack`` and ``unpack``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from labs_lib import packing

RECORDED = Path(__file__).with_name("files") / "layouts" / "recorded.json"
BLOCK = 32  # codes of a GGUF block, which share a scale


@dataclass(frozen=True)
class Layout:
    """The order of the codes in their bytes.

    Attributes:
        name: of the library or the format.
        order: of one unit: which code is in the low half of byte 0, in its high half, in the low half of byte 1, ...
    """

    name: str
    order: tuple[int, ...]

    def write(self, codes: Tensor) -> Tensor:
        """Pack codes.

        Args:
            codes: from 0 to 15, (..., n). The number of codes in a unit divides n.

        Returns:
            uint8, (..., n / 2).

        Example:
            >>> LAYOUTS["bitsandbytes"].write(torch.tensor([1, 2, 3, 4])).tolist() == [0x12, 0x34]
            True
        """
        return packing.pack(self._reordered(codes, list(self.order)), bits=4)

    def read(self, stored: Tensor) -> Tensor:
        """The codes again: uint8, (..., 2 * bytes)."""
        halves = packing.unpack(stored, bits=4, length=2 * stored.shape[-1])
        return self._reordered(halves, [self.order.index(code) for code in range(len(self.order))])

    def _reordered(self, codes: Tensor, order: list[int]) -> Tensor:
        length = codes.shape[-1]
        if length % len(order):
            raise ValueError(f"{self.name} needs a multiple of {len(order)} codes in a row, got {length}")
        units = codes.reshape(*codes.shape[:-1], length // len(order), len(order))
        return units[..., order].reshape(codes.shape)


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout("ours", (0, 1)),
        Layout("bitsandbytes", (1, 0)),
        Layout("GGUF Q4_0", tuple(code for low in range(BLOCK // 2) for code in (low, low + BLOCK // 2))),
        Layout("AWQ", (0, 2, 4, 6, 1, 3, 5, 7)),  # of an int32, whose lowest byte comes first in memory
    )
}


def q4_0_blocks(codes: Tensor, scales: Tensor) -> Tensor:
    """Whole blocks of GGUF's Q4_0: two bytes of scale, then the bytes of 32 codes.

    Args:
        codes: from 0 to 15, (..., 32). A code q stands for ``scale * (q - 8)``.
        scales: floating, (...); stored as float16.

    Returns:
        uint8, (..., 18).
    """
    scale_bytes = scales.to(torch.float16).unsqueeze(-1).view(torch.uint8)
    return torch.cat([scale_bytes, LAYOUTS["GGUF Q4_0"].write(codes)], dim=-1)


def recorded() -> tuple[Tensor, dict[str, Tensor]]:
    """Codes that were given to real libraries, and the bytes that these made of them (see ``files/layouts/ORIGIN.md``).

    Returns:
        Codes, uint8, (4, 32); and by the name of a layout bytes, uint8, (4, 16).
    """
    found = json.loads(RECORDED.read_text())
    codes = torch.tensor([[int(digit, 16) for digit in row] for row in found.pop("codes")], dtype=torch.uint8)
    made = {name: [list(bytes.fromhex(row)) for row in one["bytes"]] for name, one in found.items()}
    return codes, {name: torch.tensor(rows, dtype=torch.uint8) for name, rows in made.items()}
