"""Inputs for laws: seeded generators of ordinary and of degenerate tensors.

A case is a function of a ``torch.Generator`` and nothing else, so a seed replays it. The name of the function is what
a learner reads beside a failure.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import torch
from torch import Generator, Tensor

Case = Callable[[Generator], Tensor]


def generator(seed: int, name: str) -> Generator:
    """The source of randomness of one case: from the seed and the case's name, whatever ran before."""
    return torch.Generator().manual_seed(zlib.crc32(f"{seed}:{name}".encode()))


def straddling(g: Generator) -> Tensor:
    """Both signs, no symmetry."""
    return torch.randn(7, 9, generator=g) * 3 - 1


def all_positive(g: Generator) -> Tensor:
    return torch.rand(6, 5, generator=g) * 4 + 0.5


def all_negative(g: Generator) -> Tensor:
    return -(torch.rand(6, 5, generator=g) * 5 + 1)


def largest_is_negative(g: Generator) -> Tensor:
    """The largest magnitude has a minus sign."""
    return torch.cat([torch.rand(11, generator=g), -4 - torch.rand(1, generator=g)])


def offset(g: Generator) -> Tensor:
    """Far from zero: between 10 and 20."""
    return 10 + 10 * torch.rand(25, generator=g)


def offset_below(g: Generator) -> Tensor:
    """Far below zero: between -6 and -1."""
    return -6 + 5 * torch.rand(25, generator=g)


def relu(g: Generator) -> Tensor:
    """Zeros and positive values, as after a ReLU."""
    return torch.randn(6, 7, generator=g).clamp(min=0)


def rows_apart(g: Generator) -> Tensor:
    """Three rows, each a thousand times as large as the one above."""
    return torch.randn(3, 8, generator=g) * torch.tensor([[1e-3], [1.0], [1e3]])


def constant(g: Generator) -> Tensor:
    return torch.full((4, 3), float(1 + 8 * torch.rand(1, generator=g)))


def all_zero(g: Generator) -> Tensor:
    return torch.zeros(3, 4)


def one_element(g: Generator) -> Tensor:
    return torch.randn(1, generator=g) * 10


def zero_dim(g: Generator) -> Tensor:
    """A tensor of shape ()."""
    return torch.randn((), generator=g) * 10


def outlier(g: Generator) -> Tensor:
    """One value is hundreds of times larger than the rest."""
    x = torch.randn(40, generator=g)
    x[int(torch.randint(40, (1,), generator=g))] = 400 + 50 * float(torch.rand(1, generator=g))
    return x


def subnormal(g: Generator) -> Tensor:
    """Below the smallest normal float32."""
    return (torch.rand(8, generator=g) - 0.5) * 2e-40


def tiny(g: Generator) -> Tensor:
    """Small, but ordinary floats: about 1e-30."""
    return torch.randn(16, generator=g) * 1e-30


def huge(g: Generator) -> Tensor:
    """Near the largest float32: the difference of two values overflows it."""
    return torch.cat([torch.tensor([-2.5e38, 2.9e38]), (torch.rand(6, generator=g) - 0.5) * 3e38])


def float16(g: Generator) -> Tensor:
    return (torch.randn(5, 6, generator=g) * 2).to(torch.float16)


def bfloat16(g: Generator) -> Tensor:
    return (torch.randn(40, 40, generator=g) * 2).to(torch.bfloat16)


def bfloat16_row(g: Generator) -> Tensor:
    """A row whose largest value, divided by its scale in bfloat16, rounds to 128."""
    largest = torch.randint(170, 191, (1,), generator=g) / 128
    return torch.cat([largest, torch.tensor([-0.3, 0.2])]).to(torch.bfloat16)


def float64(g: Generator) -> Tensor:
    return torch.randn(5, 6, generator=g, dtype=torch.float64) * 2


def transposed(g: Generator) -> Tensor:
    return (torch.randn(6, 4, generator=g) * 2).T


def strided(g: Generator) -> Tensor:
    """Every second value of a longer tensor."""
    return (torch.randn(5, 12, generator=g) * 2)[:, ::2]


