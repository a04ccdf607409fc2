"""Driver of 12.2: builds a small model by name, quantizes it, and answers with what became of it.

No model is imported: ``Conv1D`` is GPT-2's layer by its name and its layout, which is all that anybody knows it by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..exercise import implementation

LISTS = ("replaced", "excluded", "tied", "unsupported")
VOCABULARY, WIDTH, WIDE = 11, 8, 12


class Conv1D(nn.Module):
    """A linear layer that holds its weight as (in, out), as GPT-2's does."""

    def __init__(self, outputs: int, inputs: int) -> None:
        super().__init__()
        self.nf, self.nx = outputs, inputs
        self.weight, self.bias = nn.Parameter(torch.empty(inputs, outputs)), nn.Parameter(torch.empty(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight + self.bias


class Marked(nn.Module):
    """Another class to put in: it only remembers the layer's weight."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.register_buffer("q_weight", weight.detach().clone())
        self.register_buffer("scales", torch.ones(len(weight)))

    @classmethod
    def from_linear(cls, linear: nn.Linear) -> Marked:
        return cls(linear.weight)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, self.q_weight)  # type: ignore[arg-type]


class Block(nn.Module):
    def __init__(self, make: Callable[[int, int], nn.Module]) -> None:
        super().__init__()
        self.norm, self.mix = nn.LayerNorm(WIDTH), make(WIDTH, WIDTH)
        self.up, self.drop, self.down = make(WIDTH, WIDE), nn.Dropout(0.5), make(WIDE, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.down(self.drop(torch.relu(self.up(self.mix(self.norm(x))))))


class Decoder(nn.Module):
    """An embedding, two blocks, a head."""

    def __init__(self, make: Callable[[int, int], nn.Module] = nn.Linear, *, tied: bool = False) -> None:
        super().__init__()
        self.embedding, self.blocks = nn.Embedding(VOCABULARY, WIDTH), nn.Sequential(Block(make), Block(make))
        self.lm_head = nn.Linear(WIDTH, VOCABULARY, bias=False)
        if tied:
            self.lm_head.weight = self.embedding.weight

    def forward(self, ids: Tensor) -> Tensor:
        return self.lm_head(self.blocks(self.embedding(ids)))


class Mixed(nn.Module):
    """What is not linear: a convolution, a raw parameter, stacked experts, attention with weights of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.patches, self.positions = nn.Conv1d(1, WIDTH, 3, padding=1), nn.Parameter(torch.empty(1, 6, WIDTH))
        self.attention, self.experts = nn.MultiheadAttention(WIDTH, 2), nn.Parameter(torch.empty(3, WIDTH, WIDTH))
        self.gate, self.classifier = nn.Linear(WIDTH, 3), nn.Linear(WIDTH, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).mT + self.positions
        x = x + self.attention(x, x, x)[0]
        x = torch.einsum("bti,eio,bte->bto", x, self.experts, self.gate(x).softmax(-1))
        return self.classifier(x)


def shared() -> nn.Module:
    layer = nn.Linear(WIDTH, WIDTH)
    return nn.Sequential(layer, nn.ReLU(), nn.ModuleDict({"again": layer})["again"], nn.Linear(WIDTH, 2))


def conv1d(inputs: int, outputs: int) -> Conv1D:
    return Conv1D(outputs, inputs)


MODELS: dict[str, Callable[[], Any]] = {
    "decoder": Decoder,
    "tied decoder": lambda: Decoder(tied=True),
    "gpt2": lambda: Decoder(conv1d, tied=True),
    "untied gpt2": lambda: Decoder(conv1d),
    "mixed": Mixed,
    "shared": shared,
    "convolutions only": lambda: nn.Sequential(nn.Conv1d(1, 2, 3), nn.Flatten()),
    "bare linear": lambda: nn.Linear(WIDTH, 2),
    "no module": lambda: {"weight": torch.zeros(2, 2)},
    "nan": Decoder,
}


@dataclass(frozen=True)
class Layer:
    """What was in a place before: its kind, and its weight as (out, in) where it has one."""

    module: nn.Module
    weight: Tensor | None


def drive(
    model: str, *, exclude: Iterable[str] | None = None, layer: str = "", again: bool = False, mode: str = "train"
) -> tuple[Any, ...]:
    """Quantize a model of random weights.

    Args:
        model: one of ``MODELS``.
        exclude: handed on if given.
        layer: ``"Marked"`` to put in that class.
        again: quantize twice; the answer is about the second time.
        mode: ``"train"``, ``"eval"``, or ``"mixed"``: one module in eval mode, the rest not.

    Returns:
        The report (four lists of names; sizes by name; total), the modules that now stand in the model (name, kind,
        whether it is the old object, whether it is in training mode), the replaced layers (name, old weight as
        (out, in), new codes, new scales), the answers before and after, the bytes before and after, and whether the
        head and the embedding still hold one weight.
    """
    built = filled(MODELS[model](), mode) if model not in ("no module",) else MODELS[model]()
    if model == "nan":
        built.get_submodule("blocks.0.up").weight.data[0, 0] = torch.nan  # type: ignore[index,operator,union-attr]
    options: dict[str, Any] = {} if exclude is None else {"exclude": exclude}
    if layer:
        options["layer"] = Marked
    quantize = implementation("12.2")
    if again:
        quantize(built, **options)
    if not isinstance(built, nn.Module) or model in ("bare linear", "nan"):
        quantize(built, **options)
        return ()
    old = {name: Layer(module, weight_of(module)) for name, module in built.named_modules(remove_duplicate=False)}
    before, bytes_before = answers(built), held(built)
    report = quantize(built, **options)
    modules = list(built.named_modules(remove_duplicate=False))
    return (
        facts(report),
        tuple(
            (name, type(one).__name__, one is old[name].module, one.training) for name, one in modules if name in old
        ),
        tuple((name, old[name].weight, one.q_weight, one.scales) for name, one in modules if hasattr(one, "q_weight")),
        before,
        answers(built),
        bytes_before,
        held(built),
        isinstance(built, Decoder) and built.lm_head.weight is built.embedding.weight,
    )


def filled(model: nn.Module, mode: str) -> nn.Module:
    """Weights from one seed: rows of different sizes, one of them zero, the largest magnitude negative."""
    random = torch.Generator().manual_seed(12)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=random) / 4)
            if parameter.dim() == 2:
                parameter[0] *= 100
                parameter[-1] = 0
                parameter[1, 1] = -3.0
    model.train(mode != "eval")
    if mode == "mixed":
        next(model.children()).eval()
    return model


