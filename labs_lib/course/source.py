"""Reading a learner's file without running it: its exercises, their state, and its syntax errors."""

from __future__ import annotations

import ast
import dataclasses
import itertools
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .stub_form import exercise_id_of, is_stub

STARTS_EXERCISE = re.compile(r"""^[ \t]*@exercise\(["']?(\d+\.\d+)""", re.MULTILINE)  # a quote may be missing
NAME = re.compile(r"^[ \t]*(?:def|class)[ \t]+(\w+)", re.MULTILINE)
MEMBER = re.compile(r"([ \t]+)(?:@|def[ \t]|class[ \t])")


@dataclass(frozen=True)
class Block:
    """The lines of one exercise in a file."""

    exercise_id: str
    function: str
    first_line: int  # 1-based, the first decorator's
    last_line: int
    node: ast.FunctionDef | None  # None where the lines do not parse
    problem: SyntaxError | None = None

    @property
    def is_stub(self) -> bool:
        return self.node is not None and is_stub(self.node, self.exercise_id)


@dataclass(frozen=True)
class Source:
    """A file, its exercises by id, and its text with broken pieces made harmless."""

    path: Path
    text: str
    blocks: dict[str, Block]
    problem: SyntaxError | None  # an error outside every exercise
    runnable: str

    def lines(self, block: Block) -> str:
        return "\n".join(lines_of(self.text)[block.first_line - 1 : block.last_line]) + "\n"


def text_of(path: Path) -> str:
    """A file as Python reads it: any line ending, with or without a byte order mark.

    Bytes that are not UTF-8 become lone surrogates, which no parser accepts and which
    ``errors="surrogateescape"`` writes back as they were.
    """
    return path.read_text(encoding="utf-8-sig", errors="surrogateescape")


def lines_of(text: str) -> list[str]:
    """Lines as Python counts them; ``str.splitlines`` would also cut at form feeds and at U+2028."""
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def read(path: Path, text: str | None = None) -> Source:
    """Read a module. A syntax error inside one exercise leaves every other exercise readable and runnable.

    Args:
        path: of the file.
        text: what stands in it, where that is known; else it is read.
    """
    if text is None:
        text = text_of(path)
    try:
        tree = parse(text)
    except SyntaxError as error:
        return _read_piecewise(path, text, error)
    return Source(path, text, {block.exercise_id: block for block in _blocks(tree)}, None, text)


