"""When two outputs are the same: decimals within a tolerance, everything else to the letter."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from nbformat import NotebookNode

TOLERANCE = 1e-4  # absolute or relative, whichever allows more

# A decimal has a point or an exponent. What follows a name or a point (v1.25, 1.2.3, 3e8f1) is no number.
DECIMAL = re.compile(
    r"(?<![\w.])[-+]?(?:(?:\d++\.\d*+|\.\d++)(?:[eE][-+]?\d++)?+(?!\.?\w*\d)|\d++[eE][-+]?\d++(?!\.?\w))"
)


class Tolerant(str):
    """A text that equals another when only the last digits of decimals differ.

    nbval asks ``reference != produced`` and nothing else, so this is all that it needs to know of tolerance.
    """

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # equal texts would need equal hashes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and same(str(self), str(other))

    def __ne__(self, other: object) -> bool:
        return not self == other


def same(left: str, right: str) -> bool:
    """Whether two texts agree: integers and words exactly, decimals within the tolerance."""
    if DECIMAL.split(left) != DECIMAL.split(right):
        return False
    pairs = zip(DECIMAL.findall(left), DECIMAL.findall(right), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=TOLERANCE, abs_tol=TOLERANCE) for a, b in pairs)


def order(outputs: Iterable[NotebookNode]) -> list[str]:
    """The kinds of a cell's outputs in order. nbval forgets it, and forgets pictures altogether."""
    kinds = []
    for output in outputs:
        if output.output_type == "stream":
            kinds.append(output.name)
        elif "data" in output:
            shown = sorted(kind for kind in output.data if "jupyter.widget" not in kind)
            kinds.append(f"{output.output_type} of {' and '.join(shown)}")
        else:
            kinds.append(output.output_type)
    return kinds


def alternative_texts(outputs: Iterable[NotebookNode]) -> list[str]:
    """What the pictures say to those who do not see them: nbval compares no metadata."""
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    return [str(output.metadata.get("image/png", {}).get("alt")) for output in pictures]
