"""What a model is to be quantized to, and what ``config.json`` says of one that is."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from transformers.utils.quantization_config import QuantizationConfigMixin

from labs_lib import layers, packing
from labs_lib.course import checked
from labs_lib.course.checked.checkpoints import METHOD, VERSION

ASKED = ("bits", "group_size", "exclude")


class LabsConfig(QuantizationConfigMixin):
    """Ask for quantized layers: ``from_pretrained(name, quantization_config=LabsConfig(bits=4, group_size=32))``.

    Args:
        bits: width of a code: 2, 4 or 8.
        group_size: weights that share a scale, in ``PackedLinear``. None, for 8 bits only: one scale a row, in
            ``W8A16Linear``.
        exclude: patterns of layers to leave alone, see ``is_excluded``. A head that shares its weight with an
            embedding is left alone in any case.

    Attributes:
        layers: the recipe, names and forms of the quantized layers (see ``save_quantized``). Empty until a model is
            loaded; ``model.config.quantization_config.layers`` holds it then.

    Raises:
        TypeError: ``exclude`` is one string. ValueError: ``bits`` or ``group_size`` out of range, or not a pair.
    """

    def __init__(self, bits: int = 8, group_size: int | None = None, exclude: Iterable[str] = ("lm_head",)) -> None:
        self.quant_method: Any = METHOD
        self.bits: int | None = checked.layer_bits(bits)
        self.group_size = None if group_size is None else checked.whole("group_size", group_size)
        self.exclude = list(checked.patterns("exclude", exclude))
        self.layers: dict[str, Any] = {}
        if bits != 8 and group_size is None:
            raise ValueError(f"group_size must be given for {bits} bits, such as 32: one scale a row is for 8 bits")

    def layer(self) -> Any:
        """What makes the layers: the learner's class, or another object, with a method ``from_linear``."""
        if self.bits is None:
            raise ValueError("bits must be given to quantize; this recipe came from a model that is quantized already")
        return layers.W8A16Linear if self.group_size is None else packing.Packing(self.bits, self.group_size)

    @classmethod
    def from_dict(
        cls, config_dict: Mapping[str, Any], return_unused_kwargs: bool = False, **kwargs: Any
    ) -> LabsConfig | tuple[LabsConfig, dict[str, Any]]:
        """From what a ``config.json`` holds, whether ``save_pretrained`` or ``save_quantized`` wrote it, or from words
        that ask: ``{"quant_method": "labs", "bits": 4, "group_size": 32}``.
        """
        words = dict(config_dict)
        if "version" in words or "layers" in words:
            words = checked.recipe(words, "config.json")
            config = cls(**{key: words[key] for key in ASKED if key in words and words.get("bits") is not None})
            config.layers = copy.deepcopy(dict(words["layers"]))
            config.bits = words.get("bits")  # save_quantized does not know what was asked for
        else:
            words.pop("quant_method", None)
            config = cls(**words)
        return (config, kwargs) if return_unused_kwargs else config

    def to_dict(self) -> dict[str, Any]:
        """What ``config.json`` holds: the recipe of ``save_quantized``, and what was asked for."""
        recipe = {"version": VERSION, "layers": copy.deepcopy(self.layers)} if self.layers else {}
        asked = {} if self.bits is None else {key: copy.copy(getattr(self, key)) for key in ASKED}
        return {"quant_method": METHOD, **recipe, **asked}

    def __repr__(self) -> str:
        asked = "" if self.bits is None else ", ".join(f"{key}={getattr(self, key)!r}" for key in ASKED)
        return f"LabsConfig({asked})" + (f" with {len(self.layers)} layers" if self.layers else "")
