"""Repositories as lists of files that never change, and one pointer that moves from one list to the next.

On the disk, below the hub's root:

    blobs/<sha256>                          the contents of files
    incoming/                               what is being written
    models/<owner>/<name>/commits/<id>      a snapshot, JSON; its id is the SHA-1 of these very bytes
    models/<owner>/<name>/main              the id of the newest snapshot
    models/<owner>/<name>/lock              held while main moves

A commit writes the contents, then the snapshot, then moves ``main``. It has happened when ``main`` has moved:
before that, nothing that anybody can see is different.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from .contents import Content, Contents, write_whole
from .names import COMMIT_ID, inside, repo_id
from .refusals import Limits, Refused, no_file, no_repository, no_revision


@dataclass(frozen=True)
class File:
    """A file of a snapshot. ``oid`` is what git would call it; ``large``: it came on its own, by the LFS protocol."""

    sha256: str
    size: int
    oid: str
    large: bool

    @property
    def content(self) -> Content:
        return Content(self.sha256, self.size)

    @property
    def etag(self) -> str:
        """Clients download anew when it differs, and compare it with their own file before they upload."""
        return self.sha256 if self.large else self.oid


@dataclass(frozen=True)
class Snapshot:
    """What a repository held at one moment."""

    id: str
    parent: str
    title: str
    message: str
    date: str
    files: Mapping[str, File]


@dataclass(frozen=True)
class Change:
    """A file that is added or replaced, or with ``file=None`` removed. ``folder``: with all that is in it."""

    path: str
    file: File | None = None
    folder: bool = False


class Store:
    """All repositories under one folder."""

    def __init__(self, root: Path, limits: Limits | None = None) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root.resolve()
        self.limits = limits or Limits()
        self.contents = Contents(self.root)

    def create(self, repo: str) -> None:
        """Make a repository with an empty snapshot.

        Raises:
            Refused: it exists.
        """
        folder = self._folder(repo)
        inside(folder, "commits").mkdir(parents=True, exist_ok=True)
        with self._lock(folder):
            if (folder / "main").exists():
                raise Refused(409, f"you already created the model repo {repo}")
            self._advance(folder, parent="", title="initial commit", message="", files={})

    def repositories(self) -> list[str]:
        return sorted("/".join(path.parts[-3:-1]) for path in self.root.glob("models/*/*/main"))

    def snapshot(self, repo: str, revision: str = "main") -> Snapshot:
        """A repository at a revision: ``main``, or a commit's full id.

        Raises:
            Refused: no such repository or revision, or its file was damaged.
        """
        folder = self._folder(repo)
        main = inside(folder, "main")
        if not main.is_file():
            raise no_repository(repo)
        commit = main.read_text(encoding="utf-8").strip() if revision == "main" else revision
        if not COMMIT_ID.fullmatch(commit) or not inside(folder, "commits", commit).is_file():
            raise no_revision(repo, revision)
        raw = (folder / "commits" / commit).read_bytes()
        if hashlib.sha1(raw).hexdigest() != commit:
            raise Refused(409, f"the snapshot {commit} of {repo} is damaged on this hub's disk")
        fields = json.loads(raw)
        files = {path: File(**file) for path, file in fields.pop("files").items()}
        return Snapshot(id=commit, files=files, **fields)

    def history(self, repo: str, revision: str = "main") -> Iterator[Snapshot]:
        """The snapshot at a revision and all before it, newest first."""
        while revision:
            snapshot = self.snapshot(repo, revision)
            yield snapshot
            revision = snapshot.parent

    def commit(self, repo: str, changes: Sequence[Change], title: str, message: str = "", parent: str = "") -> str:
        """Make the next snapshot and move ``main`` to it.

        Args:
            parent: the commit that main must still be at; empty: whatever it is at now.

        Returns:
            The new commit's id.

        Raises:
            Refused: main has moved since, a content is missing, a file to remove is, or the result is no tree.
        """
        folder = self._folder(repo)
        with self._lock(folder):
            newest = self.snapshot(repo)
            if parent and parent != newest.id:
                raise Refused(412, f"main of {repo} is at {newest.id} now: a commit has happened since {parent}")
            files = self._apply(changes, newest)
            return self._advance(folder, parent=newest.id, title=title, message=message, files=files)

    def _apply(self, changes: Sequence[Change], newest: Snapshot) -> dict[str, File]:
        files = dict(newest.files)
        for change in changes:
            if change.file is not None:
                if not self.contents.has(change.file.content):
                    raise Refused(400, f"the content of {change.path} was never uploaded: {change.file.sha256}")
                files[change.path] = change.file
                continue
            gone = [path for path in files if path == change.path or (change.folder and below(path, change.path))]
            if not gone:
                raise no_file(change.path, newest.id)
            for path in gone:
                del files[path]
        self._check_tree(files)
        return files

    def _check_tree(self, files: Mapping[str, File]) -> None:
        if len(files) > self.limits.files:
            raise Refused(413, f"a snapshot of this hub holds at most {self.limits.files} files, not {len(files)}")
        for path in files:
            parts = path.split("/")
            for folder in ("/".join(parts[:depth]) for depth in range(1, len(parts))):
                if folder in files:
                    raise Refused(400, f"{folder} cannot be a file and the folder of {path}")

    def _advance(self, folder: Path, *, parent: str, title: str, message: str, files: Mapping[str, File]) -> str:
        fields = {
            "parent": parent,
            "title": title,
            "message": message,
            "date": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "files": {path: asdict(files[path]) for path in sorted(files)},
        }
        text = json.dumps(fields, indent=1)
        commit = hashlib.sha1(text.encode()).hexdigest()
        write_whole(folder / "commits" / commit, text, self.contents.incoming)
        write_whole(folder / "main", commit + "\n", self.contents.incoming)  # from here on, it has happened
        return commit

    def _folder(self, repo: str) -> Path:
        owner, _, name = repo.partition("/")
        repo_id(owner, name)  # refuses all that could lead elsewhere
        return inside(self.root, "models", owner, name)

    def _lock(self, folder: Path) -> FileLock:
        """Between threads and between servers; the system lets go of it when its holder dies."""
        if not folder.is_dir():
            raise no_repository("/".join(folder.parts[-2:]))
        return FileLock(inside(folder, "lock"), timeout=60)


def below(path: str, folder: str) -> bool:
    return path.startswith(folder + "/") or not folder
