"""Bringing one stub back. What was there is kept first."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from . import source, stubs
from .catalogue import Exercise
from .root import STATE

BACKUP = STATE / "backup"


def reset(entry: Exercise) -> Path | None:
    """Put the stub in place of the learner's lines.

    Returns:
        Where the learner's lines were kept, None if there was nothing to keep.

    Raises:
        FileNotFoundError: this edition has no solutions to make the stub from.
    """
    if not entry.solution_file.is_file():
        raise FileNotFoundError(f"no solutions/{entry.file} here to make the stub of {entry.id} from")
    target = entry.written_file
    read = source.read(target) if target.exists() else None
    if read is None:
        _replace(target, stubs.stub_module(entry.solution_file.read_text(encoding="utf-8"), entry.file))
        return None
    block = read.blocks.get(entry.id)
    without_its_class = block is None and "." in entry.function  # a method cannot stand at the end of the file
    if not read.blocks or without_its_class:  # then its imports are not to be relied on either
        kept = _keep(entry, read.text) if read.text.strip() else None
        _replace(target, stubs.stub_module(entry.solution_file.read_text(encoding="utf-8"), entry.file))
        return kept
    if block is None:
        _replace(target, read.text.rstrip("\n") + "\n\n\n" + stubs.stub_of(entry))
        return None
    if block.is_stub:
        return None
    kept = _keep(entry, read.lines(block))
    lines = source.lines_of(read.text)
    lines[block.first_line - 1 : block.last_line] = stubs.stub_of(entry).splitlines()
    _replace(target, "\n".join(lines) + "\n")
    return kept


def _keep(entry: Exercise, text: str) -> Path:
    BACKUP.mkdir(parents=True, exist_ok=True)
    number = 1
    while (path := BACKUP / f"{entry.id}-{number}.py").exists():
        number += 1
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    return path


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode("utf-8", errors="surrogateescape")
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False, suffix=".part") as part:
        part.write(data)
    os.chmod(part.name, path.stat().st_mode if path.exists() else 0o644)
    os.replace(part.name, path)
