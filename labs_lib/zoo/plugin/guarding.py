"""A stored model that transformers refuses to load as long as nobody has imported this package.

transformers only warns about a quantization method that it does not know, and fills every quantized layer with random
numbers. ``config.json`` has no key that means "you must know this". But it can name fusions, changes to a model that
``from_pretrained`` makes before the weights come, and a fusion that it does not know is an error. So the stored config
asks for one whose name is what to do:

    ValueError: Unknown fusion type: import labs_lib.zoo.plugin to load this model

With the import, ``LabsQuantizer`` takes it out again before transformers looks. ``load_quantized`` does not mind it.
"""

from __future__ import annotations

from typing import Any

FUSION = "import labs_lib.zoo.plugin to load this model"


def guard(config: Any) -> None:
    """Ask for the fusion that nobody knows, beside others that are asked for."""
    config.fusion_config = {**_fusions(config), FUSION: True}


def unguard(config: Any) -> None:
    """Take it out again, if it is there."""
    others = {name: options for name, options in _fusions(config).items() if name != FUSION}
    if others:
        config.fusion_config = others
    elif hasattr(config, "fusion_config"):
        del config.fusion_config


def _fusions(config: Any) -> dict[str, Any]:
    return dict(getattr(config, "fusion_config", None) or {})
