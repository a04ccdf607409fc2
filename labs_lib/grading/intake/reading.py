"""The bytes of the learner's modules, out of a folder, an archive or a git repository."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import lzma
import os
import re
import stat
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from ...course import stubs
from .limits import ARCHIVE_AT_MOST, BYTES_AT_MOST, FILES_AT_MOST, MODULE_AT_MOST, Count, Refused

LISTING_AT_MOST = 1000 * FILES_AT_MOST  # bytes of what git lists
REF = re.compile(r"refs/heads/[\w.+@=-]+(/[\w.+@=-]+)*")
OPENERS: dict[bytes, Callable[[Any], Any]] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}


def folder(root: Path) -> dict[str, bytes]:
    """The modules of a folder. Folders whose names begin with a dot (.git, .venv) are not looked into.

    A whole clone of the course holds models that are larger than any submission may be. What is not Python is never
    opened here, nor unpacked, so its size does not count.
    """
    count, paths = Count(), {}
    for place, folders, files in os.walk(root, onerror=_cannot):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        for name in [*folders, *files]:
            path = Path(place, name)
            status = path.lstat()
            inside = path.relative_to(root).as_posix()
            counts = stat.S_ISREG(status.st_mode) and name.endswith(".py")
            count.add(inside, status.st_size if counts else 0, status.st_mode)
            paths[inside] = path
    return {file: _read_file(paths[name]) for file, name in modules_in(paths).items()}


def archive(path: Path) -> dict[str, bytes]:
    """The modules of a zip or tar file, read without unpacking it."""
    if path.stat().st_size > ARCHIVE_AT_MOST:
        raise Refused(f"it is larger than {ARCHIVE_AT_MOST // 2**20} MB")
    return _zip(path) if zipfile.is_zipfile(path) else _tar(path)


def repository(path: Path) -> dict[str, bytes]:
    """The modules of a bare git repository's HEAD. Nothing is checked out, so no hook, filter or link comes to life.

    Its settings could name programs for git to start, so git works on an empty repository of ours that borrows only
    the objects of this one.
    """
    objects = path / "objects"
    inside = [Path(place, name) for place, folders, files in os.walk(path) for name in (*folders, *files)]
    if any(one.is_symlink() or one.name in ("alternates", "http-alternates") for one in inside):
        raise Refused("it borrows the objects of another repository")
    with tempfile.TemporaryDirectory(prefix="labs-intake-") as own:
        Path(own, "refs").mkdir()
        Path(own, "objects").mkdir()
        Path(own, "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
        git = functools.partial(_git, Path(own), objects.resolve())
        return _modules_of_commit(git, _head_of(path))


def _modules_of_commit(git: Callable[..., bytes], commit: str) -> dict[str, bytes]:
    count, ids = Count(), {}
    for line in git("ls-tree", "-r", "-l", "-z", commit).split(b"\0")[:-1]:
        about, _, name = line.decode(errors="surrogateescape").partition("\t")
        mode, kind, object_id, size = about.split()
        if kind != "blob":
            raise Refused(f"it holds another repository: {name[:80]!r}")
        if not size.isdigit():
            raise Refused(f"git cannot read {name[:80]!r}")
        count.add(name, int(size) if name.endswith(".py") else 0, int(mode, 8))  # as in a folder
        ids[name] = object_id
    return {file: _sized(name, git("cat-file", "blob", ids[name])) for file, name in modules_in(ids).items()}


def _head_of(path: Path) -> str:
    """The commit that HEAD stands for."""
    text = _read_file(path / "HEAD").decode("ascii", "replace").strip()
    name = text.removeprefix("ref: ")
    if name != text:
        if not REF.fullmatch(name) or ".." in name:
            raise Refused(f"its HEAD is no branch: {name[:80]!r}")
        loose, packed = path / name, path / "packed-refs"
        if loose.is_file():
            text = _read_file(loose).decode("ascii", "replace").strip()
        elif packed.is_file():
            lines = _read_file(packed).decode("ascii", "replace").splitlines()
            text = next((line.split()[0] for line in lines if line.endswith(f" {name}")), "")
    if not re.fullmatch(r"[0-9a-f]{40}", text):
        raise Refused(f"its HEAD is no commit: {text[:80]!r}")
    return text


def modules_in(names: Mapping[str, object]) -> dict[str, str]:
    """Where each of the learner's modules stands, by its file: in the shallowest ``labs_lib``, or with none at the top.

    Args:
        names: all paths of a submission.
    """
    wanted = stubs.files()
    tops = {name[: -len(f"labs_lib/{file}")] for name in names for file in wanted if _ends(name, f"labs_lib/{file}")}
    top = f"{min(tops, key=lambda one: (one.count('/'), one))}labs_lib/" if tops else ""
    return {file: f"{top}{file}" for file in wanted if f"{top}{file}" in names}


def _ends(name: str, ending: str) -> bool:
    return name == ending or name.endswith(f"/{ending}")


def _zip(path: Path) -> dict[str, bytes]:
    count, infos = Count(), dict[str, zipfile.ZipInfo]()
    with zipfile.ZipFile(path) as file:
        for info in file.infolist():
            count.add(info.filename, info.file_size, info.external_attr >> 16)
            if info.flag_bits & 1:
                raise Refused("it is encrypted")
            infos.setdefault(info.filename, info)
        found = modules_in(infos)
        return {name: _sized(place, _head(file.open(infos[place]))) for name, place in found.items()}


def _tar(path: Path) -> dict[str, bytes]:
    """One pass over the stream. ``_Capped`` stops a bomb, whatever its headers say."""
    count, data = Count(), {}
    with path.open("rb") as raw:
        opener = OPENERS.get(raw.peek(2)[:2] if hasattr(raw, "peek") else b"")
        stream = opener(raw) if opener else raw
        try:
            with tarfile.open(fileobj=_Capped(stream), mode="r|") as file:  # type: ignore[call-overload]
                for member in file:
                    kind = stat.S_IFLNK if member.issym() or member.islnk() else 0
                    plain = member.isreg() or member.isdir() or kind
                    count.add(member.name, member.size, kind if plain else stat.S_IFIFO)
                    content = file.extractfile(member) if member.isreg() else None
                    if content is not None and member.name.endswith(".py"):
                        data[member.name.removeprefix("./")] = _head(content)
        except tarfile.TarError as error:
            raise Refused(f"it is no zip or tar file that can be read ({error})") from None
    return {file: _sized(name, data[name]) for file, name in modules_in(data).items()}


class _Capped(io.RawIOBase):
    """A stream that ends the reading of a bomb."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.left = stream, ARCHIVE_AT_MOST

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece = self.stream.read(min(size, self.left + 1) if size >= 0 else self.left + 1)
        self.left -= len(piece)
        if self.left < 0:
            raise Refused(f"it holds more than {BYTES_AT_MOST // 2**20} MB")
        return piece


