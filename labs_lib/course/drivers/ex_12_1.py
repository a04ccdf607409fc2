"""Driver of 12.1: builds a model by name, asks for its bytes, and says whether the model was left as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ..exercise import implementation
from ..load import newest


class Holder(nn.Module):
    """A module that holds tensors and computes nothing."""

    def __init__(self, parameters: dict[str, Tensor], buffers: dict[str, Tensor], *, persistent: bool = True) -> None:
        super().__init__()
        for name, tensor in parameters.items():
            self.register_parameter(name, nn.Parameter(tensor))
        for name, tensor in buffers.items():
            self.register_buffer(name, tensor, persistent=persistent)


def drive(model: str, *sizes: Any) -> tuple[Any, bool]:
    """Count the bytes of a model.

    Args:
        model: one of ``MODELS``, or ``"meta: "`` and one of them, for the same model on the meta device.
        sizes: what that model's builder takes.

    Returns:
        The answer, and whether every tensor and every mode of the model is what it was.
    """
    name = model.removeprefix("meta: ")
    with torch.device("meta" if name != model else "cpu"):
        built = MODELS[name](*sizes)
    before = state(built)
    answer = implementation("12.1")(built)
    return answer, state(built) == before


def state(model: Any) -> list[tuple[Any, ...]]:
    """Which tensors a model holds, under which names, at which version, and the mode of every module."""
    if not isinstance(model, nn.Module):
        return []
    tensors = [*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False)]
    held = [(name, id(x), x._version, x.requires_grad, str(x.device)) for name, x in tensors]
    return [*held, *((name, module.training) for name, module in model.named_modules())]


def linear(inputs: int, outputs: int, bias: bool, dtype: str) -> nn.Module:
    return nn.Linear(inputs, outputs, bias, dtype=getattr(torch, dtype))


def quantized(inputs: int, outputs: int) -> nn.Module:
    return newest("layers").W8A16Linear(inputs, outputs)


def buffers(rows: int, *dtypes: str) -> nn.Module:
    return Holder({}, {f"as_{dtype}": torch.zeros(rows, 3, dtype=getattr(torch, dtype)) for dtype in dtypes})


def unsaved_buffer(count: int) -> nn.Module:
    return Holder({}, {"mask": torch.zeros(count)}, persistent=False)


def tied_head(vocabulary: int, width: int) -> nn.Module:
    embedding, head = nn.Embedding(vocabulary, width), nn.Linear(width, vocabulary, bias=False)
    head.weight = embedding.weight
    return nn.ModuleDict({"embedding": embedding, "norm": nn.LayerNorm(width), "head": head})


def one_layer_twice(width: int) -> nn.Module:
    layer = nn.Linear(width, width)
    return nn.Sequential(layer, nn.ReLU(), nn.Sequential(layer))


def equal_layers(width: int) -> nn.Module:
    """Two layers with the same values in different places."""
    first, second = nn.Linear(width, width), nn.Linear(width, width)
    second.load_state_dict(first.state_dict())
    return nn.Sequential(first, second)


def transposed_view(rows: int, columns: int) -> nn.Module:
    weight = torch.zeros(rows, columns)
    return Holder({"weight": weight}, {"transposed": weight.T})


def inner_view(rows: int, columns: int) -> nn.Module:
    weight = torch.zeros(rows, columns)
    return Holder({"weight": weight}, {"without_first_row": weight[1:]})


def two_halves(rows: int, columns: int) -> nn.Module:
    whole = torch.zeros(2 * rows, columns)
    return Holder({"upper": whole[:rows], "lower": whole[rows:]}, {})


def one_row_repeated(rows: int, columns: int) -> nn.Module:
    return Holder({}, {"mask": torch.zeros(1, columns).expand(rows, columns)})


def slice_of_larger(rows: int, kept: int) -> nn.Module:
    return Holder({"weight": torch.zeros(rows, 8)[:kept]}, {})


def frozen(width: int) -> nn.Module:
    return nn.Sequential(nn.Linear(width, width).requires_grad_(False), nn.Linear(width, width))


def with_gradients(width: int) -> nn.Module:
    layer = nn.Linear(width, width)
    layer(torch.ones(1, width)).sum().backward()
    return layer


def empty_tensors(width: int) -> nn.Module:
    return Holder({"weight": torch.zeros(width, width)}, {"one": torch.zeros(0, 5), "two": torch.zeros(3, 0)})


def nothing() -> nn.Module:
    return nn.Sequential(nn.ReLU(), nn.Flatten())


def evaluated(width: int) -> nn.Module:
    return nn.Sequential(nn.Linear(width, width), nn.Dropout(0.1).eval(), nn.Linear(width, 1)).requires_grad_(False)


def no_module() -> Any:
    return {"weight": torch.zeros(3)}


BUILDERS = (
    buffers,
    empty_tensors,
    equal_layers,
    evaluated,
    frozen,
    inner_view,
    linear,
    no_module,
    nothing,
    one_layer_twice,
    one_row_repeated,
    quantized,
    slice_of_larger,
    tied_head,
    transposed_view,
    two_halves,
    unsaved_buffer,
    with_gradients,
)
MODELS: dict[str, Callable[..., Any]] = {builder.__name__.replace("_", " "): builder for builder in BUILDERS}
