"""The real huggingface_hub, in this process: what it makes, it finds again."""

from __future__ import annotations

import os
from pathlib import Path

import huggingface_hub as hf
import pytest
from huggingface_hub.errors import (
    BadRequestError,
    EntryNotFoundError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from labs_lib.zoo.local_hub import Hub, reading

pytestmark = pytest.mark.slow  # half a second each, and only lessons 13 and 14 use a hub

LARGE = bytes(range(256)) * 400
REPO = "labs/tiny"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files: one small, one large enough for LFS, one empty."""
    made = tmp_path / "model"
    (made / "sub").mkdir(parents=True)
    (made / "config.json").write_text("{}\n")
    (made / "sub" / "weights.bin").write_bytes(LARGE)
    (made / "empty").touch()
    return made


@pytest.fixture
def repo(hub: Hub, folder: Path) -> hf.CommitInfo:
    hf.create_repo(REPO)
    return hf.upload_folder(repo_id=REPO, folder_path=folder, commit_message="first")


def test_a_repository_is_made_once(hub: Hub) -> None:
    assert hf.create_repo(REPO) == f"{hub.endpoint}/{REPO}"
    with pytest.raises(HfHubHTTPError, match="already created") as caught:
        hf.create_repo(REPO)
    assert caught.value.response.status_code == 409
    assert hf.create_repo(REPO, exist_ok=True).repo_id == REPO


def test_a_name_without_an_owner_gets_the_one_of_the_token(hub: Hub) -> None:
    assert hf.whoami()["name"] == "labs"
    assert hf.create_repo("alone").repo_id == "labs/alone"


def test_what_it_cannot_hold_is_refused(hub: Hub) -> None:
    with pytest.raises(BadRequestError, match="models only"):
        hf.create_repo(REPO, repo_type="dataset")
    with pytest.raises(BadRequestError, match="leave private=True out"):
        hf.create_repo(REPO, private=True)


def test_a_folder_comes_back_byte_by_byte(repo: hf.CommitInfo, folder: Path) -> None:
    assert hf.list_repo_files(REPO) == ["config.json", "empty", "sub/weights.bin"]
    copy = Path(hf.snapshot_download(REPO))
    for name in ("config.json", "empty", "sub/weights.bin"):
        assert (copy / name).read_bytes() == (folder / name).read_bytes()
    assert copy.name == repo.oid


def test_what_a_repository_says_of_itself(repo: hf.CommitInfo) -> None:
    info = hf.model_info(REPO, files_metadata=True)
    assert (info.id, info.sha, info.private) == (REPO, repo.oid, False)
    sizes = {file.rfilename: (file.size, file.lfs is not None) for file in info.siblings or []}
    assert sizes == {"config.json": (3, False), "empty": (0, False), "sub/weights.bin": (len(LARGE), True)}
    assert [model.id for model in hf.list_models(author="labs")] == [REPO]
    assert [model.id for model in hf.list_models(search="no such")] == []
    assert hf.list_repo_refs(REPO).branches[0].target_commit == repo.oid
    assert [commit.title for commit in hf.list_repo_commits(REPO)] == ["first", "initial commit"]


def test_a_tree_lists_one_folder_or_all(repo: hf.CommitInfo) -> None:
    def names(**options: object) -> list[str]:
        return [entry.path for entry in hf.list_repo_tree(REPO, **options)]  # type: ignore[arg-type]

    assert names() == ["config.json", "empty", "sub"]
    assert names(recursive=True) == ["config.json", "empty", "sub", "sub/weights.bin"]
    assert names(path_in_repo="sub") == ["sub/weights.bin"]
    with pytest.raises(EntryNotFoundError):
        names(path_in_repo="none")


def test_files_are_there_or_not(repo: hf.CommitInfo) -> None:
    assert hf.repo_exists(REPO) and not hf.repo_exists("labs/none")
    assert hf.file_exists(REPO, "sub/weights.bin") and not hf.file_exists(REPO, "sub")
    assert hf.revision_exists(REPO, "main") and not hf.revision_exists(REPO, "dev")


def test_an_old_revision_stays_what_it_was(repo: hf.CommitInfo) -> None:
    second = hf.upload_file(repo_id=REPO, path_or_fileobj=b"[]", path_in_repo="config.json")
    hf.delete_file("sub/weights.bin", REPO)
    assert Path(hf.hf_hub_download(REPO, "config.json", revision=repo.oid)).read_text() == "{}\n"
    assert Path(hf.hf_hub_download(REPO, "config.json", revision=second.oid)).read_text() == "[]"
    assert Path(hf.hf_hub_download(REPO, "config.json", revision="main")).read_text() == "[]"
    assert Path(hf.hf_hub_download(REPO, "sub/weights.bin", revision=repo.oid)).read_bytes() == LARGE
    assert hf.list_repo_files(REPO) == ["config.json", "empty"]
    assert hf.list_repo_files(REPO, revision=repo.oid) == ["config.json", "empty", "sub/weights.bin"]
    assert hf.model_info(REPO, revision=second.oid).sha == second.oid


def test_a_folder_is_deleted_as_one(repo: hf.CommitInfo) -> None:
    hf.delete_folder("sub", REPO)
    assert hf.list_repo_files(REPO) == ["config.json", "empty"]
    with pytest.raises(EntryNotFoundError, match="doesn't exist"):
        hf.delete_file("sub/weights.bin", REPO)


def test_unchanged_files_make_no_commit(repo: hf.CommitInfo, folder: Path) -> None:
    again = hf.upload_folder(repo_id=REPO, folder_path=folder)
    assert again.oid == repo.oid == hf.model_info(REPO).sha


def test_a_cached_file_is_not_sent_again(repo: hf.CommitInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Counting(reading.FileResponse):
        async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
            asked.append(scope["method"])
            await super().__call__(scope, receive, send)

    monkeypatch.setattr(reading, "FileResponse", Counting)
    first = hf.hf_hub_download(REPO, "sub/weights.bin")
    assert asked == ["HEAD", "GET"]
    hf.upload_file(repo_id=REPO, path_or_fileobj=b"new", path_in_repo="other")
    again = hf.hf_hub_download(REPO, "sub/weights.bin")  # another commit, the same ETag
    assert asked == ["HEAD", "GET", "HEAD"]
    assert Path(first).samefile(again) and Path(first) != Path(again)
    hf.hf_hub_download(REPO, "sub/weights.bin", revision=repo.oid)
    assert len(asked) == 3  # a commit's id: nothing to ask


def test_missing_things_are_told_apart(repo: hf.CommitInfo) -> None:
    for wrong in ("labs/none", "none"):
        with pytest.raises(RepositoryNotFoundError):
            hf.model_info(wrong)
        with pytest.raises(RepositoryNotFoundError):
            hf.hf_hub_download(wrong, "config.json")
    for wrong in ("dev", "0" * 40, repo.oid[:12]):
        with pytest.raises(RevisionNotFoundError, match="full commit ids"):
            hf.model_info(REPO, revision=wrong)
        with pytest.raises(RevisionNotFoundError):
            hf.hf_hub_download(REPO, "config.json", revision=wrong)
    with pytest.raises(EntryNotFoundError):
        hf.hf_hub_download(REPO, "none.json")


def test_only_main_is_written_to(repo: hf.CommitInfo) -> None:
    for wrong in ("dev", repo.oid):
        with pytest.raises(RevisionNotFoundError):
            hf.upload_file(repo_id=REPO, path_or_fileobj=b"x", path_in_repo="x", revision=wrong)
    with pytest.raises(BadRequestError, match="pull requests"):
        hf.upload_file(repo_id=REPO, path_or_fileobj=b"x", path_in_repo="x", create_pr=True)


def test_writing_needs_the_token_and_reading_does_not(repo: hf.CommitInfo) -> None:
    for token, said in (("wrong", "a wrong token was sent"), (False, "no token was sent")):
        for write in (
            lambda token: hf.upload_file(repo_id=REPO, path_or_fileobj=b"x", path_in_repo="x", token=token),
            lambda token: hf.delete_file("empty", REPO, token=token),
            lambda token: hf.create_repo("labs/other", token=token),
        ):
            with pytest.raises(HfHubHTTPError, match=said) as caught:
                write(token)
            assert caught.value.response.status_code == 401
            assert not isinstance(caught.value, RepositoryNotFoundError)
        assert hf.file_exists(REPO, "empty", token=token)
    assert hf.model_info(REPO).sha == repo.oid


def test_a_commit_can_insist_on_its_parent(repo: hf.CommitInfo) -> None:
    hf.upload_file(repo_id=REPO, path_or_fileobj=b"1", path_in_repo="x")
    with pytest.raises(HfHubHTTPError, match="a commit has happened since"):
        hf.upload_file(repo_id=REPO, path_or_fileobj=b"2", path_in_repo="x", parent_commit=repo.oid)
    assert Path(hf.hf_hub_download(REPO, "x")).read_bytes() == b"1"


def test_this_process_forgets_the_hub_afterwards(hub: Hub) -> None:
    from huggingface_hub import constants, hf_api

    from labs_lib.zoo.local_hub import using

    other = Hub("http://127.0.0.1:1", "t", hub.home)
    with using(other):
        assert constants.ENDPOINT == hf_api.api.endpoint == os.environ["HF_ENDPOINT"] == other.endpoint
    assert constants.ENDPOINT == hf_api.api.endpoint == os.environ["HF_ENDPOINT"] == hub.endpoint