def _head(stream: IO[bytes]) -> bytes:
    with stream:
        return stream.read(MODULE_AT_MOST + 1)


def _sized(name: str, data: bytes) -> bytes:
    if len(data) > MODULE_AT_MOST:
        raise Refused(f"{name} is larger than {MODULE_AT_MOST // 2**10} kB")
    return data


def _read_file(path: Path) -> bytes:
    """A plain file and never what a link points to, even if it was exchanged a moment ago."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        return _sized(path.name, file.read(MODULE_AT_MOST + 1))


def _git(own: Path, objects: Path, *arguments: str) -> bytes:
    """What git says about objects that nobody vouches for. A listing that would never end is refused."""
    environment = {"PATH": os.environ.get("PATH", ""), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    environment |= {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_OBJECT_DIRECTORY": str(objects), "LC_ALL": "C"}
    command = ["git", f"--git-dir={own}", *arguments]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, env=environment, stdout=-1, stderr=said, stdin=subprocess.DEVNULL) as process,
    ):
        assert process.stdout is not None
        out = process.stdout.read(LISTING_AT_MOST + 1)
        if len(out) > LISTING_AT_MOST:
            process.kill()
            raise Refused(f"it holds more than {FILES_AT_MOST:,} files")
        if process.wait(timeout=60):
            said.seek(0)
            raise Refused(f"git cannot read it: {said.read().decode(errors='replace').strip()[:200]}")
    return out


def _cannot(error: OSError) -> None:
    raise error
