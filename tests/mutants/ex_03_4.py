"""Wrong answers to 03.4, and what to say about each."""

from __future__ import annotations

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import q_range, quantize

REFERENCE = "almost all of the error of T with scale 3.5 is one clipped value"
ADD_UP = "the two shares add up to the mean squared error"
ROUNDED = "a value inside the range that gets the last code is rounded, not clipped"
BOTH_ENDS = "a value just outside the range is clipped, below and above"
EMPTY = "an empty share is 0.0"
MOVES = "scale, zero point, bits and signed all move the range"
ROWS = "every row may have its own range"


def given(x, x_hat, scale, zero_point):
    """The argument checks that stay in the stub."""
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    return x, x_hat, checked.scale(scale, like=x), checked.zero_point(zero_point, like=x)


@mutant(
    "one_range",
    "03.4",
    law=ROWS,
    says="This matches one range for all rows. scale and zero_point may be whole tensors: let them broadcast.",
    line=r"amax|\.max|flatten|\.item|\[0\]|mean",
)
def uses_one_range(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    step, shift = float(scale.flatten()[0]), int(zero_point.flatten()[0])
    q_min, q_max = q_range(bits, signed)
    squared = (x.double() - x_hat.double()) ** 2
    clipped = (x < step * (q_min - shift)) | (x > step * (q_max - shift))
    return float(squared[clipped].sum() / x.numel()), float(squared[~clipped].sum() / x.numel())


@mutant(
    "code_equality",
    "03.4",
    law=ROUNDED,
    says="This matches calling every value clipped that has the first or the last code. 126.9 rounds "
    "to 127 without being clipped: compare x with the real values of the two ends.",
    line=r"quantize|==",
)
def goes_by_the_code(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    q_min, q_max = q_range(bits, signed)
    q = quantize(x, scale, zero_point, bits=bits, signed=signed)
    clipped = (q == q_min) | (q == q_max)
    squared = (x.double() - x_hat.double()) ** 2
    return float(squared[clipped].sum() / x.numel()), float(squared[~clipped].sum() / x.numel())


@mutant(
    "ends_are_clipped",
    "03.4",
    law=ROUNDED,
    says="This matches >= and <=. A value exactly on an end can be represented: use > and <.",
    line=r">=|<=",
)
def clips_the_ends(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    low, high = (scale.double() * (end - zero_point) for end in q_range(bits, signed))
    squared = (x.double() - x_hat.double()) ** 2
    clipped = (x <= low) | (x >= high)
    return float(squared[clipped].sum() / x.numel()), float(squared[~clipped].sum() / x.numel())


@mutant(
    "half_a_step_more",
    "03.4",
    law=BOTH_ENDS,
    says="This matches a range that is half a step wider at both ends. What the codes represent ends "
    "exactly at the value of the first and of the last code.",
    line=r"/ 2|0\.5|round",
)
def widens_by_half_a_step(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    q_min, q_max = q_range(bits, signed)
    steps = (x / scale).round() + zero_point
    squared = (x.double() - x_hat.double()) ** 2
    clipped = (steps < q_min) | (steps > q_max)
    return float(squared[clipped].sum() / x.numel()), float(squared[~clipped].sum() / x.numel())


@mutant(
    "looks_at_x_hat",
    "03.4",
    law=REFERENCE,
    says="This matches looking for clipped values in x_hat. They have been moved into the range there: compare x.",
    line=r"x_hat\s*[<>]",
)
def looks_at_x_hat(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    low, high = (scale.double() * (end - zero_point) for end in q_range(bits, signed))
    squared = (x.double() - x_hat.double()) ** 2
    clipped = (x_hat < low) | (x_hat > high)
    return float(squared[clipped].sum() / x.numel()), float(squared[~clipped].sum() / x.numel())


@mutant(
    "own_counts",
    "03.4",
    law=ADD_UP,
    says="This matches the mean over each part. Divide both sums by the number of all values, or they do not add up.",
    line=r"mean|sum\(\)\s*/|/",
)
def divides_by_each_count(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    low, high = (scale.double() * (end - zero_point) for end in q_range(bits, signed))
    squared = (x.double() - x_hat.double()) ** 2
    clipped = (x < low) | (x > high)
    count = max(int(clipped.sum()), 1), max(int((~clipped).sum()), 1)
    return float(squared[clipped].sum() / count[0]), float(squared[~clipped].sum() / count[1])


@mutant(
    "mean_of_nothing",
    "03.4",
    law=EMPTY,
    says="This matches the mean of an empty selection, which is NaN. Add up and divide by the number of all values.",
    line=r"mean",
)
def mean_of_nothing(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    low, high = (scale.double() * (end - zero_point) for end in q_range(bits, signed))
    squared = (x.double() - x_hat.double()) ** 2
    clipped = (x < low) | (x > high)
    return float(squared[clipped].mean()), float(squared[~clipped].mean())


@mutant(
    "sums",
    "03.4",
    law=REFERENCE,
    says="This matches the two sums of squares. Divide both by the number of all values.",
    line=r"sum",
)
def never_divides(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    low, high = (scale.double() * (end - zero_point) for end in q_range(bits, signed))
    squared = (x.double() - x_hat.double()) ** 2
    clipped = (x < low) | (x > high)
    return float(squared[clipped].sum()), float(squared[~clipped].sum())


@mutant(
    "absolute",
    "03.4",
    law=REFERENCE,
    says="This matches absolute differences. Square them.",
    line=r"abs",
)
def absolute_differences(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    low, high = (scale.double() * (end - zero_point) for end in q_range(bits, signed))
    error = (x.double() - x_hat.double()).abs()
    clipped = (x < low) | (x > high)
    return float(error[clipped].sum() / x.numel()), float(error[~clipped].sum() / x.numel())


@mutant(
    "only_above",
    "03.4",
    law=BOTH_ENDS,
    says="This matches looking at the upper end only. Values below the first code's value are clipped too.",
    line=r">",
)
def forgets_the_lower_end(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    _, q_max = q_range(bits, signed)
    high = scale.double() * (q_max - zero_point)
    squared = (x.double() - x_hat.double()) ** 2
    clipped = x > high
    return float(squared[clipped].sum() / x.numel()), float(squared[~clipped].sum() / x.numel())


@mutant(
    "code_units",
    "03.4",
    law=MOVES,
    says="This matches comparing real values with codes. Turn the ends into real values: scale * (q - zero_point).",
    line=r"q_min|q_max",
)
def compares_with_codes(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, _, _ = given(x, x_hat, scale, zero_point)
    q_min, q_max = q_range(bits, signed)
    squared = (x.double() - x_hat.double()) ** 2
    clipped = (x < q_min) | (x > q_max)
    return float(squared[clipped].sum() / x.numel()), float(squared[~clipped].sum() / x.numel())


@mutant(
    "no_zero_point",
    "03.4",
    law=MOVES,
    says="This matches a range without the zero point. Its ends are scale * (q_min - zero_point), and so for q_max.",
    line=r"scale.*q_m",
)
def forgets_the_zero_point(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, _ = given(x, x_hat, scale, zero_point)
    q_min, q_max = q_range(bits, signed)
    squared = (x.double() - x_hat.double()) ** 2
    clipped = (x < scale.double() * q_min) | (x > scale.double() * q_max)
    return float(squared[clipped].sum() / x.numel()), float(squared[~clipped].sum() / x.numel())


@mutant(
    "always_eight",
    "03.4",
    law=MOVES,
    says="This matches the range of 8 signed bits for every width. Pass bits and signed on to q_range.",
    line=r"q_range\(\)|127|128",
)
def always_eight_bits(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    low, high = scale.double() * (-128 - zero_point), scale.double() * (127 - zero_point)
    squared = (x.double() - x_hat.double()) ** 2
    clipped = (x < low) | (x > high)
    return float(squared[clipped].sum() / x.numel()), float(squared[~clipped].sum() / x.numel())


@mutant(
    "overflow",
    "03.4",
    law=ADD_UP,
    says="This matches squares in float32: 1e20 squared is infinite there, and 1e-30 squared is 0. Use .double().",
    line=r"\*\*\s*2|square|pow",
)
def squares_in_float32(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    low, high = (scale * (end - zero_point) for end in q_range(bits, signed))
    squared = (x - x_hat) ** 2
    clipped = (x < low) | (x > high)
    return float(squared[clipped].sum() / x.numel()), float(squared[~clipped].sum() / x.numel())


@mutant(
    "swapped",
    "03.4",
    law=REFERENCE,
    says="This matches (rounding, clipping). Clipping comes first.",
    line=r"return",
)
def swaps_the_shares(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    low, high = (scale.double() * (end - zero_point) for end in q_range(bits, signed))
    squared = (x.double() - x_hat.double()) ** 2
    clipped = (x < low) | (x > high)
    return float(squared[~clipped].sum() / x.numel()), float(squared[clipped].sum() / x.numel())


@mutant(
    "tensors",
    "03.4",
    law=REFERENCE,
    says="This matches two tensors. Return plain numbers: float(...) or .item().",
    line=r"return",
)
def answers_with_tensors(x, x_hat, scale, zero_point=0, *, bits=8, signed=True):
    x, x_hat, scale, zero_point = given(x, x_hat, scale, zero_point)
    low, high = (scale.double() * (end - zero_point) for end in q_range(bits, signed))
    squared = (x.double() - x_hat.double()) ** 2
    clipped = (x < low) | (x > high)
    return squared[clipped].sum() / x.numel(), squared[~clipped].sum() / x.numel()
