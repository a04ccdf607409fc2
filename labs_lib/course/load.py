"""Running the learner's files as they are on disk now, whatever was imported before."""

from __future__ import annotations

import importlib
import linecache
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from . import source, stubs
from .laws.driver import Raised, describe, undisturbed
from .root import LIBRARY, ROOT, load_module

_newest: dict[str, ModuleType | None] = {}  # what ``learner_modules`` ran last, by name; None where it could not run


def newest(name: str) -> ModuleType:
    """A learner's module as it was last run for a check, such as ``"layers"``: for drivers that need its classes.

    Where the file cannot run as a whole, the module of ``solutions/`` stands in: then no exercise of that file is
    under judgement, but one of another file may need its classes.
    """
    full = f"labs_lib.{name}"
    found = _newest.get(full)
    if found is None and full in _newest:
        found = load_module(f"solutions.{name}")
    return found or importlib.import_module(full)


def learner_modules() -> dict[str, Raised]:
    """Run every learner's module anew, so that the newest bodies are registered.

    Returns:
        The files that cannot run, with what stopped them. A syntax error inside one exercise does not count: that
        exercise is left out and the rest of its file runs.
    """
    names = [stubs.module_name(file) for file in stubs.files()]
    before = {name: sys.modules.get(name) for name in names}
    try:
        return run_all({file: None for file in stubs.files()})
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module


def run_all(texts: Mapping[str, str | None]) -> dict[str, Raised]:
    """Run modules as ``labs_lib.affine`` and so on, and leave them imported.

    Args:
        texts: ``Source.runnable`` by file, in the order of the course; None for what lies on the disk.

    Returns:
        The files that cannot run, with what stopped them.
    """
    problems: dict[str, Raised] = {}
    for file, text in texts.items():
        name = stubs.module_name(file)
        try:
            sys.modules[name] = _module(name, file)
            with undisturbed(sys.stderr):  # stdout may be somebody's JSON
                if text is None:
                    _run(sys.modules[name], file)
                else:  # tracebacks find a line there that no file holds
                    place = str(LIBRARY / file)
                    linecache.cache[place] = (len(text), None, text.splitlines(keepends=True), place)
                    _run_text(sys.modules[name], file, text)
            _newest[name] = sys.modules[name]
        except (Exception, SystemExit) as error:
            problems[file] = _problem(error, file)
            _newest[name] = None
            sys.modules.pop(name, None)
    return problems


def run_again(module: ModuleType, file: str) -> list[str]:
    """Run a saved file in the module that a notebook has imported. Returns a line about each trouble."""
    try:
        blocks = _run(module, file).blocks.values()
    except (Exception, SystemExit) as error:
        problem = _problem(error, file)
        place = f"{problem.file}:{problem.line}" if problem.line else f"labs_lib/{file}"
        return [f"{place} stops the file from running ({problem.kind}: {problem.text}); the last version goes on"]
    return [
        f"labs_lib/{file}:{block.problem.lineno} cannot be read ({block.problem.msg}), the rest of the file can"
        for block in blocks
        if block.problem is not None
    ]


def _module(name: str, file: str) -> ModuleType:
    module = ModuleType(name)
    module.__file__ = str(LIBRARY / file)
    module.__package__ = name.rpartition(".")[0]
    return module


def _run(module: ModuleType, file: str) -> source.Source:
    read = source.read(LIBRARY / file)
    if read.problem is not None:
        raise read.problem
    _run_text(module, file, read.runnable)
    return read


def _run_text(module: ModuleType, file: str, text: str) -> None:
    exec(compile(text, str(LIBRARY / file), "exec", dont_inherit=True), module.__dict__)


def _problem(error: BaseException, file: str) -> Raised:
    """An exception as data; a syntax error is in the learner's module or in another file that it imports."""
    if not isinstance(error, SyntaxError):
        return describe(error)
    path = Path(error.filename) if error.filename else LIBRARY / file
    place = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
    line = (error.text or "").strip()
    return Raised(("SyntaxError", "Exception"), error.msg, place, error.lineno or 0, line)