def requires_grad(g: Generator) -> Tensor:
    """A parameter: autograd would record what is done to it."""
    return (torch.randn(4, 4, generator=g) * 2).requires_grad_()


def three_dim(g: Generator) -> Tensor:
    return torch.randn(2, 3, 5, generator=g) - 0.3


def square_rows_apart(g: Generator) -> Tensor:
    """A square matrix, from row to row sixteen times as large: its shape does not tell rows from columns."""
    return torch.randn(6, 6, generator=g) * 16.0 ** torch.arange(-3, 3).reshape(6, 1)


def zero_channels(g: Generator) -> Tensor:
    """A square matrix in which one row and one column are all zero."""
    x = torch.randn(5, 5, generator=g) * 2
    x[1] = 0
    x[:, 3] = 0
    return x


def four_dim(g: Generator) -> Tensor:
    """The weight of a convolution, (out, in, height, width), its outputs of different sizes."""
    return torch.randn(4, 3, 2, 2, generator=g) * torch.tensor([0.1, 1.0, 5.0, 30.0]).reshape(4, 1, 1, 1)


def empty(g: Generator) -> Tensor:
    return torch.empty(0, 3)


def with_nan(g: Generator) -> Tensor:
    return torch.cat([torch.randn(5, generator=g), torch.tensor([float("nan")])])


def infinite(g: Generator) -> Tensor:
    return torch.cat([torch.randn(4, generator=g), torch.tensor([float("inf"), float("-inf")])])


def int8_codes(g: Generator) -> Tensor:
    """All of them."""
    return torch.arange(-128, 128, dtype=torch.int8).reshape(16, 16)


def uint8_codes(g: Generator) -> Tensor:
    return torch.arange(256, dtype=torch.uint8)


def int16_codes(g: Generator) -> Tensor:
    """Some of them, both ends among them."""
    ends = torch.tensor([-(2**15), 2**15 - 1], dtype=torch.int16)
    return torch.cat([ends, torch.randint(-(2**15), 2**15, (30,), generator=g, dtype=torch.int16)])


def int32_codes(g: Generator) -> Tensor:
    return torch.randint(-300, 300, (4, 5), generator=g, dtype=torch.int32)


def int64_codes(g: Generator) -> Tensor:
    return torch.randint(-300, 300, (4, 5), generator=g)


def transposed_codes(g: Generator) -> Tensor:
    return torch.randint(-128, 128, (6, 4), generator=g, dtype=torch.int8).T


def strided_codes(g: Generator) -> Tensor:
    """Every second code of a longer tensor."""
    return torch.randint(-128, 128, (5, 12), generator=g, dtype=torch.int8)[:, ::2]


def one_code(g: Generator) -> Tensor:
    """A tensor of shape ()."""
    return torch.randint(-128, 128, (), generator=g, dtype=torch.int8)


def no_codes(g: Generator) -> Tensor:
    return torch.empty(2, 0, dtype=torch.int8)


ORDINARY = (straddling, outlier, three_dim, largest_is_negative, rows_apart)
ONE_SIDED = (all_positive, all_negative, offset, offset_below, relu)
DEGENERATE = (constant, all_zero, one_element, zero_dim, tiny, subnormal, huge)
DTYPES = (float16, bfloat16, bfloat16_row, float64)
LAYOUTS = (transposed, strided, requires_grad)
FINITE = (*ORDINARY, *ONE_SIDED, *DEGENERATE, *DTYPES, *LAYOUTS)
CHANNELS = (square_rows_apart, zero_channels, four_dim)  # where a dimension has a meaning of its own
REFUSED = (empty, with_nan, infinite)  # where parameters are chosen
CODES = (int8_codes, uint8_codes, int16_codes, int32_codes, int64_codes)
CODE_LAYOUTS = (transposed_codes, strided_codes, one_code, no_codes)


def whole_numbers(g: Generator) -> Tensor:
    """Whole numbers from 1 to 60, for sizes that nobody can know beforehand."""
    return torch.randint(1, 61, (4,), generator=g)
