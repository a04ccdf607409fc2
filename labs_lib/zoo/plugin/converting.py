"""From a float weight that has just been read from a file to a quantized layer in the model."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers.core_model_loading import ConversionOps

from labs_lib.replacement import naming

from .asking import LabsConfig
from .choosing import Choice


class QuantizeWeight(ConversionOps):
    """What transformers does with the weight of a chosen layer, instead of storing it.

    One weight is in memory at a time: it is read, quantized by ``from_linear`` and let go. It comes in the dtype of the
    model; ``from_linear`` computes in float32.

    Attributes:
        failures: what ``from_linear`` raised, at most one. transformers would turn it into a line of a table;
            kept here, it can be raised as it was when loading ends.
    """

    def __init__(self, config: LabsConfig, choice: Choice) -> None:
        self.config, self.choice = config, choice
        self.failures: list[Exception] = []

    def convert(  # type: ignore[override]
        self, input_dict: dict[str, Any], *, model: Any, missing_keys: set[str] | None = None, **_: Any
    ) -> dict[str, Any]:
        """Exchange the layers whose weights have come, by full name. What is returned is stored by transformers."""
        left = {}
        for full_name, found in input_dict.items():
            name = full_name.removesuffix(".weight")
            if name not in self.choice.places:  # one tensor of the file can become several, such as a fused q, k and v
                left[full_name] = found
                continue
            self.exchange(model, name, found[0] if isinstance(found, list) else found)
            if missing_keys is not None:
                missing_keys.difference_update(f"{one}.weight" for one in self.choice.places[name])
        return left

    def exchange(self, model: Any, name: str, weight: Tensor) -> None:
        """Make the quantized layer of a weight, and put it into the model. After one failure nothing is tried again."""
        if self.failures:
            return
        try:
            with naming(name):
                self._exchange(model, name, weight)
        except Exception as error:
            self.failures.append(error)

    def exchange_the_rest(self, model: Any) -> None:
        """Weights that transformers stored by itself: they were cut from one tensor whose first part is excluded."""
        for name in self.choice.places:
            weight = getattr(model.get_submodule(name), "weight", None)
            if isinstance(weight, nn.Parameter) and getattr(weight, "_is_hf_initialized", False):
                self.exchange(model, name, weight.detach())

    def _exchange(self, model: Any, name: str, weight: Tensor) -> None:
        linear = model.get_submodule(name)
        weight = weight.T if name in self.choice.transposed else weight
        if weight.shape != linear.weight.shape:
            needed, got = tuple(linear.weight.shape), tuple(weight.shape)
            raise ValueError(f"the checkpoint's {name}.weight must have shape {needed}, got {got}")
        linear.weight = nn.Parameter(weight, requires_grad=False)
        bias_comes_later = linear.bias is not None and linear.bias.is_meta
        if bias_comes_later:
            linear.bias = nn.Parameter(torch.zeros_like(linear.bias, device=weight.device), requires_grad=False)
        layer = self.config.layer().from_linear(linear)
        for key, buffer in layer.named_buffers():
            buffer._is_hf_initialized = not (bias_comes_later and key == "bias")  # or transformers would fill it anew
        for one in self.choice.places[name]:
            model.set_submodule(one, layer)
