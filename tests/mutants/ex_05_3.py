"""Wrong answers to 05.3, and what to say about each."""

from __future__ import annotations

import math

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

TWENTY = "a hundred times as much signal power as noise power is 20 dB"
EQUAL = "equal tensors have infinitely many decibels"
LITTLE = "a difference in the last bits still counts"
NO_SIGNAL = "noise without a signal is minus infinity"
DEFINITION = "it is 10 * log10 of signal power over noise power"
WHICH = "the first tensor is the signal, the second is not"
FACTOR = "one factor on both tensors changes nothing, however large or small"


@mutant(
    "twenty_log",
    "05.3",
    law=TWENTY,
    says="This matches 20 * log10 of a ratio of powers. The 20 is for amplitudes; the sums of squares take 10.",
    line=r"20",
)
def doubles_the_decibels(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = ((x.double() - x_hat.double()) ** 2).sum()
    if noise == 0:
        return math.inf
    return float(20 * torch.log10((x.double() ** 2).sum() / noise))


@mutant(
    "amplitudes",
    "05.3",
    law=TWENTY,
    says="This matches 10 * log10 of a ratio of amplitudes. Leave the square root out, or take 20 in place of 10.",
    line=r"sqrt|norm|std",
)
def takes_amplitudes(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = (x.double() - x_hat.double()).norm()
    if noise == 0:
        return math.inf
    return float(10 * torch.log10(x.double().norm() / noise))


@mutant(
    "magnitudes",
    "05.3",
    law=DEFINITION,
    says="This matches sums of magnitudes. Power is the sum of squares.",
    line=r"abs",
)
def adds_magnitudes(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = (x.double() - x_hat.double()).abs().sum()
    if noise == 0:
        return math.inf
    return float(20 * torch.log10(x.double().abs().sum() / noise))


@mutant(
    "natural_log",
    "05.3",
    law=TWENTY,
    says="This matches the natural logarithm. Decibels use base 10: torch.log10 or math.log10.",
    line=r"\.log\(",
)
def takes_the_natural_log(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = ((x.double() - x_hat.double()) ** 2).sum()
    if noise == 0:
        return math.inf
    return float(10 * torch.log((x.double() ** 2).sum() / noise))


@mutant(
    "bels",
    "05.3",
    law=TWENTY,
    says="This matches the logarithm alone, which is in bels. Ten decibels are one bel: multiply by 10.",
    line=r"log10",
)
def answers_in_bels(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = ((x.double() - x_hat.double()) ** 2).sum()
    if noise == 0:
        return math.inf
    return float(torch.log10((x.double() ** 2).sum() / noise))


@mutant(
    "upside_down",
    "05.3",
    law=TWENTY,
    says="This matches noise over signal. Divide the signal's power by the noise's: more decibels are better.",
    line=r"noise\s*/|/",
)
def turns_the_ratio_over(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = ((x.double() - x_hat.double()) ** 2).sum()
    if noise == 0:
        return math.inf
    return float(10 * torch.log10(noise / (x.double() ** 2).sum()))


@mutant(
    "wrong_signal",
    "05.3",
    law=WHICH,
    says="This matches the power of x_hat. The signal is x, the original.",
    line=r"x_hat.*\*\*\s*2|square",
)
def takes_x_hat_for_the_signal(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = ((x.double() - x_hat.double()) ** 2).sum()
    if noise == 0:
        return math.inf
    return float(10 * torch.log10((x_hat.double() ** 2).sum() / noise))


@mutant(
    "variance",
    "05.3",
    law=DEFINITION,
    says="This matches variances, which leave the mean out. Power is the sum of squares, mean included.",
    line=r"var|std|mean",
)
def takes_the_variance(x, x_hat):
    x, x_hat = checked.floating("x", x).double(), checked.floating("x_hat", x_hat).double()
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = (x - x_hat).var(unbiased=False)
    if noise == 0:
        return math.inf
    return float(10 * torch.log10(x.var(unbiased=False) / noise))


@mutant(
    "peak",
    "05.3",
    law=DEFINITION,
    says="This matches the peak ratio, with the largest value for a signal. Here the signal's power is "
    "the sum of squares.",
    line=r"\.a?max\(",
)
def takes_the_peak(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = ((x.double() - x_hat.double()) ** 2).mean()
    if noise == 0:
        return math.inf
    return float(10 * torch.log10(x.double().abs().max() ** 2 / noise))


@mutant(
    "mean_of_decibels",
    "05.3",
    law=DEFINITION,
    says="This matches the mean of the decibels of each value. Add up the powers first, take one logarithm.",
    line=r"mean",
)
def averages_decibels(x, x_hat):
    x, x_hat = checked.floating("x", x).double(), checked.floating("x_hat", x_hat).double()
    checked.same_shape("x", x, "x_hat", x_hat)
    if bool((x == x_hat).all()):
        return math.inf
    return float((10 * torch.log10(x**2 / (x - x_hat) ** 2)).mean())


@mutant(
    "eps",
    "05.3",
    law=FACTOR,
    says="This matches a small number added to the noise. It is not small where the values are: treat 0 on its own.",
    line=r"eps|1e-|\+",
)
def adds_eps(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = ((x.double() - x_hat.double()) ** 2).sum()
    if noise == 0:
        return math.inf
    return float(10 * torch.log10((x.double() ** 2).sum() / (noise + 1e-8)))


@mutant(
    "zero_for_equal",
    "05.3",
    law=EQUAL,
    says="This matches 0 dB for equal tensors. 0 dB means as much noise as signal; no noise at all is math.inf.",
    line=r"return 0|== 0",
)
def zero_for_equal_tensors(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = ((x.double() - x_hat.double()) ** 2).sum()
    if noise == 0:
        return 0.0
    return float(10 * torch.log10((x.double() ** 2).sum() / noise))


@mutant(
    "nearly_equal",
    "05.3",
    law=LITTLE,
    says="This matches math.inf for tensors that are nearly equal: torch.allclose has a tolerance. Ask "
    "whether the noise is exactly 0.",
    line=r"allclose|isclose|< 1e-",
)
def takes_nearly_equal_for_equal(x, x_hat):
    x, x_hat = checked.floating("x", x).double(), checked.floating("x_hat", x_hat).double()
    checked.same_shape("x", x, "x_hat", x_hat)
    if torch.allclose(x, x_hat):
        return math.inf
    return float(10 * torch.log10((x**2).sum() / ((x - x_hat) ** 2).sum()))


@mutant(
    "no_special_case",
    "05.3",
    law=EQUAL,
    says="This matches 0 / 0 where both tensors are zero. Return math.inf first, where there is no noise.",
    line=r"/",
)
def forgets_the_special_case(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = ((x.double() - x_hat.double()) ** 2).sum()
    return float(10 * torch.log10((x.double() ** 2).sum() / noise))


@mutant(
    "log_of_zero",
    "05.3",
    law=NO_SIGNAL,
    says="This matches math.log10 of 0, which raises. torch.log10 gives minus infinity for a signal of zeros.",
    line=r"math\.log10",
)
def takes_the_log_of_zero(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = ((x.double() - x_hat.double()) ** 2).sum().item()
    if noise == 0:
        return math.inf
    return 10 * math.log10((x.double() ** 2).sum().item() / noise)


@mutant(
    "overflow",
    "05.3",
    law=FACTOR,
    says="This matches squares in float32: 1e20 squared is infinite there, and 1e-25 squared is 0. Use .double().",
    line=r"\*\*\s*2|square|pow",
)
def squares_in_float32(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = ((x - x_hat) ** 2).sum()
    if noise == 0:
        return math.inf
    return float(10 * torch.log10((x**2).sum() / noise))


@mutant(
    "tensor",
    "05.3",
    law=TWENTY,
    says="This matches a tensor. Return a plain number: float(...) or .item().",
    line=r"return",
)
def answers_with_a_tensor(x, x_hat):
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    noise = ((x.double() - x_hat.double()) ** 2).sum()
    return 10 * torch.log10((x.double() ** 2).sum() / noise)
