"""Running the learner's files as they are on disk now, whatever was imported before."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from . import source, stubs
from .laws.driver import Raised, describe, undisturbed
from .root import LIBRARY, ROOT


def learner_modules() -> dict[str, Raised]:
    """Run every learner's module anew, so that the newest bodies are registered.

    Returns:
        The files that cannot run, with what stopped them. A syntax error inside one exercise does not count: that
        exercise is left out and the rest of its file runs.
    """
    problems: dict[str, Raised] = {}
    names = {f"labs_lib.{file.removesuffix('.py').replace('/', '.')}": file for file in stubs.files()}
    before = {name: sys.modules.get(name) for name in names}
    try:
        for name, file in names.items():
            try:
                with undisturbed(sys.stderr):  # stdout may be somebody's JSON
                    sys.modules[name] = _run(name, file)
            except SyntaxError as error:
                problems[file] = _syntax_problem(error, file)
            except (Exception, SystemExit) as error:
                problems[file] = describe(error)
                sys.modules.pop(name, None)
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
    return problems


def _run(name: str, file: str) -> ModuleType:
    path = LIBRARY / file
    read = source.read(path)
    if read.problem is not None:
        raise read.problem
    module = ModuleType(name)
    module.__file__ = str(path)
    module.__package__ = name.rpartition(".")[0]
    exec(compile(read.runnable, str(path), "exec"), module.__dict__)
    return module


def _syntax_problem(error: SyntaxError, file: str) -> Raised:
    """A syntax error as data: in the learner's module, or in another file that it imports."""
    path = Path(error.filename) if error.filename else LIBRARY / file
    place = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
    line = (error.text or "").strip()
    return Raised(("SyntaxError", "Exception"), error.msg, place, error.lineno or 0, line)
