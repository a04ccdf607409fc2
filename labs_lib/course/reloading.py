"""In a notebook, saving a file is enough: before each cell, learner's files that changed are run again.

IPython's autoreload is not used. It patches functions from pieces of source, so that tracebacks lose
their true lines and the ``exercise`` decorator does not see whether a body is still a stub.
"""

from __future__ import annotations

import sys
from typing import Any

from . import stubs
from .root import LIBRARY

_seen: dict[str, tuple[int, int] | None] = {}


def on_save(shell: Any) -> None:
    """From now on, a saved file counts in the next cell of this IPython shell."""
    if before_cell not in shell.events.callbacks["pre_run_cell"]:
        _seen.update({file: _stamp(file) for file in stubs.files()})
        shell.events.register("pre_run_cell", before_cell)


def before_cell(_: Any = None) -> None:
    """Run again what was saved since the last cell, if the notebook has imported it. Trouble is one line."""
    for file, seen in _seen.items():
        if (stamp := _stamp(file)) == seen:
            continue
        _seen[file] = stamp
        module = sys.modules.get(stubs.module_name(file))
        if module is not None:
            from .load import run_again

            for line in run_again(module, file):
                print(line)


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        status = (LIBRARY / file).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
