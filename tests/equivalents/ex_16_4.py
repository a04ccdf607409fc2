"""Other right answers to 16.4."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent

from ..mutants.siblings import dequantize, dequantize_per_group, unpack


@equivalent("16.4")
def by_a_zero_point(self):
    """Offset binary is asymmetric quantization with the zero point 2**(bits-1)."""
    codes = unpack(self.packed_weight, self.bits, self.in_features)
    wide = self.scales.to(torch.float32).repeat_interleave(self.group_size, dim=1)[:, : self.in_features]
    return dequantize(codes, wide, 2 ** (self.bits - 1))


@equivalent("16.4")
def in_float64(self):
    """Without the other exercises, in float64, rounded once."""
    shifts = torch.arange(0, 8, self.bits)
    codes = self.packed_weight.long()[..., None] >> shifts & 2**self.bits - 1
    q = codes.flatten(1)[:, : self.in_features] - 2 ** (self.bits - 1)
    scales = checked.scale(self.scales, like=self.scales)
    group = torch.arange(self.in_features) // self.group_size
    return (q.double() * scales.double()[:, group]).float()


@equivalent("16.4")
def row_by_row(self):
    """As a beginner writes it; scaled first, and the scaled offset taken away."""
    rows = []
    for packed, scales in zip(self.packed_weight, self.scales, strict=True):
        codes = unpack(packed, self.bits, self.in_features)
        above = dequantize_per_group(codes, scales.float(), self.group_size)
        offset = torch.full_like(codes, 2 ** (self.bits - 1))
        rows.append(above - dequantize_per_group(offset, scales.float(), self.group_size))
    return torch.stack(rows)
