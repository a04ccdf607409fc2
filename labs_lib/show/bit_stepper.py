"""A shift register, one code at a time: codes on their way into bytes, or out of one. Lessons 15 and 16."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .bit_rows import FREE, HEIGHT, SMALL, BitRow, blank, draw_cell, draw_rows, owners_of
from .style import CODE, FAINT, VALUE, new_figure, state
from .widget import Drawn, choice_slider, show_widget, suggestions, whole_slider

GAP = 0.5  # cells between two codes of the list
ROOM = 17.0  # cells that the list may take before it gets narrower ones
WIDTHS = (1, 2, 4)
MOST = 16  # codes that can be read when drawn as a list


@dataclass(frozen=True)
class Step:
    """What happens to one code, and which codes are in the list by then."""

    codes: tuple[int | None, ...]  # in the order of the list; None is not there yet
    bits: int
    now: int  # which of them moves
    rows: tuple[BitRow, ...]
    finding: str
    done: tuple[int, ...]  # the codes that are blue in the list: have moved already


def packing_steps(codes: Sequence[int], bits: int) -> list[Step]:
    """One step for each code: shift it to its place, and put it on top of what is in the byte already.

    Args:
        codes: up to 16 whole numbers from 0 to ``2**bits - 1``. More than fit a byte start the next one.
        bits: 1, 2 or 4.

    Raises:
        ValueError: no codes or too many, a code that does not fit, or another width.

    Example:
        >>> [step.rows[-1].value for step in packing_steps([1, 0, 3, 2], bits=2)]
        [1, 1, 49, 177]
    """
    _refuse(codes, bits)
    per_byte, steps, byte = 8 // bits, [], 0
    for index, code in enumerate(codes):
        shift = bits * (index % per_byte)
        first = index - index % per_byte
        before = byte if shift else 0
        byte = before | code << shift
        moved = owners_of([*[FREE] * (index - first), index], bits)
        rows = (
            BitRow(f"code {index} is {code}", code, owners_of([index], bits, bits), index),
            BitRow(f"shifted left by {shift}", code << shift, moved, index),
            BitRow("the byte so far", before, owners_of(range(first, index), bits), index),
            BitRow("or: the byte now", byte, owners_of(range(first, index + 1), bits), index),
        )
        finding = f"Code {index} goes to {_place(shift, bits)} of byte {index // per_byte}: {before} becomes {byte}"
        steps.append(Step(tuple(codes), bits, index, rows, finding, tuple(range(index))))
    return steps


def unpacking_steps(byte: int, bits: int) -> list[Step]:
    """One step for each code of a byte: shift it down to the lowest bits, and keep only these.

    Args:
        byte: 0 to 255.
        bits: 1, 2 or 4.

    Raises:
        ValueError: not a byte, or another width.

    Example:
        >>> unpacking_steps(177, bits=2)[-1].codes
        (1, 0, 3, 2)
    """
    _refuse([0], bits)
    if not 0 <= byte <= 255:
        raise ValueError(f"byte must be from 0 to 255, got {byte}")
    per_byte, mask, steps = 8 // bits, 2**bits - 1, []
    codes = [byte >> bits * index & mask for index in range(per_byte)]
    for index, code in enumerate(codes):
        shift = bits * index
        shifted = byte >> shift
        rows = (
            BitRow("the byte", byte, owners_of(range(per_byte), bits), index),
            BitRow(f"shifted right by {shift}", shifted, owners_of(range(index, per_byte), bits), index),
            BitRow("the mask", mask, owners_of([], bits), index, (0, bits)),
            BitRow(f"and: code {index}", code, owners_of([index], bits), index),
        )
        finding = f"Code {index} is in {_place(shift, bits)} of {byte}: {byte} >> {shift} is {shifted}, masked {code}"
        there = (*codes[: index + 1], *[None] * (per_byte - 1 - index))
        steps.append(Step(there, bits, index, rows, finding, tuple(range(index))))
    return steps


def step_figure(step: Step) -> Figure:
    """Draw the list of codes, and under it the way of one of them."""
    figure = new_figure(height=2.0 + HEIGHT * len(step.rows))
    listed, worked = figure.subplots(2, 1, height_ratios=[1.25, 0.45 + len(step.rows)])
    _draw_list(listed, step)
    draw_rows(worked, step.rows, step.bits)
    state(figure, step.finding)
    return figure


def packing_widget(codes: Sequence[int] = (1, 0, 3, 2), bits: int = 2, step: int = 2) -> None:
    """Type codes, choose their width, and move the slider from the first code to the last."""
    texts = [" ".join(map(str, codes)), "1 0 3 2 3 1", "15 1", "1 0 0 0 1 1 0 1"]

    def draw(text: str, bits: str, step: int) -> Drawn:
        steps = packing_steps(_numbers(text), int(bits))
        shown = steps[min(step, len(steps) - 1)]
        return Drawn(step_figure(shown), f"{shown.finding}. The codes are {text}, of {bits} bits.")

    controls = {
        "text": suggestions("codes", texts[0], texts),
        "bits": choice_slider("bits of a code", [str(width) for width in WIDTHS], str(bits)),
        "step": whole_slider("code that moves", step, 0, MOST - 1),
    }
    show_widget(controls, draw)


def _draw_list(axes: Axes, step: Step) -> None:
    """First code on the left, as a tensor prints it; a code that has not moved yet is white."""
    blank(axes)
    needed = len(step.codes) * (step.bits + GAP)
    cell = min(1.0, ROOM / needed)
    axes.set_xlim(-0.3, ROOM + 0.7)
    axes.set_ylim(1.0, -0.75)
    axes.text(0, -0.4, "the list of codes", va="bottom", fontsize=SMALL, color=FAINT)
    for index, code in enumerate(step.codes):
        left = index * (step.bits + GAP) * cell
        color = CODE.color if index == step.now else VALUE.color if index in step.done else "white"
        for offset, digit in enumerate(" " * step.bits if code is None else f"{code:0{step.bits}b}"):
            draw_cell(axes, left + offset * cell, 0, digit, color, 11.5 if cell > 0.8 else 9, cell)
        name = f"code {index}" if step.bits > 1 and cell > 0.8 else str(index)
        middle = left + step.bits * cell / 2
        axes.text(middle, 0.36, name, ha="center", va="top", fontsize=SMALL, color=FAINT)


def _place(low: int, bits: int) -> str:
    return {1: f"bit {low}", 2: f"bits {low} and {low + 1}"}.get(bits, f"bits {low} to {low + bits - 1}")


def _numbers(text: str) -> list[int]:
    parts = text.replace(",", " ").split()
    wrong = [part for part in parts if not part.isdecimal()]
    if wrong:
        raise ValueError(f"codes must be whole numbers from 0 on, got {wrong[0]!r}")
    return [int(part) for part in parts]


def _refuse(codes: Sequence[int], bits: int) -> None:
    if bits not in WIDTHS:
        raise ValueError(f"bits must be 1, 2 or 4, got {bits}")
    if not 1 <= len(codes) <= MOST:
        raise ValueError(f"codes must be 1 to {MOST} numbers, got {len(codes)}")
    wrong = [code for code in codes if not 0 <= code < 2**bits]
    if wrong:
        raise ValueError(f"codes must be from 0 to {2**bits - 1} at {bits} bits, got {wrong[0]}")