def weight_of(module: nn.Module) -> Tensor | None:
    weight = getattr(module, "weight", None)
    if not isinstance(weight, Tensor):
        return None
    return (weight.T if isinstance(module, Conv1D) else weight).detach().clone()


def answers(model: nn.Module) -> Tensor:
    """The model's answer to a fixed input, in eval mode; every mode is put back."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    x = torch.arange(6).reshape(1, 6) % VOCABULARY
    if isinstance(model, Mixed):
        x = torch.linspace(-1, 1, 6).reshape(1, 1, 6)
    elif not isinstance(model, Decoder):
        x = torch.linspace(-1, 1, WIDTH).reshape(1, WIDTH)
        x = x.unsqueeze(1) if isinstance(model[0], nn.Conv1d) else x  # type: ignore[index]
    with torch.no_grad():
        y = model(x)
    for module, training in modes:
        module.training = training
    return y


def held(model: nn.Module) -> int:
    """Bytes of parameters and buffers, tied ones once."""
    return sum(x.numel() * x.element_size() for x in (*model.parameters(), *model.buffers()))


def facts(report: Any) -> Any:
    """A report as data; anything else as what it is."""
    if not all(isinstance(getattr(report, name, None), list) for name in LISTS):
        return f"<{type(report).__name__}>"
    sizes = tuple(sorted(report.sizes.items()))
    return (*(tuple(getattr(report, name)) for name in LISTS), sizes, report.total)
