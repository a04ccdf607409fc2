"""What transformers calls while it loads and saves a quantized model."""

from __future__ import annotations

import copy
from typing import Any

import torch
from transformers.quantizers import HfQuantizer

from labs_lib.hub import form_of
from labs_lib.replacement import ReplacementReport

from .asking import LabsConfig
from .choosing import choose, place
from .converting import QuantizeWeight
from .dequantizing import dequantize
from .finishing import check_whole, keep_scales, leave_out_the_missing, quantized_layers
from .guarding import guard, unguard


class LabsQuantizer(HfQuantizer):
    """Quantizes float weights as they are read (``pre_quantized`` is False), or makes room for codes (True).

    Attributes:
        quantization_config: a copy of what was asked for, with the recipe of the model that was loaded.
        report: on the layers of a model that was quantized while it was loaded; else None.
    """

    quantization_config: LabsConfig

    def __init__(self, quantization_config: LabsConfig, **kwargs: Any) -> None:
        super().__init__(copy.deepcopy(quantization_config), **kwargs)
        self.report: ReplacementReport | None = None
        self._operation: QuantizeWeight | None = None
        self._transposed: frozenset[str] = frozenset()
        if not self.pre_quantized:
            self.quantization_config.layers = {}  # may have served another model

    # Loading, in this order.

    def update_attn_implementation(self, config: Any) -> Any:
        """The first time that transformers shows the config, before it looks for fusions."""
        unguard(config)
        return config

    update_tp_plan = update_attn_implementation  # the same moment in transformers before 5.20

    def _process_model_before_weight_loading(self, model: Any, **_: Any) -> None:
        if self.pre_quantized:
            self._transposed = place(model, self.quantization_config.layers)
            return
        choice = choose(model, self.quantization_config.exclude)
        self.report, self._transposed = choice.report, choice.transposed
        self._operation = QuantizeWeight(self.quantization_config, choice)

    def param_needs_quantization(self, model: Any, param_name: str, **_: Any) -> bool:
        chosen = self._operation.choice.places if self._operation is not None else {}
        return param_name.endswith(".weight") and param_name.removesuffix(".weight") in chosen

    def get_quantize_ops(self) -> QuantizeWeight:
        assert self._operation is not None
        return self._operation

    def _process_model_after_weight_loading(self, model: Any, **_: Any) -> Any:
        if self._operation is not None:
            self._operation.exchange_the_rest(model)
            if self._operation.failures:
                raise self._operation.failures[0]
            leave_out_the_missing(self._operation.choice.report, model)
            self._operation = None
        check_whole(model)
        for _name, layer in quantized_layers(model):
            keep_scales(layer)
        self._take_stock(model)
        model._weight_conversions = []  # saved under the names that the model has now, as save_quantized does
        return model

    # Saving, and the way back.

    def is_serializable(self, *_: Any, **__: Any) -> bool:
        return True

    @property
    def is_trainable(self) -> bool:
        return False

    def get_state_dict_and_metadata(self, model: Any, *_: Any) -> tuple[None, dict[str, str]]:
        """Called by ``save_pretrained`` before it writes the config: the recipe says what the model is now."""
        self._take_stock(model)
        guard(model.config)
        return None, {}

    def _dequantize(self, model: Any, dtype: torch.dtype | str | None = None) -> Any:
        kind = getattr(torch, dtype) if isinstance(dtype, str) else dtype  # save_pretrained leaves a word in the config
        dequantize(model, self._transposed, kind or model.dtype)
        unguard(model.config)
        return model

    def _take_stock(self, model: Any) -> None:
        layers = {name: form_of(layer) for name, layer in quantized_layers(model)}
        if not layers:
            raise ValueError(f"{type(model).__name__} has no quantized layer: did the checkpoint have its weights?")
        self.quantization_config.layers = layers
        model.config.quantization_config = self.quantization_config
