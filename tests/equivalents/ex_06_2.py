"""Other right answers to 06.2."""

from __future__ import annotations

import math
from functools import reduce

import torch

from labs_lib.course.standins import equivalent

from ..mutants.ex_06_2 import check


@equivalent("06.2")
def by_padding(shape, granularity, *, dim=0, group_size=None):
    """Fills every row up to whole groups, then divides all values by the size of a group."""
    shape, granularity = check(shape, granularity, dim, group_size)
    match granularity:
        case "tensor":
            return 1
        case "channel":
            return shape[dim]
    padded = shape[-1] + -shape[-1] % group_size
    return math.prod(shape[:-1]) * padded // group_size


@equivalent("06.2")
def by_ranges(shape, granularity, *, dim=0, group_size=None):
    """As many groups as a range over a row with that step has starts."""
    shape, granularity = check(shape, granularity, dim, group_size)
    counts = {
        "tensor": lambda: 1,
        "channel": lambda: list(shape)[dim],
        "group": lambda: reduce(lambda one, other: one * other, shape[:-1], len(range(0, shape[-1], group_size))),
    }
    return counts[granularity]()


@equivalent("06.2")
def from_a_tensor_of_that_shape(shape, granularity, *, dim=0, group_size=None):
    """Asks torch to cut a tensor that takes no memory, and counts the pieces."""
    shape, granularity = check(shape, granularity, dim, group_size)
    values = torch.empty(shape, device="meta")
    if granularity == "tensor":
        return 1
    if granularity == "channel":
        return len(values.unbind(dim))
    return values[..., 0].numel() * len(values.split(group_size, dim=-1))
