"""The map of quantization methods: what each one rounds, what it needs, its date, and the lesson planned for it.

A date is the month of the arXiv id, which begins with it, or of the announcement where there is no paper.
"""

from __future__ import annotations

from dataclasses import dataclass

Month = tuple[int, int]  # year and month, such as (2022, 8)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# name | first author | date | arXiv id | solves | rounds | data | trains | bits | lesson | date on the video's slide
TABLE = """
LSQ          | Esser        | 2019-02 | 1902.08153  | scales that are guessed | both    | training | weights, scales | W2-4 A2-4 | 26 |
LLM.int8()   | Dettmers     | 2022-08 | 2208.07339  | outliers in activations | both    | no       | no              | W8A8      | 22 | 2022-08
FP8          | Micikevicius | 2022-09 | 2209.05433  | the range of 8 bits     | format  | -        | -               | 8         | 28 |
GPTQ         | Frantar      | 2022-10 | 2210.17323  | weights rounded alone   | weights | yes      | no              | W3-4      | 23 | 2022-10
SmoothQuant  | Xiao         | 2022-11 | 2211.10438  | outliers in activations | both    | yes      | no              | W8A8      | 22 | 2022-11
QLoRA (NF4)  | Dettmers     | 2023-05 | 2305.14314  | memory of fine-tuning   | weights | no       | adapters only   | W4        | 21 | 2023-05
AWQ          | Lin          | 2023-06 | 2306.00978  | weights under outliers  | weights | yes      | no              | W3-4      | 24 | 2023-06
QuIP         | Chee         | 2023-07 | 2307.13304  | weights at 2 bits       | weights | yes      | no              | W2-4      | 25 |
OCP MX       | Rouhani      | 2023-10 | 2310.10537  | scales of large blocks  | format  | -        | -               | 4-8       | 28 |
HQQ          | Badri        | 2023-11 | Mobius Labs | weights without data    | weights | no       | no              | W2-8      | 20 | 2023-11
AQLM         | Egiazarian   | 2024-01 | 2401.06118  | weights at 2 bits       | weights | yes      | codebooks       | W2-3      | 29 | 2024-02
QuIP#        | Tseng        | 2024-02 | 2402.04396  | weights at 2 bits       | weights | yes      | fine-tuning     | W2-4      | 25 | 2023-07
KIVI         | Liu          | 2024-02 | 2402.02750  | memory of long texts    | cache   | no       | no              | KV2       | 27 |
BitNet b1.58 | Ma           | 2024-02 | 2402.17764  | weights of three values | both    | training | from scratch    | W1.58A8   | 26 |
QuaRot       | Ashkboos     | 2024-04 | 2404.00456  | outliers, by rotation   | both    | for GPTQ | no              | W4A4KV4   | 25 |
SpinQuant    | Liu          | 2024-05 | 2405.16406  | outliers, by rotation   | both    | yes      | rotations       | W4A4KV4   | 25 |
NVFP4        | NVIDIA       | 2025-06 | NVIDIA blog | scales of large blocks  | format  | -        | -               | 4         | 28 |
"""  # noqa: E501 - a table is read by its columns


@dataclass(frozen=True)
class Method:
    """One method or number format.

    Attributes:
        name, author, date: as published; the first author.
        source: the arXiv id, or where it was announced.
        solves: the difficulty that it takes away, in a few words.
        rounds: what becomes codes: "weights", "both" (weights and activations), "cache" or "format".
        data: whether it needs calibration data: "no", "yes", or for what.
        trains: what is trained by gradients while quantizing: "no", or what.
        bits: by the field's names; W for weights, A for activations, KV for the cache.
        lesson: the lesson of this course that is planned for it.
        on_slide: the month that the video's slide gives, None if the video does not name it.
    """

    name: str
    author: str
    date: Month
    source: str
    solves: str
    rounds: str
    data: str
    trains: str
    bits: str
    lesson: int
    on_slide: Month | None = None

    @property
    def when(self) -> str:
        return month(self.date)

    @property
    def id_agrees(self) -> bool:
        """Whether the arXiv id begins with the year and the month of the date; True where there is no id."""
        year, one = self.date
        return not self.source[0].isdigit() or self.source.startswith(f"{year % 100:02}{one:02}.")

    @property
    def misdated(self) -> bool:
        """Whether the slide has another month than the source."""
        return self.on_slide is not None and self.on_slide != self.date


def month(date: Month) -> str:
    """A month as text.

    Example:
        >>> month((2022, 8))
        'Aug 2022'
    """
    return f"{MONTHS[date[1] - 1]} {date[0]}"


def methods() -> tuple[Method, ...]:
    """All of them, in the order of their dates."""
    return tuple(_method(line) for line in TABLE.strip().splitlines())


def _method(line: str) -> Method:
    name, author, date, *texts, lesson, slide = (cell.strip() for cell in line.split("|"))
    source, solves, rounds, data, trains, bits = texts
    on_slide = _date(slide) if slide else None
    return Method(name, author, _date(date), source, solves, rounds, data, trains, bits, int(lesson), on_slide)


def _date(text: str) -> Month:
    year, one = text.split("-")
    return int(year), int(one)
