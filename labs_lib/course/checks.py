"""Checking exercises: from the learner's files to verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from . import modes, progress, source
from .catalogue import Exercise
from .verdict import Verdict

if TYPE_CHECKING:
    from .laws.driver import Raised


def check(chosen: list[Exercise], *, seed: int = 0, remember: bool = True) -> list[Verdict]:
    """Judge exercises as they are on disk now, in the order given.

    What has not changed since it was last judged is not judged again. With LABS_MODE=solutions the reference is
    judged in place of the learner's files.
    """
    remember = remember and seed == 0 and modes.current().name == "student"
    known = progress.recall(chosen) if remember else {}
    rest = [entry for entry in chosen if entry.id not in known]
    keys = {entry.id: progress.key_of(entry) for entry in rest} if remember else {}
    fresh = _judge(rest, seed) if rest else {}
    if remember:
        progress.store([verdict for verdict in fresh.values() if verdict.lasts], keys)
    return [known.get(entry.id) or fresh[entry.id] for entry in chosen]


def _judge(chosen: list[Exercise], seed: int) -> Mapping[str, Verdict]:
    if modes.current().name == "solutions":
        return _run({entry.id: entry for entry in chosen}, {}, seed)
    verdicts: dict[str, Verdict] = {}
    runnable: dict[str, Exercise] = {}
    sources = {entry.file: source.read(entry.written_file) for entry in chosen if entry.written_file.is_file()}
    for entry in chosen:
        verdict = without_running(entry, sources)
        if verdict is None:
            runnable[entry.id] = entry
        else:
            verdicts[entry.id] = verdict
    if runnable:
        verdicts.update(_run(runnable, sources, seed))
    return verdicts


def without_running(entry: Exercise, sources: Mapping[str, source.Source]) -> Verdict | None:
    """The verdict on an exercise that there is no need to run: missing, unreadable, or untouched. Else None.

    Args:
        sources: what has been read of the learner's files, by file.
    """
    read = sources.get(entry.file)
    block = None if read is None else read.blocks.get(entry.id)
    if read is None or block is None:
        return _missing(entry, read)
    if block.problem is not None:
        return _syntax_error(entry, block.problem, read)
    if block.is_stub:
        return plain(entry, "not_started")
    return None if read.problem is None else _syntax_error(entry, read.problem, read)


def cannot_run(entry: Exercise, raised: Raised) -> Verdict:
    """The verdict where a file stops before its exercises are defined."""
    place = f"{raised.file}:{raised.line}" if raised.line else entry.path
    text = f"{entry.path} cannot be run: {raised.kind}: {raised.text}"
    return plain(entry, "error", note=text, place=place, line=raised.source)


def _run(chosen: dict[str, Exercise], sources: dict[str, source.Source], seed: int) -> dict[str, Verdict]:
    """The part that needs torch and pytest, imported only here: an untouched or remembered exercise costs neither."""
    from . import engine, load
    from .judgement import verdict_of

    problems = load.learner_modules()
    verdicts = {}
    judging_files = bool(sources)
    for entry in list(chosen.values()):
        if judging_files and entry.file in problems:
            verdicts[entry.id] = cannot_run(chosen.pop(entry.id), problems[entry.file])
    outcomes = engine.judge(chosen, seed=seed) if chosen else []
    for entry in chosen.values():
        mine = [outcome for outcome in outcomes if outcome.exercise_id == entry.id]
        verdicts[entry.id] = verdict_of(entry, mine, sources.get(entry.file))
    return verdicts


def plain(entry: Exercise, state: str, *, note: str = "", place: str = "", line: str = "") -> Verdict:
    return Verdict(entry.id, entry.function, state, 0, entry.points, note=note, place=place, line=line)


def _missing(entry: Exercise, read: source.Source | None) -> Verdict:
    if read is not None and read.problem is not None:
        return _syntax_error(entry, read.problem, read)
    held = f"{entry.path} holds no function with @exercise({entry.id!r})"
    note = f"{held if read else f'there is no {entry.path}'}; `labs reset {entry.id}` brings it back"
    return plain(entry, "error", note=note, place=entry.path)


def _syntax_error(entry: Exercise, problem: SyntaxError, read: source.Source) -> Verdict:
    number = problem.lineno or 1
    lines = source.lines_of(read.text.encode(errors="surrogateescape").decode(errors="replace"))
    line = lines[number - 1].strip() if number <= len(lines) else ""
    note = f"Python cannot read this: {problem.msg}"
    return plain(entry, "error", note=note, place=f"{entry.path}:{number}", line=line)
