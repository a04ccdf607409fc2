"""Wrong answers to 16.1, and what to say about each."""

from __future__ import annotations

import torch

from labs_lib.course import checked
from labs_lib.course.standins import mutant

BYTE = "the byte 177 holds the 2-bit codes 1, 0, 3, 2"
TWO_BYTES = "the bytes 177 and 255 hold eight codes of 2 bits"
WIDTHS = "a byte holds two codes of 4 bits, eight of 1 bit, or one of 8 bits"
LENGTH = "a row ends after `length` codes: what is left of its last byte is no code"
ROWS = "every row begins with its own first byte, and ends with its own last"
CLEAN = "any layout will do: columns, every other byte, a row from the middle of another; nothing changes"


@mutant(
    "J09",
    "16.1",
    law=BYTE,
    says="This matches a shift without a mask: the codes above the wanted one are still there. Keep the low bits only, "
    "& (2**bits - 1).",
    line=r">>",
)
def does_not_mask(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [packed >> shift for shift in range(0, 8, bits)]
    return torch.stack(places, dim=-1).flatten(-2)[..., :length]


@mutant(
    "J12",
    "16.1",
    law=BYTE,
    says="This matches a shift of int8: it copies the sign bit into the highest code. Shift the uint8 bytes.",
    line=r"int8|view",
)
def shifts_signed_bytes(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    signed = packed.contiguous().view(torch.int8)
    places = [(signed >> shift) & 2**bits - 1 for shift in range(0, 8 - bits, bits)]
    places.append(signed >> 8 - bits)  # nothing lies above the highest code
    return torch.stack(places, dim=-1).flatten(-2)[..., :length].to(torch.uint8)


@mutant(
    "masks_first",
    "16.1",
    law=BYTE,
    says="This matches a mask before the shift, or a shift to the left: only the lowest code of a byte is left. Shift "
    "to the right first.",
    line=r"&.*>>|<<",
)
def masks_before_the_shift(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [(packed & 2**bits - 1) >> shift for shift in range(0, 8, bits)]
    return torch.stack(places, dim=-1).flatten(-2)[..., :length]


@mutant(
    "J01",
    "16.1",
    law=BYTE,
    says="This matches the highest bits first. The first code lies in the lowest bits: 177 holds 1, 0, 3, 2.",
    line=r"range|reversed|flip",
)
def takes_the_highest_first(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [(packed >> shift) & 2**bits - 1 for shift in range(8 - bits, -1, -bits)]
    return torch.stack(places, dim=-1).flatten(-2)[..., :length]


@mutant(
    "J03",
    "16.1",
    law=BYTE,
    says="This matches a shift by the place alone. Each place is `bits` bits wide: shift by place * bits.",
    line=r">>",
)
def shifts_by_the_place(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [(packed >> place) & 2**bits - 1 for place in range(8 // bits)]
    return torch.stack(places, dim=-1).flatten(-2)[..., :length]


@mutant(
    "not_shifted",
    "16.1",
    law=BYTE,
    says="This matches codes that were masked where they lie, and not brought down: 12 instead of 3. Shift them into "
    "the lowest bits.",
    line=r"&",
)
def leaves_the_codes_in_their_place(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [packed & (2**bits - 1 << shift) for shift in range(0, 8, bits)]
    return torch.stack(places, dim=-1).flatten(-2)[..., :length]


@mutant(
    "mask_too_high",
    "16.1",
    law=BYTE,
    says="This matches the mask 2**bits, a single bit above the code. The low bits are 2**bits - 1.",
    line=r"&",
)
def masks_one_bit(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [(packed >> shift) & (2**bits) % 256 for shift in range(0, 8, bits)]
    return torch.stack(places, dim=-1).flatten(-2)[..., :length]


@mutant(
    "mask_is_bits",
    "16.1",
    law=BYTE,
    says="This matches the number of bits as the mask. A mask of n ones is 2**n - 1.",
    line=r"&",
)
def masks_with_bits(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [(packed >> shift) & bits for shift in range(0, 8, bits)]
    return torch.stack(places, dim=-1).flatten(-2)[..., :length]


@mutant(
    "one_short",
    "16.1",
    law=BYTE,
    says="This matches a loop that ends one place early: the highest code of every byte stays 0. There are 8 // bits "
    "places.",
    line=r"range",
)
def ends_one_place_early(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    per_byte = 8 // bits
    codes = torch.zeros(*packed.shape[:-1], packed.shape[-1] * per_byte, dtype=torch.uint8)
    for place in range(per_byte - 1):
        codes[..., place::per_byte] = (packed >> bits * place) & 2**bits - 1
    return codes[..., :length]


@mutant(
    "two_bits",
    "16.1",
    law=WIDTHS,
    says="This matches bytes of four 2-bit codes, whatever bits is. Shift by multiples of bits and mask 2**bits - 1.",
    line=r"& 3|2, 4, 6|, 2\)",
)
def always_unpacks_two_bits(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [(packed >> shift) & 3 for shift in (0, 2, 4, 6)]
    return torch.stack(places, dim=-1).flatten(-2)[..., :length]


@mutant(
    "slabs",
    "16.1",
    law=TWO_BYTES,
    says="This matches all first codes, then all second ones. The codes of one byte are neighbours: stack along a new "
    "last dimension, then flatten it.",
    line=r"cat|dim=-2",
)
def puts_equal_places_together(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [(packed >> shift) & 2**bits - 1 for shift in range(0, 8, bits)]
    return torch.cat(places, dim=-1)[..., :length]


@mutant(
    "first_dimension",
    "16.1",
    law=TWO_BYTES,
    says="This matches places that were stacked along the first dimension, where stack puts them unless told "
    "otherwise. Give it dim=-1.",
    line=r"stack",
)
def stacks_in_front(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [(packed >> shift) & 2**bits - 1 for shift in range(0, 8, bits)]
    columns = packed.shape[-1] * len(places)
    return torch.stack(places).reshape(*packed.shape[:-1], columns)[..., :length]


@mutant(
    "tiles",
    "16.1",
    law=TWO_BYTES,
    says="This matches repeat, which turns bytes a, b into a, b, a, b. The codes of one byte are neighbours: use "
    "repeat_interleave, or stack.",
    line=r"repeat\(|tile",
)
def repeats_the_row(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    per_byte = 8 // bits
    wide = packed.repeat(*[1] * (packed.dim() - 1), per_byte)
    shifts = (torch.arange(wide.shape[-1]) % per_byte * bits).to(torch.uint8)
    return ((wide >> shifts) & 2**bits - 1)[..., :length]


@mutant(
    "not_cut",
    "16.1",
    law=LENGTH,
    says="This matches rows as long as their bytes allow. What fills a last byte is no code: keep the first `length`.",
    line=r"return",
)
def does_not_cut(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [(packed >> shift) & 2**bits - 1 for shift in range(0, 8, bits)]
    return torch.stack(places, dim=-1).flatten(-2)


@mutant(
    "cuts_in_front",
    "16.1",
    law=LENGTH,
    says="This matches rows that were cut at their beginning. The last byte is the one that may not be full: keep the "
    "first `length` codes.",
    line=r"\[",
)
def cuts_in_front(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [(packed >> shift) & 2**bits - 1 for shift in range(0, 8, bits)]
    codes = torch.stack(places, dim=-1).flatten(-2)
    return codes[..., codes.shape[-1] - length :]


@mutant(
    "whole_bytes",
    "16.1",
    law=LENGTH,
    says="This matches rows without their last byte where it is not full. The number of bytes is rounded up, not down.",
    line=r"//",
)
def drops_a_byte_that_is_not_full(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    full = packed[..., : length * bits // 8]
    places = [(full >> shift) & 2**bits - 1 for shift in range(0, 8, bits)]
    return torch.stack(places, dim=-1).flatten(-2)


@mutant(
    "crosses_rows",
    "16.1",
    law=ROWS,
    says="This matches codes that were flattened before they were cut: what fills the last byte of one row becomes the "
    "beginning of the next. Cut along the last axis.",
    line=r"flatten|reshape|view",
)
def cuts_the_flat_codes(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [(packed >> shift) & 2**bits - 1 for shift in range(0, 8, bits)]
    codes = torch.stack(places, dim=-1).flatten()
    count = packed[..., :1].numel() * length
    return codes[:count].reshape(*packed.shape[:-1], length)


@mutant(
    "flat",
    "16.1",
    law=ROWS,
    says="This matches codes that lost the shape of the bytes. Only the last axis gets longer: flatten(-2) leaves the "
    "others alone.",
    line=r"flatten|reshape|view",
)
def answers_with_a_flat_row(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = [(packed >> shift) & 2**bits - 1 for shift in range(0, 8, bits)]
    codes = torch.stack(places, dim=-1).flatten(-2)[..., :length]
    return codes.flatten()


@mutant(
    "one_row",
    "16.1",
    law=ROWS,
    says="This matches the video course's loop, which knows a single row. Work on whole tensors, along the last axis.",
    line=r"enumerate|range\(len|\[\w+\]",
)
def knows_a_single_row(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    codes = torch.zeros(length, dtype=torch.uint8)
    for index in range(length):
        byte, place = divmod(index * bits, 8)
        codes[index] = (packed[byte] >> place) & 2**bits - 1
    return codes


@mutant(
    "wide",
    "16.1",
    law=BYTE,
    says="This matches codes in int64, eight times as large as they need be. Keep them in uint8.",
    line=r"long|int64|arange|tensor",
)
def answers_in_int64(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    shifts = torch.arange(0, 8, bits)
    return ((packed.unsqueeze(-1) >> shifts) & 2**bits - 1).flatten(-2)[..., :length]


@mutant(
    "in_place",
    "16.1",
    law=CLEAN,
    says="This matches >>= on the bytes that were handed in: after one call they are gone. Write packed >> shift.",
    line=r">>=",
)
def shifts_in_place(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    places = []
    for _ in range(8 // bits):
        places.append(packed & 2**bits - 1)
        packed >>= bits % 8
    return torch.stack(places, dim=-1).flatten(-2)[..., :length]


@mutant(
    "view",
    "16.1",
    law=CLEAN,
    says="This matches view(), which refuses bytes that do not lie row by row in memory. flatten() and reshape() copy "
    "where they must.",
    line=r"\.view\(",
)
def uses_view(packed, bits, length):
    packed, bits = checked.packed("packed", packed, bits, length), checked.packed_bits(bits)
    flat = packed.view(-1)
    places = [(flat >> shift) & 2**bits - 1 for shift in range(0, 8, bits)]
    return torch.stack(places, dim=-1).reshape(*packed.shape[:-1], packed.shape[-1] * len(places))[..., :length]
