"""Models and texts that work without a network.

    from labs_lib.zoo import load
    model, tokenizer = load("tiny-lm")

``labs models`` lists the names. Importing this package loads neither torch nor transformers; ``load`` does.
"""

from __future__ import annotations

from .loading import Loaded, load

__all__ = ["Loaded", "load"]
