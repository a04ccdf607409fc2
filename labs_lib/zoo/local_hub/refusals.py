"""What the server answers when it does not do what it was asked, and how large things may be."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Bounds in bytes (``files`` is a count)."""

    regular: int = 32 * MIB  # a file up to this travels inside the commit, in base64; a larger one on its own
    file: int = 32 * 1024 * MIB
    commit: int = 768 * MIB  # the body of one commit
    request: int = 4 * MIB  # any other request
    files: int = 10_000  # in one snapshot


class Refused(Exception):
    """An answer that is an error.

    Args:
        status: of HTTP. Never 429 or 500 to 504: clients would ask again for half a minute.
        message: for a person.
        code: for the client: huggingface_hub chooses the type of its exception by it.
        commit: of the snapshot that was searched; clients expect it beside EntryNotFound.
    """

    def __init__(self, status: int, message: str, *, code: str = "", commit: str = "") -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.headers = {"X-Error-Code": code, "X-Repo-Commit": commit}


def no_repository(repo: str) -> Refused:
    return Refused(404, f"no repository {repo!r} here", code="RepoNotFound")


def no_revision(repo: str, revision: str) -> Refused:
    message = f"{repo} has no revision {revision!r}: this hub knows main and full commit ids"
    return Refused(404, message, code="RevisionNotFound")


def no_file(path: str, commit: str) -> Refused:
    return Refused(404, f"A file with this name doesn't exist: {path!r}", code="EntryNotFound", commit=commit)


def too_large(what: str, limit: int) -> Refused:
    return Refused(413, f"{what} is larger than this hub takes ({limit} bytes)")
