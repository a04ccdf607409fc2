"""Checking exercises: from the learner's files to verdicts."""

from __future__ import annotations

from collections.abc import Mapping

from . import modes, progress, source
from .catalogue import Exercise
from .verdict import Verdict


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
        block = sources[entry.file].blocks.get(entry.id) if entry.file in sources else None
        if block is None:
            verdicts[entry.id] = _missing(entry, sources.get(entry.file))
        elif block.problem is not None:
            verdicts[entry.id] = _syntax_error(entry, block.problem)
        elif block.is_stub:
            verdicts[entry.id] = _plain(entry, "not_started")
        elif (problem := sources[entry.file].problem) is not None:
            verdicts[entry.id] = _syntax_error(entry, problem)
        else:
            runnable[entry.id] = entry
    if runnable:
        verdicts.update(_run(runnable, sources, seed))
    return verdicts


def _run(chosen: dict[str, Exercise], sources: dict[str, source.Source], seed: int) -> dict[str, Verdict]:
    """The part that needs torch and pytest, imported only here: an untouched or remembered exercise costs neither."""
    from . import engine, load
    from .judgement import verdict_of

    problems = load.learner_modules()
    verdicts = {}
    judging_files = bool(sources)
    for entry in list(chosen.values()):
        if judging_files and entry.file in problems:
            raised = problems[entry.file]
            place = f"{raised.file}:{raised.line}" if raised.line else entry.path
            text = f"{entry.path} cannot be run: {raised.kind}: {raised.text}"
            verdicts[entry.id] = _plain(chosen.pop(entry.id), "error", note=text, place=place, line=raised.source)
    outcomes = engine.judge(chosen, seed=seed) if chosen else []
    for entry in chosen.values():
        mine = [outcome for outcome in outcomes if outcome.exercise_id == entry.id]
        verdicts[entry.id] = verdict_of(entry, mine, sources.get(entry.file))
    return verdicts


def _plain(entry: Exercise, state: str, *, note: str = "", place: str = "", line: str = "") -> Verdict:
    return Verdict(entry.id, entry.function, state, 0, entry.points, note=note, place=place, line=line)


def _missing(entry: Exercise, read: source.Source | None) -> Verdict:
    if read is not None and read.problem is not None:
        return _syntax_error(entry, read.problem)
    held = f"{entry.path} holds no function with @exercise({entry.id!r})"
    note = f"{held if read else f'there is no {entry.path}'}; `labs reset {entry.id}` brings it back"
    return _plain(entry, "error", note=note, place=entry.path)


def _syntax_error(entry: Exercise, problem: SyntaxError) -> Verdict:
    number = problem.lineno or 1
    lines = source.lines_of(entry.written_file.read_text(encoding="utf-8", errors="replace"))
    line = lines[number - 1].strip() if number <= len(lines) else ""
    note = f"Python cannot read this: {problem.msg}"
    return _plain(entry, "error", note=note, place=f"{entry.path}:{number}", line=line)
