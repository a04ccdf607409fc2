"""A model as a tree of modules: which layers are linear, which were exchanged, and which were left alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ipywidgets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import nn

from labs_lib import replacement

from .style import CODE, FAINT, INK, VALUE, WASTED, Role, hide_scale, new_figure, state
from .widget import Drawn, show_widget, suggestions

OTHER = Role("#ffffff", "s", "")  # a module that is no linear layer
ROLES = {"linear": VALUE, "replaced": CODE, "excluded": WASTED, "tied": WASTED, "unsupported": WASTED, "other": OTHER}
LEFT = ("excluded", "tied", "unsupported")
LEGEND = {"linear": "float linear layer", "replaced": "exchanged", "excluded": "linear, left alone", "other": "other"}
ROW = 0.27  # inches; one unit of both axes
INDENT = 0.9  # rows
LETTERS = 20  # of a class name; a longer one is cut


@dataclass(frozen=True)
class TreeRow:
    """One module under one of its names."""

    name: str  # dotted, from the root
    kind: str  # its class, and the sizes of a linear layer
    status: str  # a key of ROLES
    same_as: str  # its first name, if this is another one

    @property
    def depth(self) -> int:
        return self.name.count(".")

    @property
    def label(self) -> str:
        """The last component of the name."""
        return self.name.rpartition(".")[2]

    @property
    def parent(self) -> str:
        return self.name.rpartition(".")[0]


@dataclass(frozen=True)
class ModuleTree:
    """All modules of a model under all their names, from the top down; the model itself is left out."""

    rows: tuple[TreeRow, ...]

    def count(self, *statuses: str) -> int:
        """Layers of a status, one that has several names counted once."""
        return sum(row.status in statuses and not row.same_as for row in self.rows)

    @property
    def finding(self) -> str:
        linear = self.count("linear", "replaced", *LEFT)
        reasons = [f"{self.count(reason)} {reason}" for reason in LEFT if self.count(reason)]
        if self.count("linear") == linear:
            return f"{linear} linear layers, under {sum(row.status == 'linear' for row in self.rows)} names"
        left = f"{linear - self.count('replaced')} left alone ({', '.join(reasons)})" if reasons else "none left alone"
        return f"{self.count('replaced')} of {linear} linear layers exchanged, {left}"


def module_tree(model: nn.Module, report: replacement.ReplacementReport | None = None) -> ModuleTree:
    """Walk through a model. With the report on a replacement, say what became of each linear layer."""
    of_name = {name: kind for kind in ("replaced", *LEFT) for name in getattr(report, kind, [])}
    rows: list[TreeRow] = []
    first: dict[nn.Module, str] = {}
    for name, module in list(model.named_modules(remove_duplicate=False))[1:]:
        if any(name.startswith(f"{row.name}.") and row.status == "replaced" for row in rows):
            continue  # what a new layer is made of is its own business
        status = of_name.get(name, "linear" if isinstance(module, nn.Linear) else "other")
        known = first.setdefault(module, name)
        rows.append(TreeRow(name, _kind(module), status, "" if known == name else known))
    return ModuleTree(tuple(rows))


def module_tree_figure(trees: Sequence[ModuleTree], titles: Sequence[str], finding: str | None = None) -> Figure:
    """Draw one tree, with full names beside it, or several side by side. The title is the last one's finding."""
    figure = new_figure(height=1.35 + ROW * max(len(tree.rows) for tree in trees))
    panels = figure.subplots(1, len(trees), squeeze=False)[0]
    for axes, tree, title in zip(panels, trees, titles, strict=True):
        _draw(axes, tree, title)
        axes.set_xlim(-0.2, figure.get_figwidth() / len(trees) / ROW)
    if len(trees) == 1:
        _add_full_names(figure.axes[0], trees[0])
    shown = {row.status if row.status not in LEFT else "excluded" for tree in trees for row in tree.rows}
    patches = [_box(0, 0, ROLES[status]) for status in LEGEND if status in shown]
    figure.legend(patches, [LEGEND[s] for s in LEGEND if s in shown], loc="outside lower left", ncols=len(patches))
    state(figure, finding or trees[-1].finding)
    return figure


