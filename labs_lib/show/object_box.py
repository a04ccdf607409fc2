"""What a module holds, and what becomes of each tensor: saved, moved, listed, trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor, nn

from .style import CODE, FAINT, INK, VALUE, WASTED, Role, ink_on, new_figure, state

QUESTIONS = ("saved in\nstate_dict", "moved\nby to()", "listed in\nparameters()", "trained by an\noptimizer")
CELL = 0.9  # of a row's height


@dataclass(frozen=True)
class Held:
    """One tensor of a module."""

    name: str
    kind: str  # parameter, frozen parameter, buffer, buffer that is not saved, attribute
    dtype: str
    shape: tuple[int, ...]
    bytes: int
    answers: tuple[bool, bool, bool, bool]  # to the questions above

    @property
    def role(self) -> Role:
        if self.kind == "attribute":
            return WASTED
        return VALUE if "parameter" in self.kind else CODE


@dataclass(frozen=True)
class ObjectBox:
    """A module's own tensors, not those of its submodules."""

    name: str
    held: tuple[Held, ...]

    @property
    def finding(self) -> str:
        saved, trained = (sum(one.answers[index] for one in self.held) for index in (0, 3))
        total = f"{self.name} holds {len(self.held)} tensors of {sum(one.bytes for one in self.held):,} bytes"
        return f"{total}: state_dict saves {saved}, an optimizer trains {trained}"


def object_box(module: nn.Module) -> ObjectBox:
    """Look into a module.

    Example:
        >>> [(one.name, one.kind) for one in object_box(nn.Linear(2, 3)).held]
        [('weight', 'parameter'), ('bias', 'parameter')]
    """
    saved = module.state_dict()
    return ObjectBox(type(module).__name__, tuple(_held(module, name, one, saved) for name, one in _tensors(module)))


def object_box_figure(box: ObjectBox, title: str | None = None) -> Figure:
    """Draw a row for each tensor: what it is, and a dark or an empty cell for each question."""
    figure = new_figure(height=1.5 + 0.5 * len(box.held))
    axes = figure.add_subplot()
    for y, one in enumerate(box.held):
        axes.text(-2.62, y, one.name, va="center", fontweight="bold")
        axes.text(-1.72, y, f"{one.kind}\n{one.dtype} {one.shape}", va="center", fontsize=9.5, color=INK)
        for x, answer in enumerate(one.answers):
            color = one.role.color if answer else "white"
            hatch = one.role.hatch if answer else ""
            cell = Rectangle((x, y - CELL / 2), CELL, CELL, facecolor=color, hatch=hatch, edgecolor=FAINT, linewidth=1)
            axes.add_patch(cell)
            label = axes.text(x + CELL / 2, y, "yes" if answer else "no", ha="center", va="center")
            label.set_color(ink_on(color))
            label.set_bbox({"facecolor": color, "edgecolor": "none", "pad": 1.5})
    axes.set_xlim(-2.65, len(QUESTIONS))
    axes.set_ylim(len(box.held) - 0.4, -0.6)
    axes.set_xticks([x + CELL / 2 for x in range(len(QUESTIONS))], QUESTIONS)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    state(figure, title or box.finding)
    return figure


def _tensors(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    yield from module.named_parameters(recurse=False)
    yield from module.named_buffers(recurse=False)
    for name, value in vars(module).items():
        if isinstance(value, Tensor):
            yield name, value


def _held(module: nn.Module, name: str, tensor: Tensor, saved: dict[str, Tensor]) -> Held:
    parameter, buffer = name in dict(module.named_parameters()), name in dict(module.named_buffers())
    if parameter:
        kind = "parameter" if tensor.requires_grad else "parameter, frozen"
    elif buffer:
        kind = "buffer" if name in saved else "buffer, not saved"
    else:
        kind = "attribute"
    answers = (name in saved, parameter or buffer, parameter, parameter and tensor.requires_grad)
    dtype = str(tensor.dtype).removeprefix("torch.")
    return Held(name, kind, dtype, tuple(tensor.shape), tensor.nbytes, answers)
