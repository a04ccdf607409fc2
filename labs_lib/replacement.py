"""Walking through a model and exchanging its linear layers. Lesson 11."""

# This file is yours: write the bodies of its exercises. `labs check 11.1` judges one in a second,
# `labs hint 11.1` helps, `labs reset 11.1` brings an untouched stub back (your version is kept).

from __future__ import annotations

import fnmatch
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from torch import Tensor, nn

from labs_lib.course import checked
from labs_lib.course.exercise import exercise


@dataclass
class ReplacementReport:
    """What became of the layers of a model. Lists hold full dotted names, each name in one list.

    Attributes:
        replaced: layers that were exchanged.
        excluded: linear layers left alone because a pattern said so.
        tied: linear layers left alone because another module uses the same weight, such as an embedding.
        unsupported: weights that are left because nobody here knows how to quantize them.
        sizes: the number of weights behind each name; what is listed under a second name counts at the first alone.
        total: the number of all parameters of the model before, biases and norms included.
    """

    replaced: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    tied: list[str] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    total: int = 0

    @classmethod
    def of(cls, model: nn.Module) -> ReplacementReport:
        """An empty report on a model that is still whole: only sizes and total are filled in."""
        report = cls(total=sum(parameter.numel() for parameter in model.parameters()))
        seen: dict[int, Tensor] = {}
        for first, *_ in names_of(nn.Linear, model):
            weight = model.get_submodule(first).weight
            report.sizes[first] = 0 if id(weight) in seen else weight.numel()
            seen[id(weight)] = weight  # held until the end, so that no other weight can get its id
        return report

    @property
    def share(self) -> float:
        """The share of all parameters that was quantized, from 0 to 1."""
        return self._weights("replaced") / self.total if self.total else 0.0

    def __str__(self) -> str:
        kinds = ("replaced", "excluded", "tied", "unsupported")
        lines = [f"{kind:<12}{len(getattr(self, kind)):>6} names{self._weights(kind):>14,} weights" for kind in kinds]
        rest = self.total - sum(self._weights(kind) for kind in kinds)
        lines.append(f"{'the rest':<12}{'':>12}{rest:>14,} weights, in none of these lists")
        return "\n".join([*lines, f"{100 * self.share:.1f} % of {self.total:,} parameters quantized"])

    def _weights(self, kind: str) -> int:
        return sum(self.sizes.get(name, 0) for name in getattr(self, kind))


def names_of(kind: type[nn.Module], model: nn.Module) -> list[list[str]]:
    """The full names of each module of a kind (given), in the model's order. A shared module has several."""
    names: dict[nn.Module, list[str]] = defaultdict(list)
    for name, module in model.named_modules(remove_duplicate=False):
        if isinstance(module, kind):
            names[module].append(name)
    return list(names.values())


def shared_weights(model: nn.Module) -> set[int]:
    """The ``id`` of each parameter that several modules use (given), such as that of an embedding and the head."""
    users = Counter(id(weight) for module in model.modules() for weight in module.parameters(recurse=False))
    return {weight for weight, count in users.items() if count > 1}


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Errors that are raised inside say which layer it was (given): ``with naming("encoder.0"): ...``."""
    try:
        yield
    except Exception as error:
        error.add_note(f"This happened while the layer {name!r} was being replaced.")
        raise


@exercise("11.1")
def is_excluded(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns names a layer.

    Args:
        name: the full dotted name, such as ``"decoder.layers.0.self_attn.q_proj"``.
        patterns: shell-style globs, matched against the full name, letter case included. A pattern without a dot and
            without a wildcard (``*``, ``?``, ``[``) also matches the last component: ``"lm_head"`` is
            ``"model.lm_head"`` too, but never ``"lm_head_norm"`` or ``"lm_head.dense"``.

    Returns:
        True or False.

    Raises:
        TypeError: ``patterns`` is one string.

    Example:
        >>> is_excluded("model.lm_head", ["lm_head"]), is_excluded("model.lm_head_norm", ["lm_head"])
        (True, False)
        >>> is_excluded("encoder.0.proj", ["encoder.*"])
        True

    About 3 lines, 8 minutes.
    Source: the Python library's ``fnmatch``.
    """
    patterns = checked.patterns("patterns", patterns)
    raise NotImplementedError("Exercise 11.1: write is_excluded in labs_lib/replacement.py (`labs hint 11.1`)")


@exercise("11.2")
def replace_linears(
    model: nn.Module, build: Callable[[nn.Linear], nn.Module], *, exclude: Iterable[str] = ()
) -> ReplacementReport:
    """Exchange the linear layers of a model for what ``build`` makes of them, in place.

    A layer that stands in several places is built once and put into all of them. Some layers are left alone and
    reported, under the first of these reasons that fits:

    - excluded: a pattern names the layer, under any of its names;
    - tied: another module uses its weight too;
    - unsupported: it is a subclass of ``nn.Linear``, whose parent may rely on more than ``forward`` (that of
      ``nn.MultiheadAttention`` does), or its weight is no parameter but computed from some (weight norm, pruning).

    Old weights are freed one by one as the new ones are made, so keep no list of modules.

    Args:
        model: any model but a bare ``nn.Linear``, which has no parent to be exchanged in. Modified.
        build: makes the new layer from the old one, such as ``W8A16Linear.from_linear``. Where it raises, the error
            gets a note with the layer's name (see ``naming``); that layer and those after it stay as they were.
        exclude: patterns of layers to leave alone, see ``is_excluded``.

    Returns:
        The report; all names of a layer that has several. Nothing replaced is also a warning.

    Raises:
        TypeError: ``model`` is not a module, or ``exclude`` is one string.
        ValueError: ``model`` itself is a linear layer.

    Example:
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Sequential(nn.Linear(3, 1)))
        >>> replace_linears(model, lambda linear: nn.Identity(), exclude=["2.*"]).replaced
        ['0']

    About 18 lines, 25 minutes. In the video course: ``replace_linear_with_target_and_quantize``.
    Source: PyTorch, ``nn.Module.named_modules`` and ``set_submodule``.
    """
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    raise NotImplementedError("Exercise 11.2: write replace_linears in labs_lib/replacement.py (`labs hint 11.2`)")
