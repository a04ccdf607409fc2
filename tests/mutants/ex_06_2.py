"""Wrong answers to 06.2, and what to say about each."""

from __future__ import annotations

import math

from labs_lib.course import checked
from labs_lib.course.standins import mutant

FIRST = "4 rows of 10: one scale for the tensor, 4 or 10 for channels, 12 for groups of 4"
CHANNELS = "channels are counted along dim, which may count from the end"
GROUPS = "a group never crosses a row, and the last one of a row may be short"
ANY_DIM = "groups run along the last axis, whatever dim says"
ONE = "a tensor has one scale, whatever its shape"


def check(shape, granularity, dim, group_size):
    """The given lines of the stub."""
    shape = checked.shape(shape)
    return shape, checked.granularity(granularity, shape, dim, group_size)


@mutant(
    "crosses_rows",
    "06.2",
    law=FIRST,
    says="This matches groups that go on from one row into the next. Count the groups of one row, then "
    "multiply by the rows.",
    line=r"prod\(shape\)",
)
def crosses_rows(shape, granularity, *, dim=0, group_size=None):
    shape, granularity = check(shape, granularity, dim, group_size)
    if granularity == "tensor":
        return 1
    if granularity == "channel":
        return shape[dim]
    return math.ceil(math.prod(shape) / group_size)


@mutant(
    "drops_short_groups",
    "06.2",
    law=FIRST,
    says="This matches leaving out the short group at the end of a row. Its weights need a scale too: round up.",
    line=r"//",
)
def drops_short_groups(shape, granularity, *, dim=0, group_size=None):
    shape, granularity = check(shape, granularity, dim, group_size)
    if granularity == "tensor":
        return 1
    if granularity == "channel":
        return shape[dim]
    return math.prod(shape[:-1]) * (shape[-1] // group_size)


@mutant(
    "always_one_more",
    "06.2",
    law=GROUPS,
    says="This matches a short group in every row, also where the row divides evenly. Round the quotient "
    "up: math.ceil.",
    line=r"\+ 1",
)
def always_one_more(shape, granularity, *, dim=0, group_size=None):
    shape, granularity = check(shape, granularity, dim, group_size)
    if granularity == "tensor":
        return 1
    if granularity == "channel":
        return shape[dim]
    return math.prod(shape[:-1]) * (shape[-1] // group_size + 1)


@mutant(
    "one_row",
    "06.2",
    law=FIRST,
    says="This matches the groups of one row. Every row has as many: multiply by the number of rows.",
    line=r"ceil",
)
def counts_one_row(shape, granularity, *, dim=0, group_size=None):
    shape, granularity = check(shape, granularity, dim, group_size)
    if granularity == "tensor":
        return 1
    if granularity == "channel":
        return shape[dim]
    return math.ceil(shape[-1] / group_size)


@mutant(
    "matrices_only",
    "06.2",
    law=GROUPS,
    says="This matches shape[0] rows. A tensor of higher rank has more: multiply all sizes but the last.",
    line=r"shape\[0\]",
)
def counts_rows_of_a_matrix(shape, granularity, *, dim=0, group_size=None):
    shape, granularity = check(shape, granularity, dim, group_size)
    if granularity == "tensor":
        return 1
    if granularity == "channel":
        return shape[dim]
    return shape[0] * math.ceil(shape[-1] / group_size)


@mutant(
    "first_axis",
    "06.2",
    law=FIRST,
    says="This matches groups along the first axis. They run along the last one, inside a row.",
    line=r"shape\[0\]",
)
def groups_along_the_first_axis(shape, granularity, *, dim=0, group_size=None):
    shape, granularity = check(shape, granularity, dim, group_size)
    if granularity == "tensor":
        return 1
    if granularity == "channel":
        return shape[dim]
    return math.ceil(shape[0] / group_size) * math.prod(shape[1:])


@mutant(
    "groups_along_dim",
    "06.2",
    law=ANY_DIM,
    says="This matches groups along dim. dim is for channels; groups run along the last axis always.",
    line=r"shape\[dim\]",
)
def groups_along_dim(shape, granularity, *, dim=0, group_size=None):
    shape, granularity = check(shape, granularity, dim, group_size)
    if granularity == "tensor":
        return 1
    if granularity == "channel":
        return shape[dim]
    return math.prod(shape) // shape[dim] * math.ceil(shape[dim] / group_size)


@mutant(
    "rows_always",
    "06.2",
    law=CHANNELS,
    says="This matches one scale a row whatever dim is. Channels are counted along dim.",
    line=r"shape\[0\]|rows",
)
def ignores_dim(shape, granularity, *, dim=0, group_size=None):
    shape, granularity = check(shape, granularity, dim, group_size)
    if granularity == "tensor":
        return 1
    if granularity == "channel":
        return shape[0]
    return math.prod(shape[:-1]) * math.ceil(shape[-1] / group_size)


@mutant(
    "channel_size",
    "06.2",
    law=FIRST,
    says="This matches how many weights one channel holds. The question is how many channels there are: "
    "the size at dim.",
    line=r"prod\(shape\) // shape\[dim\]",
)
def counts_the_weights_of_a_channel(shape, granularity, *, dim=0, group_size=None):
    shape, granularity = check(shape, granularity, dim, group_size)
    if granularity == "tensor":
        return 1
    if granularity == "channel":
        return math.prod(shape) // shape[dim]
    return math.prod(shape[:-1]) * math.ceil(shape[-1] / group_size)


@mutant(
    "group_sizes",
    "06.2",
    law=FIRST,
    says="This matches the size of a group. The question is how many groups there are.",
    line=r"return group_size",
)
def answers_with_the_group_size(shape, granularity, *, dim=0, group_size=None):
    shape, granularity = check(shape, granularity, dim, group_size)
    if granularity == "tensor":
        return 1
    if granularity == "channel":
        return shape[dim]
    return group_size


@mutant(
    "all_values",
    "06.2",
    law=ONE,
    says="This matches the number of values for a whole tensor. One scale serves them all: 1.",
    line=r"prod\(shape\)$",
)
def counts_the_values_of_a_tensor(shape, granularity, *, dim=0, group_size=None):
    shape, granularity = check(shape, granularity, dim, group_size)
    if granularity == "tensor":
        return math.prod(shape)
    if granularity == "channel":
        return shape[dim]
    return math.prod(shape[:-1]) * math.ceil(shape[-1] / group_size)


@mutant(
    "a_float",
    "06.2",
    law=FIRST,
    says="This matches a float. A count is a whole number: math.ceil gives an int.",
    line=r"/ group_size",
)
def divides_into_a_float(shape, granularity, *, dim=0, group_size=None):
    shape, granularity = check(shape, granularity, dim, group_size)
    if granularity == "tensor":
        return 1
    if granularity == "channel":
        return shape[dim]
    return math.prod(shape[:-1]) * shape[-1] / group_size
