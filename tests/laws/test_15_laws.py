"""Lesson 15: several codes in one byte, and signed codes made unsigned for it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from labs_lib.course.laws import cases, expect_clean, expect_equal, expect_raises, expect_tensor, inputs, law

from . import digits
from .digits import SIGNED, WIDTHS

INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
UNEVEN = (3, 5, 6, 7)  # widths that leave part of a byte over


def of_bytes(*values: int) -> Tensor:
    return torch.tensor(values, dtype=torch.uint8)


def narrowed(x: Tensor, bits: int) -> Tensor:
    """The leading bits of bytes: codes of a width."""
    return x // 2 ** (8 - bits)


@law("15.1", "the codes 1, 0, 3, 2 of 2 bits are the byte 177")
def test_the_byte_177(pack):
    expect_equal(pack(of_bytes(1, 0, 3, 2), 2), of_bytes(177), "packed")


@law("15.1", "1, 0, 3, 2, 3, 3, 3, 3 are two bytes, 177 and 255")
def test_two_bytes(pack):
    expect_equal(pack(of_bytes(1, 0, 3, 2, 3, 3, 3, 3), 2), of_bytes(177, 255), "packed")


@law("15.1", "two codes of 4 bits share a byte, eight of 1 bit, and 8 bits fill one")
def test_other_widths(pack):
    expect_equal(pack(of_bytes(1, 15, 8, 9), 4), of_bytes(0xF1, 0x98), "packed from 4 bits")
    expect_equal(pack(of_bytes(1, 0, 0, 0, 0, 0, 1, 1), 1), of_bytes(0b11000001), "packed from 1 bit")
    expect_equal(pack(of_bytes(200, 0, 255), 8), of_bytes(200, 0, 255), "packed from 8 bits")


@law("15.1", "a code in place p of its byte is worth 2**(bits * p) times as much: the first one lies lowest")
def test_places(pack):
    for bits in WIDTHS:
        per_byte = 8 // bits
        for place in range(per_byte):
            codes = torch.zeros(per_byte, dtype=torch.uint8)
            codes[place] = 1
            expect_equal(pack(codes, bits), of_bytes(2 ** (bits * place)), f"packed from {bits} bits")


@law("15.1", "a row that does not fill its last byte is filled up with zeros, at its end")
def test_filled_with_zeros(pack):
    expect_equal(pack(of_bytes(1, 0, 3, 2, 3), 2), of_bytes(177, 3), "packed from 2 bits")
    expect_equal(pack(of_bytes(2), 2), of_bytes(2), "packed from 2 bits")
    expect_equal(pack(of_bytes(5, 6, 7), 4), of_bytes(0x65, 0x07), "packed from 4 bits")
    expect_equal(pack(of_bytes(*[1] * 10), 1), of_bytes(255, 3), "packed from 1 bit")


@law("15.1", "every row begins a byte of its own: codes never cross rows")
def test_rows_are_apart(pack):
    codes = torch.tensor([[1, 2, 3], [3, 0, 1], [2, 2, 2], [0, 1, 3]])
    expect_equal(pack(codes, 2), of_bytes(57, 19, 42, 52).reshape(4, 1), "packed from 2 bits")
    expect_equal(pack(codes, 4), torch.tensor([[0x21, 3], [3, 1], [0x22, 2], [0x10, 3]]).byte(), "packed from 4 bits")


@law("15.1", "the codes are the digits of the byte in base 2**bits, lowest digit first, in every row")
@cases(*digits.ROWS)
def test_digits(pack, x):
    for bits in WIDTHS:
        codes = narrowed(x, bits)
        expect_equal(pack(codes, bits), digits.packed_bytes(codes, bits), f"packed from {bits} bits")


@law("15.1", "n codes of a row become ceil(n * bits / 8) bytes, uint8, and the other dimensions stay")
def test_shapes(pack):
    for shape in ((1,), (5,), (8,), (3, 5), (5, 3), (8, 8), (2, 3, 4), (2, 1, 3, 9), (1, 1)):
        for bits in WIDTHS:
            packed = pack(torch.ones(shape, dtype=torch.uint8), bits)
            columns = math.ceil(shape[-1] * bits / 8)
            expect_tensor(packed, f"packed from {bits} bits", shape=(*shape[:-1], columns), dtype=torch.uint8)


@law("15.1", "no codes are no bytes, and no rows are no rows")
def test_empty(pack):
    for shape in ((0,), (3, 0), (0, 5), (2, 0, 4)):
        for bits in WIDTHS:
            packed = pack(torch.empty(shape, dtype=torch.uint8), bits)
            columns = math.ceil(shape[-1] * bits / 8)
            expect_tensor(packed, f"packed from {bits} bits", shape=(*shape[:-1], columns), dtype=torch.uint8)


@law("15.1", "a long row is packed to its end")
def test_long_row(pack):
    codes = torch.randint(4, (2, 1501), generator=inputs.generator(0, "long row"), dtype=torch.uint8)
    expect_equal(pack(codes, 2), digits.packed_bytes(codes, 2), "packed from 2 bits")


@law("15.1", "codes of any integer dtype are packed into uint8")
def test_integer_dtypes(pack):
    for bits in WIDTHS:
        codes = torch.arange(26).reshape(2, 13) * 9 % 2 ** min(bits, 7)
        for dtype in INTEGERS:
            packed = pack(codes.to(dtype), bits)
            expect_equal(packed, digits.packed_bytes(codes, bits), f"packed from {bits} bits in {dtype}")


@law("15.1", "any layout will do: columns, every other code, a row from the middle of another; nothing changes")
def test_pack_is_clean(pack):
    for bits in WIDTHS:
        for layout, codes in digits.layouts(2**bits):
            reply = pack.reply(codes, bits)
            expect_clean(reply)
            expect_equal(reply.value, digits.packed_bytes(codes, bits), f"packed from {bits} bits ({layout})")


@law("15.1", "a code that does not fit its bits is refused: it would spill into its neighbours")
def test_pack_refuses_codes(pack):
    for bits in (1, 2, 4):
        expect_raises(pack, ValueError, of_bytes(0, 2**bits, 1, 0), bits, naming="codes")
        expect_raises(pack, ValueError, of_bytes(0, 255), bits, naming="codes")
    for bits in WIDTHS:
        expect_raises(pack, ValueError, torch.tensor([0, -1], dtype=torch.int8), bits, naming="codes")
        expect_raises(pack, ValueError, torch.tensor([[0, 256]]), bits, naming="codes")


@law("15.1", "widths that do not divide a byte, such as 3, are refused")
def test_pack_refuses_widths(pack):
    for bits in (*UNEVEN, 0, -2, 9, 16):
        expect_raises(pack, ValueError, torch.zeros(8, dtype=torch.uint8), bits, naming="bits")


@law("15.1", "what holds no integers, or has no last axis, is refused")
def test_pack_refuses(pack):
    expect_raises(pack, TypeError, torch.tensor([1.0, 0.0, 3.0, 2.0]), 2, naming="codes")
    expect_raises(pack, TypeError, torch.tensor([True, False, True, True]), 1, naming="codes")
    expect_raises(pack, ValueError, torch.tensor(3), 2, naming="codes")


def every_code(bits: int, dtype: torch.dtype = torch.int8) -> Tensor:
    half = 2 ** (bits - 1)
    return torch.arange(-half, half, dtype=dtype)


@law("15.2", "the 2-bit codes -2, -1, 0, 1 become 0, 1, 2, 3")
def test_two_bits(to_unsigned):
    expect_equal(to_unsigned(torch.tensor([-2, -1, 0, 1], dtype=torch.int8), 2), of_bytes(0, 1, 2, 3), "codes")


@law("15.2", "the most negative code becomes 0, and the largest 2**bits - 1")
def test_ends(to_unsigned):
    for bits in SIGNED:
        half = 2 ** (bits - 1)
        ends = torch.tensor([half - 1, -half], dtype=torch.int8)
        expect_equal(to_unsigned(ends, bits), of_bytes(2**bits - 1, 0), f"codes of {bits} bits")


@law("15.2", "every code of every width is shifted by 2**(bits-1), whatever else is in the tensor")
def test_offset(to_unsigned):
    for bits in SIGNED:
        q = every_code(bits)
        expect_equal(to_unsigned(q, bits), torch.arange(2**bits).to(torch.uint8), f"codes of {bits} bits")
        expect_equal(to_unsigned(q[1:].flip(0), bits), torch.arange(1, 2**bits).flip(0).to(torch.uint8), "codes")
        alone = torch.zeros(3, dtype=torch.int8)
        expect_equal(to_unsigned(alone, bits), torch.full((3,), 2 ** (bits - 1)).to(torch.uint8), "codes of zeros")


@law("15.2", "8-bit codes do not wrap around: -128 becomes 0, 0 becomes 128 and 127 becomes 255")
def test_eight_bits(to_unsigned):
    q = torch.tensor([[-128, -1, 0], [1, 126, 127]], dtype=torch.int8)
    expect_equal(to_unsigned(q, 8), torch.tensor([[0, 127, 128], [129, 254, 255]], dtype=torch.uint8), "codes")


@law("15.2", "the order of the codes is kept: a larger code stays the larger one")
def test_order(to_unsigned):
    for bits in (2, 4, 8):
        codes = to_unsigned(every_code(bits), bits)
        codes = expect_tensor(codes, "codes", shape=(2**bits,), dtype=torch.uint8)
        expect_equal(codes.long().sort().values, codes.long(), f"codes of {bits} bits, from the smallest up")


@law("15.2", "codes of any integer dtype become uint8, in their shape")
@cases(*inputs.CODES, *inputs.CODE_LAYOUTS)
def test_unsigned_dtypes(to_unsigned, x):
    for bits in (4, 8, 2, 5):
        half = 2 ** (bits - 1)
        q = x.long().clamp(-half, half - 1).to(x.dtype)
        expect_equal(to_unsigned(q, bits), (q.long() + half).to(torch.uint8), "codes")


@law("15.2", "any layout will do, and nothing that is handed in changes")
def test_unsigned_is_clean(to_unsigned):
    for bits in (4, 8):
        half = 2 ** (bits - 1)
        for dtype in (torch.int8, torch.int16):
            for layout, q in digits.layouts(half, low=-half, dtype=dtype):
                reply = to_unsigned.reply(q, bits)
                expect_clean(reply)
                expect_equal(reply.value, (q.long() + half).to(torch.uint8), f"codes ({layout})")


@law("15.2", "a code that does not fit its bits is refused")
def test_unsigned_refuses_codes(to_unsigned):
    for bits in SIGNED:
        half = 2 ** (bits - 1)
        for code in (half, -half - 1, 1000, -1000):
            expect_raises(to_unsigned, ValueError, torch.tensor([0, code], dtype=torch.int16), bits, naming="q")


@law("15.2", "one bit has no sign, and widths beyond 8 bits no byte")
def test_unsigned_refuses_widths(to_unsigned):
    for bits in (1, 0, 9, 16):
        expect_raises(to_unsigned, ValueError, torch.zeros(2, dtype=torch.int8), bits, naming="bits")


@law("15.2", "what holds no integers is refused")
def test_unsigned_refuses(to_unsigned):
    expect_raises(to_unsigned, TypeError, torch.tensor([1.0, -1.0]), 4, naming="q")
    expect_raises(to_unsigned, TypeError, torch.tensor([True, False]), 4, naming="q")
