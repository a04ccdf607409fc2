"""Wrong answers to 07.3, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

from .siblings import choose_qparams, choose_scale_per_channel, q_range

REFERENCE = "the rows of T have the reference scales and zero points"
ERRORS = "T comes back with a mean squared error of 0.4453 by rows and 0.7363 by columns, and so on to 2 bits"
ALONE = "each channel has the parameters that choose_qparams would give it alone"
WIDTHS = "the codes may be signed or unsigned, and have any width"
WIDENED = "each range is widened to contain 0 by itself"
WIDE = "a range as wide as float32 itself has a scale too"
ZEROS = "a channel of zeros has a positive scale, and the others keep theirs"
TINY = torch.finfo(torch.float32).tiny


def ends(x, dim):
    """The smallest and the largest value of each channel, float64, not widened."""
    low = high = x.double()
    for other in range(x.dim()):
        if other != dim:
            low, high = low.amin(other, keepdim=True), high.amax(other, keepdim=True)
    return low, high


def parameters(low, high, q_min, q_max):
    """The formulas of lesson 4, for all channels at once."""
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    return scale, torch.round(q_min - low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "D01",
    "07.3",
    law=REFERENCE,
    says="This matches taking the ends over dim itself: with dim=0 that is one pair a column. Reduce over "
    "every dimension except dim.",
    line=r"a?min\(|a?max\(|amin|aminmax",
)
def reduces_over_dim_itself(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low = x.double().amin(dim, keepdim=True).clamp(max=0)
    high = x.double().amax(dim, keepdim=True).clamp(min=0)
    return parameters(low, high, *q_range(bits, signed))


@mutant(
    "D02",
    "07.3",
    law=REFERENCE,
    says="This matches parameters without the reduced dimensions: shape (rows,) lines up with the "
    "columns. Pass keepdim=True to both reductions.",
    line=r"a?min\(|a?max\(|flatten|squeeze|amin|aminmax",
)
def forgets_keepdim(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low, high = (end.flatten() for end in ends(x, dim))
    return parameters(low.clamp(max=0), high.clamp(min=0), *q_range(bits, signed))


@mutant(
    "D03",
    "07.3",
    law=REFERENCE,
    says="This matches one scale and one zero point for the whole tensor. Reduce over every dimension except dim.",
    line=r"choose_qparams\(|a?min\(|a?max\(",
)
def one_pair_for_all(x, dim=0, *, bits=8, signed=True):
    checked.dim(dim, x.shape)
    return choose_qparams(x, bits=bits, signed=signed)


@mutant(
    "shared_scale",
    "07.3",
    law=REFERENCE,
    says="This matches the widest scale for all channels and a zero point for each. Every channel has a "
    "scale of its own too.",
    line=r"\.a?max\(\)",
)
def shares_the_scale(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    q_min, q_max = q_range(bits, signed)
    low, high = ends(x, dim)
    low, high = low.clamp(max=0), high.clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    scale = scale.amax().expand(scale.shape).clone()
    return scale, torch.round(q_min - low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "B05",
    "07.3",
    law=WIDENED,
    says="This matches clamping the zero point without widening the range: a channel from 10 to 20 loses "
    "everything. Clamp low to at most 0 and high to at least 0 first.",
    line=r"clamp|low|high",
)
def does_not_widen(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low, high = ends(x, dim)
    return parameters(low, high, *q_range(bits, signed))


@mutant(
    "widened_together",
    "07.3",
    law=WIDENED,
    says="This matches widening every range to the ends of the whole tensor. Each channel is widened by "
    "itself, and only as far as 0.",
    line=r"\.a?min\(\)|\.a?max\(\)|low|high",
)
def widens_to_the_whole(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low, high = ends(x, dim)
    low = torch.where(low > 0, low.amin(), low).clamp(max=0)
    high = torch.where(high < 0, high.amax(), high).clamp(min=0)
    return parameters(low, high, *q_range(bits, signed))


@mutant(
    "one_end",
    "07.3",
    law=WIDENED,
    says="This matches widening the low end only. A channel that is all negative needs its high end moved up to 0.",
    line=r"clamp",
)
def widens_the_low_end_only(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low, high = ends(x, dim)
    return parameters(low.clamp(max=0), high, *q_range(bits, signed))


@mutant(
    "B01",
    "07.3",
    law=REFERENCE,
    says="This matches z = round(-low / scale), which is right where the first code is 0. In general it "
    "is round(q_min - low / scale).",
    line=r"zero_point\s*=|round|-\s*low",
)
def forgets_q_min(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    q_min, q_max = q_range(bits, signed)
    low, high = ends(x, dim)
    low, high = low.clamp(max=0), high.clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    return scale, torch.round(-low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "B02",
    "07.3",
    law=REFERENCE,
    says="This matches dividing the ranges by 2**bits. There is one step fewer than there are codes: "
    "divide by q_max - q_min.",
    line=r"2\s*\*\*|256|\+ 1",
)
def counts_codes_for_steps(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    q_min, q_max = q_range(bits, signed)
    low, high = ends(x, dim)
    low, high = low.clamp(max=0), high.clamp(min=0)
    scale = ((high - low) / 2**bits).clamp(min=TINY).float()
    return scale, torch.round(q_min - low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "B03",
    "07.3",
    law=ERRORS,
    says="This matches cutting the fraction off the zero points. Round them before the cast.",
    line=r"int\(|int32|\.to\(",
)
def cuts_the_zero_point(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    q_min, q_max = q_range(bits, signed)
    low, high = ends(x, dim)
    low, high = low.clamp(max=0), high.clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    return scale, (q_min - low / scale).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "D04",
    "07.3",
    law=ZEROS,
    says="This matches a channel of zeros with the scale 0. Keep every scale at or above "
    "torch.finfo(torch.float32).tiny.",
    line=r"scale\s*=|/ \(q_max",
)
def leaves_zero_scales(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    q_min, q_max = q_range(bits, signed)
    low, high = ends(x, dim)
    low, high = low.clamp(max=0), high.clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).float()
    return scale, torch.round(q_min - low / scale).nan_to_num(0).clamp(q_min, q_max).to(torch.int32)


@mutant(
    "symmetric",
    "07.3",
    law=REFERENCE,
    says="This matches the symmetric scales of choose_scale_per_channel with zero points of 0. Use the "
    "smallest and the largest value of each channel.",
    line=r"choose_scale_per_channel|zeros|abs",
)
def chooses_symmetrically(x, dim=0, *, bits=8, signed=True):
    q_range(bits, signed)
    scale = choose_scale_per_channel(x, dim, bits=max(bits, 2))
    return scale, torch.zeros_like(scale, dtype=torch.int32)


@mutant(
    "float_zero_point",
    "07.3",
    law=REFERENCE,
    says="This matches zero points that are still floats. A zero point is a code: round it and cast it to torch.int32.",
    line=r"round|zero_point|return",
)
def leaves_zero_points_float(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    q_min, q_max = q_range(bits, signed)
    low, high = ends(x, dim)
    low, high = low.clamp(max=0), high.clamp(min=0)
    scale = ((high - low) / (q_max - q_min)).clamp(min=TINY).float()
    return scale, torch.round(q_min - low / scale).clamp(q_min, q_max).float()


@mutant(
    "B08",
    "07.3",
    law=REFERENCE,
    says="This matches zero points stored as int8. Return int32: unsigned ones reach 255, and arithmetic "
    "with int8 wraps around.",
    line=r"int8",
)
def stores_zero_points_in_int8(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low, high = ends(x, dim)
    scale, zero_point = parameters(low.clamp(max=0), high.clamp(min=0), *q_range(bits, signed))
    return scale, zero_point.to(torch.int8)


@mutant(
    "float64_scale",
    "07.3",
    law=REFERENCE,
    says="This matches float64 scales. The arithmetic may be float64, the scales that you return are float32.",
    line=r"double|float64|scale\s*=",
)
def leaves_scales_float64(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low, high = ends(x, dim)
    scale, zero_point = parameters(low.clamp(max=0), high.clamp(min=0), *q_range(bits, signed))
    return scale.double(), zero_point


@mutant(
    "signed_always",
    "07.3",
    law=WIDTHS,
    says="This matches signed codes whatever was asked for. Pass signed to q_range.",
    line=r"q_range",
)
def always_signed(x, dim=0, *, bits=8, signed=True):
    q_range(bits, signed)
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low, high = ends(x, dim)
    return parameters(low.clamp(max=0), high.clamp(min=0), *q_range(max(bits, 2)))


@mutant(
    "C06",
    "07.3",
    law=ERRORS,
    says="This matches 8 bits always. Pass bits to q_range.",
    line=r"q_range|255|127",
)
def always_eight_bits(x, dim=0, *, bits=8, signed=True):
    q_range(bits, signed)
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low, high = ends(x, dim)
    return parameters(low.clamp(max=0), high.clamp(min=0), *q_range(8, signed))


@mutant(
    "ignores_dim",
    "07.3",
    law=ERRORS,
    says="This matches one pair a row whatever dim is. The channels lie along dim.",
    line=r"0|-1|1",
)
def rows_always(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low, high = ends(x, 0)
    return parameters(low.clamp(max=0), high.clamp(min=0), *q_range(bits, signed))


@mutant(
    "matrices_only",
    "07.3",
    law=ALONE,
    says="This matches reducing one dimension only, 1 - dim, which is enough for a matrix. Reduce every "
    "dimension except dim.",
    line=r"1\s*-\s*dim",
)
def reduces_the_other_of_two(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low = x.double().amin(1 - dim, keepdim=True).clamp(max=0)
    high = x.double().amax(1 - dim, keepdim=True).clamp(min=0)
    return parameters(low, high, *q_range(bits, signed))


@mutant(
    "order",
    "07.3",
    law=REFERENCE,
    says="This matches (zero_point, scale). The scale comes first.",
    line=r"return",
)
def swaps_the_results(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low, high = ends(x, dim)
    scale, zero_point = parameters(low.clamp(max=0), high.clamp(min=0), *q_range(bits, signed))
    return zero_point, scale


@mutant(
    "float32_range",
    "07.3",
    law=WIDE,
    says="This matches taking high - low in float32, which overflows from -3e38 to 3e38. Compute the range in float64.",
    line=r"high - low|low, high",
)
def overflows(x, dim=0, *, bits=8, signed=True):
    x, dim = checked.finite("x", x), checked.dim(dim, x.shape)
    low, high = (end.float() for end in ends(x, dim))
    return parameters(low.clamp(max=0), high.clamp(min=0), *q_range(bits, signed))
