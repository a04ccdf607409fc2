"""Laws: what must be true of an exercise, on ordinary and on degenerate inputs. Used by ``tests/laws/``."""

from .declare import cases, law
from .expect import (
    expect_at_most,
    expect_clean,
    expect_close,
    expect_equal,
    expect_number,
    expect_raises,
    expect_results,
    expect_tensor,
    expect_true,
)

__all__ = [
    "cases",
    "expect_at_most",
    "expect_clean",
    "expect_close",
    "expect_equal",
    "expect_number",
    "expect_raises",
    "expect_results",
    "expect_tensor",
    "expect_true",
    "law",
]
