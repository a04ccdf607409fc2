"""Other right answers to 05.3."""

from __future__ import annotations

import math

import numpy as np
import torch

from labs_lib.course import checked
from labs_lib.course.standins import equivalent


@equivalent("05.3")
def value_by_value(x, x_hat):
    """As a beginner writes it: loops and plain numbers."""
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    signal = 0.0
    noise = 0.0
    for value, value_hat in zip(x.flatten(), x_hat.flatten(), strict=True):
        signal += value.item() ** 2
        noise += (value.item() - value_hat.item()) ** 2
    if noise == 0:
        return math.inf
    if signal == 0:
        return -math.inf
    return 10 * math.log10(signal / noise)


@equivalent("05.3")
def from_norms(x, x_hat):
    """20 * log10 of the ratio of amplitudes."""
    x, x_hat = checked.floating("x", x).double(), checked.floating("x_hat", x_hat).double()
    checked.same_shape("x", x, "x_hat", x_hat)
    if torch.equal(x, x_hat):
        return math.inf
    amplitudes = torch.linalg.vector_norm(x) / torch.linalg.vector_norm(x - x_hat)
    return (20 * torch.log10(amplitudes)).item()


@equivalent("05.3")
def in_numpy(x, x_hat):
    """Mean squares, and a difference of logarithms; numpy's own float comes out."""
    x, x_hat = checked.floating("x", x), checked.floating("x_hat", x_hat)
    checked.same_shape("x", x, "x_hat", x_hat)
    signal, noise = (np.mean(np.square(part.double().numpy())) for part in (x, x.double() - x_hat.double()))
    with np.errstate(divide="ignore"):
        return float("inf") if noise == 0 else 10 * (np.log10(signal) - np.log10(noise))


@equivalent("05.3")
def from_the_natural_logarithm(x, x_hat):
    x, x_hat = checked.floating("x", x).double(), checked.floating("x_hat", x_hat).double()
    checked.same_shape("x", x, "x_hat", x_hat)
    x, error = x.flatten(), (x - x_hat).flatten()
    if not error.any():
        return math.inf
    return float(torch.log(torch.dot(x, x) / torch.dot(error, error)) * (10 / math.log(10)))
