"""Which quantization do I use? Questions, answers, and where the course shows what an answer rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matplotlib.figure import Figure

from .style import CODE, FAINT, INK, WASTED, new_figure, state
from .widget import Drawn, choice_slider, show_widget, toggle

MEASURED, CITED = "measured", "cited"


@dataclass(frozen=True)
class Advice:
    """Where a path ends."""

    text: str
    basis: str  # MEASURED or CITED
    where: str  # the lessons, or the planned labs
    result: str = ""  # the name of a measured model whose divergence is shown with it


@dataclass(frozen=True)
class Fork:
    """A question and its two ways on."""

    key: str
    question: str
    yes: Fork | Advice
    no: Fork | Advice


@dataclass(frozen=True)
class Line:
    """One node as a line of text: how deep it lies, and the answer that leads to it."""

    depth: int
    answer: str
    node: Fork | Advice
    path: tuple[tuple[str, bool], ...]


TREE = Fork(
    "16",
    "Does it fit in 16 bits a weight?",
    Advice("stay there: a cast, no codes", MEASURED, "lessons 1 and 18", "16 bits, float16"),
    Fork(
        "8",
        "Does it fit in 8 bits?",
        Fork(
            "integers",
            "Many tokens at once, and hardware that multiplies int8?",
            Fork(
                "outliers",
                "Do its activations have outliers?",
                Advice("W8A8 with SmoothQuant or LLM.int8", MEASURED, "lesson 17, planted outliers"),
                Advice("W8A8, a scale a token", MEASURED, "lessons 9 and 17 (not speed)"),
            ),
            Advice("W8A16, a scale a row", MEASURED, "lessons 10 and 12", "8 bits, one scale a row"),
        ),
        Fork(
            "4",
            "Does it fit in 4.5 bits?",
            Fork(
                "text",
                "Do you have text like that of its users?",
                Advice("GPTQ or AWQ, 4 bits in groups", CITED, "lesson 17, labs 23, 24 planned"),
                Advice("4 bits in groups of 32", MEASURED, "lessons 8, 16 and 18", "4 bits, groups of 32"),
            ),
            Fork(
                "training",
                "Can you train it?",
                Advice("train with the codes in place (QAT)", CITED, "lab 26 planned"),
                Advice("a smaller model; codebooks, rotations", CITED, "labs 21, 25 and 29 planned"),
            ),
        ),
    ),
)


@dataclass(frozen=True)
class DecisionTree:
    """The tree with a learner's own numbers beside what they have measured."""

    root: Fork
    nats: Mapping[str, float]

    def lines(self) -> list[Line]:
        """All nodes, each above what follows from it."""
        return list(_lines(self.root, 0, "", ()))

    def advice(self, answers: Mapping[str, bool]) -> Line:
        """Where answers lead. A question without an answer is answered with no."""
        chosen = [
            line
            for line in self.lines()
            if isinstance(line.node, Advice) and all(answers.get(key, False) == answer for key, answer in line.path)
        ]
        return chosen[0]

    def end(self, answers: Mapping[str, bool]) -> str:
        """The advice that answers lead to, in words."""
        advice = self.advice(answers).node
        assert isinstance(advice, Advice)
        return f"{advice.text} ({advice.basis}: {advice.where})"

    def words(self, line: Line) -> str:
        """A line without its indentation."""
        if isinstance(line.node, Fork):
            return line.answer + line.node.question
        number = f"; your tiny-lm: {self.nats[line.node.result]:.2g} nats" if line.node.result in self.nats else ""
        return f"{line.answer}{line.node.text} [{line.node.basis}: {line.node.where}{number}]"

    @property
    def text(self) -> str:
        """The whole tree, two spaces a level."""
        return "\n".join(f"{'  ' * line.depth}{self.words(line)}" for line in self.lines())

    @property
    def finding(self) -> str:
        ends = [line.node.basis for line in self.lines() if isinstance(line.node, Advice)]
        return f"{ends.count(MEASURED)} of {len(ends)} ends rest on measurements of this course, the others on papers"


def decision_tree(nats: Mapping[str, float] | None = None) -> DecisionTree:
    """The course's tree.

    Args:
        nats: divergences by the names of the models that were measured; those that the tree asks for are shown.
    """
    return DecisionTree(TREE, nats or {})


def decision_tree_figure(data: DecisionTree, answers: Mapping[str, bool] | None = None) -> Figure:
    """Draw the tree, a node a line; with answers, the path that they take is drawn strong."""
    lines = data.lines()
    figure = new_figure(height=0.42 * len(lines) + 1.1)
    axes = figure.add_subplot()
    taken = None if answers is None else dict(data.advice(answers).path)
    rows: dict[tuple[tuple[str, bool], ...], int] = {}
    for row, line in enumerate(lines):
        rows[line.path] = row
        on_path = taken is None or all(taken.get(key) == answer for key, answer in line.path)
        ink, weight = (INK, "bold") if on_path and taken is not None else (INK if on_path else FAINT, "normal")
        if line.path:
            parent = rows[line.path[:-1]]
            elbow = [line.depth - 0.7, line.depth - 0.7, line.depth - 0.1]
            axes.plot(elbow, [parent + 0.32, row, row], color=ink, linewidth=2.4 if weight == "bold" else 1.0)
        axes.text(line.depth, row, _label(data, line), va="center", color=ink, fontweight=weight, fontsize=10)
        if isinstance(line.node, Advice):
            role = CODE if line.node.basis == MEASURED else WASTED
            axes.barh(row, 0.6, 0.5, 10.0, color=role.color, hatch=role.hatch, edgecolor=INK, linewidth=0.6)
            axes.text(10.75, row, f"{line.node.basis}: {line.node.where}", va="center", fontsize=9, color=ink)
    axes.set_xlim(-0.1, 16.2)
    axes.set_ylim(len(lines) - 0.5, -0.6)
    axes.set_axis_off()
    state(figure, data.finding if answers is None else f"Your way ends at {data.end(answers)}")
    return figure


def decision_tree_widget(data: DecisionTree) -> None:
    """What you have, as controls; the way through the tree that follows from it."""
    fits = {"16 bits": ("16",), "8 bits": ("8",), "4.5 bits": ("4",), "fewer": ()}
    controls = {
        "memory": choice_slider("bits a weight that fit", list(fits), "4.5 bits"),
        "integers": toggle("many tokens at once, and hardware that multiplies int8", False),
        "outliers": toggle("its activations have outliers", False),
        "text": toggle("text like that of its users, for calibration", False),
        "training": toggle("time and data to train it", False),
    }

    def draw(memory: str, **given: bool) -> Drawn:
        answers = {**dict.fromkeys(fits[memory], True), **given}
        alt = f"a tree of questions, also printed as text. {data.finding}. These answers end at {data.end(answers)}."
        return Drawn(decision_tree_figure(data, answers), alt)

    show_widget(controls, draw)


def _lines(node: Fork | Advice, depth: int, answer: str, path: tuple[tuple[str, bool], ...]) -> Iterator[Line]:
    yield Line(depth, answer, node, path)
    if isinstance(node, Fork):
        yield from _lines(node.yes, depth + 1, "yes: ", (*path, (node.key, True)))
        yield from _lines(node.no, depth + 1, "no: ", (*path, (node.key, False)))


def _label(data: DecisionTree, line: Line) -> str:
    """What stands at a node; where an advice rests has a column of its own."""
    if isinstance(line.node, Fork):
        return line.answer + line.node.question
    number = f" ({data.nats[line.node.result]:.2g} nats)" if line.node.result in data.nats else ""
    return f"{line.answer}{line.node.text}{number}"
