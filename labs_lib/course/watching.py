"""Checking on every save."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from watchfiles import watch as changes_in

from . import catalogue, source, stubs
from .checks import check
from .root import LIBRARY
from .verdict import Verdict


def watch(*, poll: bool, show: Callable[[list[Verdict]], None]) -> None:
    """Judge the written exercises of a file whenever it is saved, until Ctrl-C."""
    files = [LIBRARY / file for file in stubs.files()]
    print(f"watching {len(files)} files in labs_lib; save one to check it, stop with Ctrl-C", flush=True)
    print("nothing happens on a network folder or WSL? use: labs watch --poll", flush=True)
    folders = sorted({file.parent for file in files})
    only_ours = {str(file) for file in files}
    for changes in changes_in(
        *folders,
        watch_filter=lambda _, path: path in only_ours,
        force_polling=poll or None,
        recursive=False,
        raise_interrupt=True,
    ):
        for path in sorted({Path(path) for _, path in changes}):
            written = _written_in(path)
            if written:
                show(check(written))
            there = sum(entry.written_file == path for entry in catalogue.exercises())
            print(f"-- {catalogue.relative(path)}: {len(written)} of {there} written", flush=True)


def _written_in(path: Path) -> list[catalogue.Exercise]:
    if not path.is_file():
        return []
    blocks = source.read(path).blocks
    here = [entry for entry in catalogue.exercises() if entry.written_file == path and entry.id in blocks]
    return [entry for entry in here if not blocks[entry.id].is_stub]