def module_tree_widget(
    make: Callable[[], nn.Module],
    build: Callable[[nn.Linear], nn.Module],
    patterns: str,
    examples: Sequence[str] = (),
) -> None:
    """Show what patterns leave alone: each change replaces the layers of a new model with the learner's function.

    Args:
        make: builds the model.
        build: makes a new layer from a linear one.
        patterns: those to start with, commas between them.
        examples: others to choose from.
    """
    controls: dict[str, ipywidgets.ValueWidget] = {
        "patterns": suggestions("leave alone (commas between)", patterns, examples)
    }

    def draw(patterns: str) -> Drawn:
        exclude = [pattern for word in patterns.split(",") if (pattern := word.strip())]
        model = make()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nothing replaced: the picture says it
            report = replacement.replace_linears(model, build, exclude=exclude)
        tree = module_tree(model, report)
        named = ", ".join(report.excluded) or "none"
        alt = f"module tree, patterns {exclude}. {tree.finding}. Left alone by a pattern: {named}."
        return Drawn(module_tree_figure([tree], [f"exclude={exclude}"]), alt)

    show_widget(controls, draw)


def _kind(module: nn.Module) -> str:
    name = type(module).__name__
    name = name if len(name) <= LETTERS else name[: LETTERS - 7] + "..."
    inputs, outputs = getattr(module, "in_features", None), getattr(module, "out_features", None)
    return f"{name} {inputs} → {outputs}" if isinstance(inputs, int) and isinstance(outputs, int) else name


def _draw(axes: Axes, tree: ModuleTree, title: str) -> None:
    axes.set_ylim(len(tree.rows) - 0.3, -0.7)
    place = {row.name: y for y, row in enumerate(tree.rows)}
    for y, row in enumerate(tree.rows):
        x = INDENT * row.depth
        if row.depth:
            corner, above = x - INDENT + 0.35, place[row.parent] + 0.36
            axes.plot([corner, corner, x], [above, y, y], color="#a8a8a8", linewidth=0.9, zorder=0)
        axes.add_patch(_box(x, y, ROLES[row.status]))
        words = axes.annotate(row.label, (x + 0.95, y), va="center", color=INK, fontweight="bold", fontsize=10)
        more = axes.annotate(
            f"  {row.kind}{_remark(row, tree)}",
            xy=(1, 0.5),
            xycoords=words,
            va="center",
            color=FAINT,
            fontsize=10,
        )
        for text in (words, more):
            text.set_in_layout(False)  # the panels are equally wide, however long their words are
    axes.set_title(title)
    axes.set_xticks([])
    hide_scale(axes)
    axes.spines["bottom"].set_visible(False)


def _add_full_names(axes: Axes, tree: ModuleTree) -> None:
    """Write the full name of each linear layer in the right half, which one tree leaves free."""
    middle = 0.55 * axes.get_xlim()[1]
    linear = [(y, row.name) for y, row in enumerate(tree.rows) if row.status != "other"]
    words = [axes.text(middle, y, name, va="center", fontsize=10, family="DejaVu Sans Mono") for y, name in linear]
    title = axes.annotate(
        "full names of the linear layers",
        xy=(middle, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 6),  # points, as far as the axes' title is from the axes
        textcoords="offset points",
        fontsize=axes.title.get_fontsize(),
    )
    for text in (title, *words):
        text.set_in_layout(False)


def _remark(row: TreeRow, tree: ModuleTree) -> str:
    """Why a linear layer was left, or the first name of a module that has several (not of all that is in it)."""
    parents = {other.name for other in tree.rows if other.same_as}
    if row.status in LEFT:
        return f"  ({row.status})"
    return f"  (the same as {row.same_as})" if row.same_as and row.parent not in parents else ""


def _box(x: float, y: float, role: Role) -> Rectangle:
    return Rectangle(
        (x, y - 0.34), 0.72, 0.68, facecolor=role.color, edgecolor=FAINT, hatch=2 * role.hatch or None, linewidth=0.8
    )
