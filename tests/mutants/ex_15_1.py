"""Wrong answers to 15.1, and what to say about each."""

from __future__ import annotations

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import mutant

BYTE = "the codes 1, 0, 3, 2 of 2 bits are the byte 177"
TWO_BYTES = "1, 0, 3, 2, 3, 3, 3, 3 are two bytes, 177 and 255"
WIDTHS = "two codes of 4 bits share a byte, eight of 1 bit, and 8 bits fill one"
FILLED = "a row that does not fill its last byte is filled up with zeros, at its end"
ROWS = "every row begins a byte of its own: codes never cross rows"
CLEAN = "any layout will do: columns, every other code, a row from the middle of another; nothing changes"
DTYPES = "codes of any integer dtype are packed into uint8"


def filled(codes, bits):
    """Codes as uint8, every row lengthened with zeros until it fills its last byte."""
    return nn.functional.pad(codes.to(torch.uint8), (0, -codes.shape[-1] % (8 // bits)))


@mutant(
    "same_place",
    "15.1",
    law=BYTE,
    says="This matches codes that are put on top of each other without a shift. Code p of a byte goes p * bits higher.",
    line=r"\|",
)
def puts_all_in_one_place(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    codes, per_byte = filled(codes, bits), 8 // bits
    packed = codes[..., 0::per_byte].clone()
    for place in range(1, per_byte):
        packed |= codes[..., place::per_byte]
    return packed


@mutant(
    "J01",
    "15.1",
    law=BYTE,
    says="This matches the first code in the highest bits. It belongs in the lowest ones: [1, 0, 3, 2] is 0b10110001. "
    "Your own way back could not tell.",
    line=r"<<",
)
def puts_the_first_code_highest(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    codes, per_byte = filled(codes, bits), 8 // bits
    packed = torch.zeros_like(codes[..., 0::per_byte])
    for place in range(per_byte):
        packed |= codes[..., place::per_byte] << bits * (per_byte - 1 - place)
    return packed


@mutant(
    "J02",
    "15.1",
    law=BYTE,
    says="This matches bytes that are overwritten: only the last code of each is left. Put every code on top with or.",
    line=r"<<",
)
def overwrites(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    codes, per_byte = filled(codes, bits), 8 // bits
    for place in range(per_byte):
        packed = codes[..., place::per_byte] << bits * place
    return packed


@mutant(
    "J03",
    "15.1",
    law=BYTE,
    says="This matches a shift by the place alone. Each place is `bits` bits wide: shift by place * bits.",
    line=r"<<",
)
def shifts_by_the_place(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    codes, per_byte = filled(codes, bits), 8 // bits
    packed = codes[..., 0::per_byte].clone()
    for place in range(1, per_byte):
        packed |= codes[..., place::per_byte] << place
    return packed


@mutant(
    "J04",
    "15.1",
    law=BYTE,
    says="This matches codes that are joined with and. Where one side is empty, and gives 0: join with or.",
    line=r"&",
)
def joins_with_and(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    codes, per_byte = filled(codes, bits), 8 // bits
    packed = codes[..., 0::per_byte].clone()
    for place in range(1, per_byte):
        packed &= codes[..., place::per_byte] << bits * place
    return packed


@mutant(
    "multiplies",
    "15.1",
    law=BYTE,
    says="This matches codes that are multiplied by bits * place. To move up by that many bits is to multiply by "
    "2 ** (bits * place).",
    line=r"\*",
)
def multiplies_by_the_shift(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    codes, per_byte = filled(codes, bits), 8 // bits
    packed = codes[..., 0::per_byte].clone()
    for place in range(1, per_byte):
        packed += codes[..., place::per_byte] * (bits * place)
    return packed


@mutant(
    "one_short",
    "15.1",
    law=BYTE,
    says="This matches a loop that ends one place early: the highest code of every byte is lost. There are 8 // bits "
    "places.",
    line=r"range",
)
def ends_one_place_early(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    codes, per_byte = filled(codes, bits), 8 // bits
    packed = codes[..., 0::per_byte].clone()
    for place in range(1, per_byte - 1):
        packed |= codes[..., place::per_byte] << bits * place
    return packed


@mutant(
    "slabs",
    "15.1",
    law=TWO_BYTES,
    says="This matches a byte that takes its codes from far apart, as other formats do. Ours holds neighbours: codes "
    "0 to 8 // bits - 1 are the first byte.",
    line=r"chunk|\[|reshape|unflatten",
)
def takes_codes_from_far_apart(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    codes, per_byte = filled(codes, bits), 8 // bits
    columns = codes.shape[-1] // per_byte
    packed = codes[..., :columns].clone()
    for place in range(1, per_byte):
        packed |= codes[..., place * columns : (place + 1) * columns] << bits * place
    return packed


@mutant(
    "two_bits",
    "15.1",
    law=WIDTHS,
    says="This matches bytes of four 2-bit codes, whatever bits is. A byte holds 8 // bits codes, each `bits` wide.",
    line=r"[^*]4|<< 2",
)
def always_packs_two_bits(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    codes = filled(codes, 2)
    packed = codes[..., 0::4].clone()
    for place in range(1, 4):
        packed |= codes[..., place::4] << 2 * place
    return packed


@mutant(
    "no_padding",
    "15.1",
    law=FILLED,
    says="This matches code for rows that fill their last byte. Others must be lengthened with zeros first: the last "
    "slices are one shorter than the first.",
    line=r"\|",
)
def does_not_pad(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    codes, per_byte = codes.to(torch.uint8), 8 // bits
    packed = codes[..., 0::per_byte].clone()
    for place in range(1, per_byte):
        packed |= codes[..., place::per_byte] << bits * place
    return packed


@mutant(
    "J05",
    "15.1",
    law=FILLED,
    says="This matches codes that were cut off: those that do not fill a byte are gone, and nobody is told. Lengthen "
    "the row with zeros instead.",
    line=r"//|%",
)
def cuts_the_rest_off(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    per_byte = 8 // bits
    codes = codes[..., : codes.shape[-1] // per_byte * per_byte].to(torch.uint8)
    packed = codes[..., 0::per_byte].clone()
    for place in range(1, per_byte):
        packed |= codes[..., place::per_byte] << bits * place
    return packed


@mutant(
    "pads_in_front",
    "15.1",
    law=FILLED,
    says="This matches zeros in front of the row, which move every code. They belong at its end: pad(codes, (0, n)).",
    line=r"pad\(|cat\(",
)
def pads_in_front(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    per_byte = 8 // bits
    codes = nn.functional.pad(codes.to(torch.uint8), (-codes.shape[-1] % per_byte, 0))
    packed = codes[..., 0::per_byte].clone()
    for place in range(1, per_byte):
        packed |= codes[..., place::per_byte] << bits * place
    return packed


@mutant(
    "pads_with_the_top",
    "15.1",
    law=FILLED,
    says="This matches a last byte that is filled with ones. Fill it with zeros, so that equal codes are equal bytes.",
    line=r"pad\(|value|ones|full",
)
def pads_with_ones(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    per_byte = 8 // bits
    codes = nn.functional.pad(codes.to(torch.uint8), (0, -codes.shape[-1] % per_byte), value=2**bits - 1)
    packed = codes[..., 0::per_byte].clone()
    for place in range(1, per_byte):
        packed |= codes[..., place::per_byte] << bits * place
    return packed


@mutant(
    "one_byte_more",
    "15.1",
    law=BYTE,
    says="This matches a row that is lengthened always, by a whole byte where it was full. What is missing is "
    "-n % per_byte, not per_byte - n % per_byte.",
    line=r"pad\(|%",
)
def pads_full_rows_too(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    per_byte = 8 // bits
    codes = nn.functional.pad(codes.to(torch.uint8), (0, per_byte - codes.shape[-1] % per_byte))
    packed = codes[..., 0::per_byte].clone()
    for place in range(1, per_byte):
        packed |= codes[..., place::per_byte] << bits * place
    return packed


@mutant(
    "crosses_rows",
    "15.1",
    law=ROWS,
    says="This matches codes that were flattened first: a byte then holds the end of one row and the beginning of the "
    "next. Work along the last axis.",
    line=r"flatten|reshape|view|ravel",
)
def lets_codes_cross_rows(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    flat, per_byte = filled(codes.flatten(), bits), 8 // bits
    packed = flat[0::per_byte].clone()
    for place in range(1, per_byte):
        packed |= flat[place::per_byte] << bits * place
    return packed if codes.dim() == 1 else packed.reshape(*codes.shape[:-1], -1)


@mutant(
    "flat",
    "15.1",
    law=ROWS,
    says="This matches bytes that lost the shape of the codes. Only the last axis gets shorter, the others stay.",
    line=r"flatten|reshape|view|ravel",
)
def answers_with_a_flat_row(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    codes, per_byte = filled(codes, bits), 8 // bits
    packed = codes[..., 0::per_byte].clone()
    for place in range(1, per_byte):
        packed |= codes[..., place::per_byte] << bits * place
    return packed.flatten()


@mutant(
    "first_axis",
    "15.1",
    law=ROWS,
    says="This matches bytes that are filled down the columns. Neighbours along the last axis share a byte: index "
    "with [..., place::per_byte].",
    line=r"\[|\.T|dim",
)
def packs_down_the_columns(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    codes, per_byte = filled(codes.movedim(0, -1), bits).movedim(-1, 0), 8 // bits
    packed = codes[0::per_byte].clone()
    for place in range(1, per_byte):
        packed |= codes[place::per_byte] << bits * place
    return packed


@mutant(
    "one_row",
    "15.1",
    law=ROWS,
    says="This matches the video course's loop, which knows a single row. Write [..., place::per_byte], and the other "
    "dimensions take care of themselves.",
    line=r"len\(|shape\[0\]|\[\w+\]",
)
def knows_a_single_row(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    per_byte = 8 // bits
    packed = torch.zeros(-(-len(codes) // per_byte), dtype=torch.uint8)
    for index, code in enumerate(codes.tolist()):
        packed[index // per_byte] |= code << bits * (index % per_byte)
    return packed


@mutant(
    "wide",
    "15.1",
    law=BYTE,
    says="This matches bytes in int64, eight times as large as they need be: sum widens. Turn them into uint8.",
    line=r"sum|long|int64",
)
def answers_in_int64(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    codes, per_byte = filled(codes, bits), 8 // bits
    places = [codes[..., place::per_byte].long() << bits * place for place in range(per_byte)]
    return torch.stack(places).sum(0)


@mutant(
    "dtype_of_the_codes",
    "15.1",
    law=DTYPES,
    says="This matches bytes in the dtype of the codes. A byte is a uint8: turn the codes into uint8 first.",
    line=r"clone|pad\(",
)
def keeps_the_dtype(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    per_byte = 8 // bits
    codes = nn.functional.pad(codes, (0, -codes.shape[-1] % per_byte))
    packed = codes[..., 0::per_byte].clone()
    for place in range(1, per_byte):
        packed |= codes[..., place::per_byte] << bits * place
    return packed


@mutant(
    "in_place",
    "15.1",
    law=CLEAN,
    says="This matches work inside the codes that were handed in: a slice is no copy. Clone it before you put others "
    "on top.",
    line=r"0::|::per_byte",
)
def packs_inside_the_codes(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    per_byte, missing = 8 // bits, -codes.shape[-1] % (8 // bits)
    codes = nn.functional.pad(codes.to(torch.uint8), (0, missing)) if missing else codes.to(torch.uint8)
    packed = codes[..., 0::per_byte]
    for place in range(1, per_byte):
        packed |= codes[..., place::per_byte] << bits * place
    return packed


@mutant(
    "view",
    "15.1",
    law=CLEAN,
    says="This matches view(), which refuses codes that do not lie row by row in memory. reshape() copies where it "
    "must.",
    line=r"\.view\(",
)
def uses_view(codes, bits):
    codes, bits = checked.ranked("codes", checked.unsigned("codes", codes, bits)), checked.packed_bits(bits)
    per_byte, missing = 8 // bits, -codes.shape[-1] % (8 // bits)
    codes = nn.functional.pad(codes.to(torch.uint8), (0, missing)) if missing else codes.to(torch.uint8)
    groups = codes.view(-1, per_byte)
    packed = groups[:, 0].clone()
    for place in range(1, per_byte):
        packed |= groups[:, place] << bits * place
    return packed.reshape(*codes.shape[:-1], codes.shape[-1] // per_byte)
