"""Record the bytes that bitsandbytes and AutoAWQ make of known 4-bit codes: ``python layouts.py FILE.json``.

Run as a script, in an environment that holds both libraries and nothing of the course; ``ORIGIN.md`` beside the
recorded file says which one. Neither library takes codes. So each gets real numbers that lie exactly on its own grid,
and what it rounds them to can only be the codes that we want.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor, nn

ROWS, LENGTH = 4, 32  # of the list; 32 codes are a block of each library
BITSANDBYTES = "functional.quantize_4bit(x, blocksize=32, quant_type='nf4')"
AUTOAWQ = "WQLinear_GEMM.from_linear(linear, w_bit=4, group_size=4, scales=scales, zeros=zeros).qweight"


def codes() -> Tensor:
    """(ROWS, LENGTH), from 0 to 15. Each half of a row has every code once, in another order."""
    random = torch.Generator().manual_seed(16)
    halves = [torch.randperm(16, generator=random) for _ in range(2 * ROWS)]
    return torch.stack(halves).reshape(ROWS, LENGTH)


def bitsandbytes_bytes(codes: Tensor) -> list[str]:
    """One row at a time. The code 0 stands for -1.0 and 15 for 1.0, so the scale of every block is 1."""
    from bitsandbytes import functional

    table = functional.get_4bit_type("nf4", device="cpu")
    stored = [functional.quantize_4bit(table[row], blocksize=32, quant_type="nf4")[0] for row in codes]
    return [hexadecimal(one) for one in stored]


def autoawq_bytes(codes: Tensor) -> list[str]:
    """All rows at once. The weight of output j and input i is made of the code j of row i: its columns are packed."""
    from awq.modules.linear.gemm import WQLinear_GEMM

    linear = nn.Linear(ROWS, LENGTH, bias=False)
    linear.weight.data.copy_(0.5 * (codes.T - 8))
    scales, zeros = torch.full((1, LENGTH), 0.5), torch.full((1, LENGTH), 8)
    layer = WQLinear_GEMM.from_linear(linear, w_bit=4, group_size=4, scales=scales, zeros=zeros)
    return [hexadecimal(row.contiguous().view(torch.uint8)) for row in layer.qweight]  # int32, lowest byte first


def hexadecimal(stored: Tensor) -> str:
    return bytes(stored.flatten().tolist()).hex()


def main(file: Path) -> None:
    made = codes()
    recorded = {
        "codes": ["".join(f"{code:x}" for code in row) for row in made.tolist()],
        "bitsandbytes": {
            "version": version("bitsandbytes"),
            "call": BITSANDBYTES,
            "bytes": bitsandbytes_bytes(made),
        },
        "AWQ": {"version": f"autoawq {version('autoawq')}", "call": AUTOAWQ, "bytes": autoawq_bytes(made)},
    }
    file.write_text(json.dumps(recorded, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
