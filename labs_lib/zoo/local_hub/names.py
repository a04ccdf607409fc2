"""Which names are allowed. Names come from strangers, so they are checked before anything is done with them.

Two kinds never meet the disk as paths: a file's name in a repository is a key in a snapshot, and its bytes lie
under their hash. It is checked all the same, because clients will make a path of it. Only a repository's name
becomes a folder.
"""

from __future__ import annotations

import re
from pathlib import Path

from .refusals import Refused, no_repository

REPO_PART = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
LONGEST_REPO, LONGEST_PATH, LONGEST_PART = 96, 1024, 255
FORBIDDEN = '\\:*?"<>|'  # no Windows client could make such a file
COMMIT_ID = re.compile(r"[0-9a-f]{40}")
SHA256 = re.compile(r"[0-9a-f]{64}")


def repo_id(owner: str, name: str) -> str:
    """``owner/name``, by the rules of huggingface_hub's ``validate_repo_id``.

    Raises:
        Refused: there can be no such repository.
    """
    repo = f"{owner}/{name}"
    allowed = all(REPO_PART.fullmatch(part) for part in (owner, name)) and len(repo) <= LONGEST_REPO
    if not allowed or ".." in repo or "--" in repo or repo.endswith(".git"):
        raise no_repository(repo)
    return repo


def file_path(path: object) -> str:
    """The name of a file in a repository: parts joined by ``/``, none of them special to any system.

    Raises:
        Refused: the name would lead out of a client's folder, or cannot be a file there.
    """
    if not isinstance(path, str) or not path or len(path) > LONGEST_PATH:
        raise Refused(400, f"a file's name must be text of 1 to {LONGEST_PATH} characters, got {str(path)[:80]!r}")
    parts = path.split("/")
    plain = path.isprintable() and not set(path) & set(FORBIDDEN)
    if not plain or any(part in ("", ".", "..", ".git") or len(part.encode()) > LONGEST_PART for part in parts):
        raise Refused(400, f"a file's name must be a plain relative path such as a/b.json, got {path!r}")
    return path


def inside(root: Path, *parts: str) -> Path:
    """A path below ``root``, which is absolute and resolved.

    Raises:
        Refused: it leads elsewhere, for example by a link that somebody placed there.
    """
    path = root.joinpath(*parts)
    if path.resolve() != path or not path.is_relative_to(root):
        raise Refused(403, "this hub follows no links and leaves its folder never")
    return path
