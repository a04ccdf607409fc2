"""A byte read back code by code, as a widget, and two ways to read it wrong: no mask, and a shift of a signed byte."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from .bit_rows import FREE, STRAY, BitRow, bit_rows_figure, owners_of
from .bit_stepper import WIDTHS, step_figure, unpacking_steps
from .widget import Drawn, choice_slider, show_widget, whole_slider


@dataclass(frozen=True)
class Reading:
    """What somebody finds in a byte, row by row."""

    bits: int
    rows: tuple[BitRow, ...]
    finding: str


def unpacking_widget(byte: int = 177, bits: int = 2, step: int = 1) -> None:
    """Choose a byte and the width of its codes, and move the slider from the first code to the last."""

    def draw(byte: int, bits: str, step: int) -> Drawn:
        steps = unpacking_steps(byte, int(bits))
        shown = steps[min(step, len(steps) - 1)]
        return Drawn(step_figure(shown), f"{shown.finding}. All codes of the byte: {_listed(steps[-1].codes)}.")

    controls = {
        "byte": whole_slider("byte", byte, 0, 255),
        "bits": choice_slider("bits of a code", [str(width) for width in WIDTHS], str(bits)),
        "step": whole_slider("code that is read", step, 0, 7),
    }
    show_widget(controls, draw)


def unmasked(byte: int, bits: int) -> Reading:
    """What each shift leaves when nothing is taken away above the code.

    Args:
        byte: 0 to 255.
        bits: 1, 2 or 4.

    Raises:
        ValueError: not a byte, or another width.

    Example:
        >>> [row.value for row in unmasked(177, bits=2).rows]
        [177, 44, 11, 2]
    """
    right = unpacking_steps(byte, bits)[-1].codes
    rows = []
    for index in range(8 // bits):
        shift = bits * index
        rows.append(BitRow(f"shifted by {shift}", byte >> shift, owners_of(range(index, 8 // bits), bits), index))
    wrong = [index for index, row in enumerate(rows) if row.value != right[index]]
    finding = (
        f"Without the mask byte {byte} reads {_listed(row.value for row in rows)} in place of {_listed(right)}: "
        f"{len(wrong)} of {len(rows)} codes are wrong"
    )
    return Reading(bits, tuple(rows), finding)


def signed_shift(byte: int, bits: int) -> Reading:
    """The last code of a byte, read from a uint8 and from an int8, whose shift copies the sign.

    Args:
        byte: 0 to 255.
        bits: 1, 2 or 4.

    Raises:
        ValueError: not a byte, or another width.

    Example:
        >>> signed_shift(177, bits=2).finding
        'As an int8 byte 177 is -79, and its last code comes out as -2 in place of 2, until it is masked'
    """
    code = unpacking_steps(byte, bits)[-1].codes[-1]
    last = 8 // bits - 1
    shift = bits * last
    signed = byte - 256 if byte > 127 else byte
    smeared = STRAY if signed < 0 else FREE
    whole, top = owners_of(range(last + 1), bits), owners_of([last], bits)
    rows = (
        BitRow(f"the byte as uint8: {byte}", byte, whole, last),
        BitRow(f"shifted by {shift}: {byte >> shift}", byte >> shift, top, last),
        BitRow(f"the byte as int8: {signed}", byte, whole, last),
        BitRow(
            f"shifted by {shift}: {signed >> shift}", (signed >> shift) % 256, (*top[:bits], *[smeared] * shift), last
        ),
        BitRow(f"and with the mask: {code}", signed >> shift & 2**bits - 1, top, last),
    )
    if signed < 0:
        wrong = f"comes out as {signed >> shift} in place of {code}, until it is masked"
        return Reading(bits, rows, f"As an int8 byte {byte} is {signed}, and its last code {wrong}")
    return Reading(bits, rows, f"Byte {byte} is {byte} as an int8 too, and its last code comes out right: {code}")


def reading_figure(reading: Reading) -> Figure:
    """Draw the rows: the wanted code in one colour, what is not its own in others."""
    return bit_rows_figure(reading.rows, reading.bits, reading.finding)


def _listed(codes: object) -> str:
    return ", ".join(map(str, codes))  # type: ignore[call-overload]
