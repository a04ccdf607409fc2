"""Remembered verdicts. Progress is always derived from the files: deleting ``.labs/`` loses nothing but seconds."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

from .catalogue import Exercise, exercises, find
from .root import LAWS, LIBRARY, ROOT, SOLUTIONS, STATE
from .verdict import Verdict

CACHE = STATE / "verdicts.json"


def recall(chosen: list[Exercise]) -> dict[str, Verdict]:
    """The verdicts that still hold, by exercise id: nothing they depend on has changed."""
    stored = read_json(CACHE)
    found = {}
    for entry in chosen:
        record = stored.get(entry.id)
        if isinstance(record, dict) and record.get("seal") == _seal(entry, record.get("verdict")):
            found[entry.id] = Verdict(**record["verdict"])
    return found


def store(verdicts: list[Verdict], keys: dict[str, str]) -> None:
    """Remember verdicts. A folder that cannot be written to is no reason to fail.

    Args:
        keys: by exercise id, from before it was judged; a file that was saved meanwhile is judged again.
    """
    stored = read_json(CACHE)
    for verdict in verdicts:
        if key_of(find(verdict.id)) == keys[verdict.id]:
            seal = _seal(find(verdict.id), verdict.stored())
            stored[verdict.id] = {"seal": seal, "verdict": verdict.stored()}
    write_json(CACHE, stored)


def _seal(entry: Exercise, verdict: Any) -> str:
    """Ties a verdict to what it depends on, so that a damaged or edited record counts for nothing."""
    return hashlib.sha256((key_of(entry) + json.dumps(verdict, sort_keys=True)).encode()).hexdigest()


def key_of(entry: Exercise) -> str:
    """A hash of all that a verdict depends on: the learner's files up to this one, and what is given."""
    files = list(dict.fromkeys(one.written_file for one in exercises()))
    later = files[files.index(entry.written_file) + 1 :]
    digest = hashlib.sha256(_given_key().encode())
    for path in sorted({*files, *LIBRARY.glob("*.py")} - {*later}):  # helpers of one's own too
        digest.update(path.name.encode() + (path.read_bytes() if path.is_file() else b""))
    return digest.hexdigest()


@functools.cache
def _given_key() -> str:
    """A hash of the machinery, the references, the laws, the mutants, and the versions beneath them."""
    digest = hashlib.sha256(f"{sys.version} {metadata.version('torch')}".encode())
    for folder in (LIBRARY / "course", SOLUTIONS, LAWS, ROOT / "tests" / "mutants"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".toml"):
                digest.update(path.relative_to(ROOT).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a state file; empty where it is missing or damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a state file whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as part:
            json.dump(value, part, indent=1, sort_keys=True)
        os.replace(part.name, path)
    except OSError:
        return
