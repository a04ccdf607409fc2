"""The other exercises, as a mutant or an equivalent calls them.

Not imported from ``labs_lib.affine``: that is a learner's file, and a slip in it must not stop the diagnosis
of another exercise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from labs_lib.course.exercise import implementation


def sibling(exercise_id: str) -> Callable[..., Any]:
    """An exercise, whoever wrote the body that the mode asks for."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return implementation(exercise_id)(*args, **kwargs)

    return call


q_range = sibling("03.1")
quantize = sibling("03.2")
dequantize = sibling("03.3")
choose_qparams = sibling("04.1")
choose_scale = sibling("05.1")
choose_scale_per_channel = sibling("07.1")
quantize_symmetric = sibling("05.2")
quantize_per_channel = sibling("07.2")
quantize_per_token = sibling("09.2")
w8a16_forward = sibling("10.1")
is_excluded = sibling("11.1")
replace_linears = sibling("11.2")
quantize_per_group = sibling("08.1")
dequantize_per_group = sibling("08.2")
pack = sibling("15.1")
to_unsigned = sibling("15.2")
unpack = sibling("16.1")
to_signed = sibling("16.2")
meta_skeleton = sibling("13.2")


def code_dtype(bits: int, signed: bool) -> torch.dtype:
    """The dtype that stores codes, as in ``labs_lib.affine``."""
    if not signed:
        return torch.uint8
    return torch.int8 if bits <= 8 else torch.int16