def parse(text: str, shift: int = 0) -> ast.Module:
    """``ast.parse`` that also finds what only the compiler refuses (a ``return`` outside a function).

    Every error is a SyntaxError with a line. ``shift`` lines stand above ``text`` in its file.
    """
    unreadable = re.search(r"[\0\ud800-\udfff]", text)
    try:
        if unreadable is not None:
            what = "a NUL character" if unreadable[0] == "\0" else "a character that is not UTF-8"
            raise SyntaxError(what, (None, text.count("\n", 0, unreadable.start()) + 1, None, None))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python says it again when it runs the file
            tree = ast.parse(text)
            compile(tree, "<a learner's file>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise SyntaxError(error.msg, (None, (error.lineno or 1) + shift, error.offset, error.text)) from None
    except (RecursionError, MemoryError):
        raise SyntaxError("nested too deeply", (None, 1 + shift, None, None)) from None
    return ast.increment_lineno(tree, shift)


def _blocks(tree: ast.Module) -> Iterator[Block]:
    for node in tree.body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        for member in members:
            exercise_id = exercise_id_of(member)
            if exercise_id is None or not isinstance(member, ast.FunctionDef):
                continue
            function = f"{node.name}.{member.name}" if isinstance(node, ast.ClassDef) else member.name
            first = min(decorator.lineno for decorator in member.decorator_list)
            assert member.end_lineno is not None
            yield Block(exercise_id, function, first, member.end_lineno, member)


def _read_piecewise(path: Path, text: str, error: SyntaxError) -> Source:
    """Cut the text at top-level exercises and classes, and parse each piece for itself."""
    lines = lines_of(text)
    starts = _starts(lines)
    blocks: dict[str, Block] = {}
    runnable: list[str] = []
    outside: list[SyntaxError] = []
    for start, end in itertools.pairwise([0, *starts, len(lines)]):
        piece = lines[start:end]
        try:
            found = list(_blocks(parse("\n".join(piece), shift=start)))
            runnable += piece
        except SyntaxError as problem:
            found, kept = _mended(piece, start, problem)
            runnable += kept
            outside += [] if found else [problem]
        blocks.update({block.exercise_id: block for block in found})
    if not outside and not any(block.problem for block in blocks.values()):
        outside = [error]
    return Source(path, text, blocks, outside[0] if outside else None, "\n".join(runnable) + "\n")


def _mended(piece: list[str], start: int, problem: SyntaxError) -> tuple[list[Block], list[str]]:
    """The blocks of a piece that cannot be read, and as many lines that can."""
    if next((line for line in piece if not line.startswith("@")), "").startswith("class"):
        return _mended_class(piece, start)
    found = _broken_blocks(piece, start, problem)
    return found, _placeholder(found, len(piece))


def _mended_class(piece: list[str], start: int) -> tuple[list[Block], list[str]]:
    """A class whose broken exercises are put aside. An error in any other line of it belongs to the file."""
    starts = _members(piece)
    kept, broken = [*piece], []
    for first, end in itertools.pairwise([*starts, len(piece)]):
        member = piece[first:end]
        try:
            parse("\n".join(["class _:", *member]), shift=start + first - 1)
        except SyntaxError as problem:
            found = _broken_blocks(member, start + first, problem)
            broken += found
            if found:
                indent = re.match(r"[ \t]*", member[0])[0]  # type: ignore[index]
                kept[first:end] = _placeholder(found, len(member), indent)
    try:
        readable = list(_blocks(parse("\n".join(kept), shift=start)))
    except SyntaxError:
        return [], [""] * len(piece)
    name = NAME.findall("\n".join(piece))[0]
    named = [dataclasses.replace(block, function=f"{name}.{block.function}") for block in broken]
    return sorted([*readable, *named], key=lambda block: block.first_line), kept


def _starts(lines: list[str]) -> list[int]:
    """Where exercises and classes begin: at the first of the decorators right above each other."""
    starts: list[int] = []
    decorated = 0
    for number, line in enumerate(lines):
        if number == 0 or not lines[number - 1].startswith("@"):
            decorated = number
        if re.match(r"@exercise\(|class\s+\w", line) and decorated not in starts[-1:]:
            starts.append(decorated)
    return starts


def _members(piece: list[str]) -> list[int]:
    """Where the members of a class begin: decorated or not, at the indentation of its first one."""
    heads = [(number, match) for number, line in enumerate(piece) if (match := MEMBER.match(line))]
    level = [number for number, match in heads if match[1] == heads[0][1][1]]
    return [number for number in level if not piece[number - 1].lstrip().startswith("@")]


def _broken_blocks(piece: list[str], start: int, problem: SyntaxError) -> list[Block]:
    text = "\n".join(piece).rstrip()
    names = NAME.findall(text)
    last = start + len(lines_of(text))
    return [
        Block(exercise_id, names[0] if names else "?", start + 1, last, None, problem)
        for exercise_id in STARTS_EXERCISE.findall(text)
    ]


def _placeholder(blocks: list[Block], height: int, indent: str = "") -> list[str]:
    """As many lines as the broken piece had, so that line numbers elsewhere stay true."""
    stand_ins = [f"{block.function} = unreadable({block.exercise_id!r})" for block in blocks]
    line = "; ".join(["from labs_lib.course.exercise import unreadable", *stand_ins]) if blocks else ""
    return [indent + line, *[""] * (height - 1)] if height else []
