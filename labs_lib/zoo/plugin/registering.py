"""transformers finds a quantizer by the name that ``config.json`` gives as ``quant_method``."""

from __future__ import annotations

from typing import Any

from transformers.quantizers import register_quantization_config, register_quantizer
from transformers.quantizers.auto import AUTO_QUANTIZATION_CONFIG_MAPPING, AUTO_QUANTIZER_MAPPING

from labs_lib.course.checked.checkpoints import METHOD


def register(config: type, quantizer: type) -> None:
    """Make both known as ``labs``. A second time, after a reload or in a cell that runs twice, the newest stand.

    Raises:
        ValueError: somebody else has registered that name.
    """
    known: tuple[tuple[Any, type], ...] = (
        (AUTO_QUANTIZATION_CONFIG_MAPPING, config),
        (AUTO_QUANTIZER_MAPPING, quantizer),
    )
    for mapping, kind in known:
        before = mapping.get(METHOD, kind)
        if (before.__module__, before.__qualname__) != (kind.__module__, kind.__qualname__):
            raise ValueError(f"the quantization method {METHOD!r} is already registered by {before.__module__}")
    for mapping, _ in known:
        mapping.pop(METHOD, None)  # transformers refuses a name that it has
    register_quantization_config(METHOD)(config)
    register_quantizer(METHOD)(quantizer)
