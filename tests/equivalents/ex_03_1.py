"""Other right answers to 03.1."""

from __future__ import annotations

from labs_lib.course import checked
from labs_lib.course.standins import equivalent


@equivalent("03.1")
def by_shifting(bits=8, signed=True):
    bits = checked.bits(bits, signed)
    every_bit_set = (1 << bits) - 1
    return (~(every_bit_set >> 1), every_bit_set >> 1) if signed else (0, every_bit_set)


@equivalent("03.1")
def by_doubling(bits=8, signed=True):
    checked.bits(bits, signed)
    count = 1
    for _ in range(bits):
        count = count * 2
    smallest = 0
    if signed:
        smallest = -(count // 2)
    return smallest, smallest + count - 1


@equivalent("03.1")
def by_twos_complement(bits=8, signed=True):
    checked.bits(bits, signed)
    low, high = ("1" + "0" * (bits - 1), "0" + "1" * (bits - 1)) if signed else ("0" * bits, "1" * bits)
    return int(low, 2) - (2**bits if signed else 0), int(high, 2)
