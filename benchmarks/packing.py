"""How long packing takes, as multiples of a copy of the codes: what is moved once anyway is the unit."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from labs_lib import show
from labs_lib.course.exercise import reference

SIDE = 4096  # a weight matrix of 16.8 million 2-bit codes
BITS, PER_BYTE = 2, 4
ROUNDS = 11
LOOP_CODES = 2048  # what the loop over single codes is measured on
LIMIT = 10  # copies that pack and unpack may take

COPY = "copy"
KINDS = (statistics.median, min)
Task = Callable[[], object]


def strided_pack(codes: Tensor) -> Tensor:
    return codes[:, 0::4] | codes[:, 1::4] << 2 | codes[:, 2::4] << 4 | codes[:, 3::4] << 6


def numpy_pack(codes: Tensor) -> Tensor:
    """Single bits, eight of which numpy.packbits puts together."""
    values = codes.numpy()
    bits = np.stack([values & 1, values >> 1], axis=-1).reshape(len(values), -1)
    return torch.from_numpy(np.packbits(bits, axis=-1, bitorder="little"))


def strided_unpack(packed: Tensor) -> Tensor:
    codes = torch.empty(len(packed), packed.shape[1] * PER_BYTE, dtype=torch.uint8)
    for place in range(PER_BYTE):
        codes[:, place::PER_BYTE] = packed >> BITS * place & 3
    return codes


def stacked_unpack(packed: Tensor) -> Tensor:
    return torch.stack([packed >> BITS * place & 3 for place in range(PER_BYTE)], dim=-1).flatten(1)


def numpy_unpack(packed: Tensor) -> Tensor:
    """Single bits by numpy.unpackbits, two of which are a code."""
    bits = np.unpackbits(packed.numpy(), axis=-1, bitorder="little")
    return torch.from_numpy(bits[:, 0::2] | bits[:, 1::2] << 1)


def loop_pack(codes: Tensor) -> Tensor:
    """The video course's loop over tensors of one element, for one row."""
    packed = torch.zeros(len(codes) // PER_BYTE, dtype=torch.uint8)
    for byte in range(len(packed)):
        for place in range(PER_BYTE):
            packed[byte] |= codes[byte * PER_BYTE + place] << BITS * place
    return packed


def loop_unpack(packed: Tensor) -> Tensor:
    """The way back, as the video course writes it."""
    codes = torch.zeros(len(packed) * PER_BYTE, dtype=torch.uint8)
    for byte in range(len(packed)):
        for place in range(PER_BYTE):
            codes[byte * PER_BYTE + place] |= packed[byte] >> BITS * place
    return codes & 3


def timed(tasks: Mapping[str, Task], rounds: int) -> dict[str, list[float]]:
    """The seconds of each task. Every round runs all of them, so that a slow moment of the machine hits all."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(rounds + 1):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            if number > 0:  # the first round warms up
                times[name].append(time.perf_counter() - start)
    return times


def same(name: str, got: Tensor, wanted: Tensor) -> None:
    """A fast wrong answer is none."""
    if not torch.equal(got, wanted):
        raise RuntimeError(f"{name} packs or unpacks wrongly")


def in_copies(times: Mapping[str, list[float]]) -> dict[str, list[float]]:
    """Of each road the median and the best time, as multiples of the copy's."""
    copy = times[COPY]
    return {name: [kind(one) / kind(copy) for kind in KINDS] for name, one in times.items() if name != COPY}


def measure(side: int, rounds: int) -> tuple[float, dict[str, list[float]]]:
    """The seconds of a copy, and every road in copies, with the number of threads that torch has now.

    numpy has rounds of its own: it hands large pieces of memory back to the system, and whoever asks next waits for
    new ones.
    """
    pack, unpack = reference("15.1"), reference("16.1")
    codes = torch.randint(2**BITS, (side, side), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    target, packed = torch.empty_like(codes), pack(codes, BITS)
    few = codes.flatten()[:LOOP_CODES]
    few_packed = pack(few, BITS)
    for name, one, other in (
        ("strided slices", strided_pack(codes), strided_unpack(packed)),
        ("torch.stack", packed, stacked_unpack(packed)),
        ("numpy", numpy_pack(codes), numpy_unpack(packed)),
    ):
        same(name, one, packed)
        same(name, other, codes)
    same("the loop", loop_pack(few), few_packed)
    same("the loop", loop_unpack(few_packed), few)

    copy: dict[str, Task] = {COPY: partial(target.copy_, codes)}
    by_torch: dict[str, Task] = {
        "pack, reference": partial(pack, codes, BITS),
        "pack, strided slices": partial(strided_pack, codes),
        "unpack, reference": partial(unpack, packed, BITS, side),
        "unpack, strided slices": partial(strided_unpack, packed),
        "unpack, torch.stack": partial(stacked_unpack, packed),
    }
    by_numpy: dict[str, Task] = {
        "pack, numpy.packbits": partial(numpy_pack, codes),
        "unpack, numpy.unpackbits": partial(numpy_unpack, packed),
    }
    loops: dict[str, Task] = {
        "pack, video's loop *": partial(loop_pack, few),
        "unpack, video's loop *": partial(loop_unpack, few_packed),
    }
    times = timed(copy | by_torch, rounds)
    ratios = in_copies(times) | in_copies(timed(copy | by_numpy, rounds))
    for name, ratio in in_copies(timed(copy | loops, 1)).items():
        ratios[name] = [one * codes.numel() / len(few) for one in ratio]
    return statistics.median(times[COPY]), ratios


def main(side: int = SIDE, rounds: int = ROUNDS, threads: Sequence[int] = (1, 2)) -> None:
    """Print a table: each road with each number of threads, in copies of the codes."""
    before, measured = torch.get_num_threads(), []
    try:
        for count in threads:
            torch.set_num_threads(count)
            measured.append(measure(side, rounds))
    finally:
        torch.set_num_threads(before)
    print(f"one copy of {side * side:,} codes of {BITS} bits, one a byte, is the unit of this table:")
    for count, (copy, _) in zip(threads, measured, strict=True):
        print(f"  {1000 * copy:.2f} ms, {side * side / copy / 1e9:.1f} GB/s, with {count} thread{'s' * (count > 1)}")
    names = sorted(measured[0][1])
    rows = [[name, *(ratio for _, ratios in measured for ratio in ratios[name])] for name in names]
    headers = [f"{kind}, {count} thr." for count in threads for kind in ("median", "best")]
    show.table(rows, ["copies", *headers], digits=[0, *[1] * len(headers)])
    print(f"* measured on {LOOP_CODES:,} codes and extrapolated. pack and unpack may take {LIMIT} copies.")
    print(f"A best far below its median, of {rounds} rounds, says that something else ran on this machine.")
