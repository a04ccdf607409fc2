"""Many at once, and many runs after another, on one folder."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import huggingface_hub as hf
import pytest

from labs_lib.zoo.local_hub import Hub, local_hub, using

from .conftest import SMALL

pytestmark = pytest.mark.slow  # most of a second each

REPO = "labs/tiny"


def test_uploads_at_once_all_arrive(hub: Hub) -> None:
    hf.create_repo(REPO)

    def upload(number: int) -> str:
        data = bytes([number]) * (3_000 if number % 2 else 30)  # half of them by the LFS protocol
        return hf.upload_file(repo_id=REPO, path_or_fileobj=data, path_in_repo=f"f{number}").oid

    with ThreadPoolExecutor(8) as pool:
        commits = list(pool.map(upload, range(12)))
    assert sorted(hf.list_repo_files(REPO)) == sorted(f"f{number}" for number in range(12))
    history = [commit.commit_id for commit in hf.list_repo_commits(REPO)]
    assert len(set(commits)) == 12 and set(commits) < set(history) and len(history) == 13
    for number in range(12):
        assert set(Path(hf.hf_hub_download(REPO, f"f{number}")).read_bytes()) == {number}


def test_one_content_sent_twice_at_once(hub: Hub) -> None:
    hf.create_repo(REPO)
    with ThreadPoolExecutor(4) as pool:
        for path in "abcd":
            pool.submit(hf.upload_file, repo_id=REPO, path_or_fileobj=b"x" * 50_000, path_in_repo=path)
    assert hf.list_repo_files(REPO) == ["a", "b", "c", "d"]


def test_one_repository_is_made_by_one_of_many(hub: Hub) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: hf.create_repo(REPO, exist_ok=True), range(8)))
    assert len(hf.list_repo_commits(REPO)) == 1


def test_two_servers_share_a_folder(tmp_path: Path) -> None:
    """Two notebooks are open: each runs a hub, and none loses what the other one pushed."""
    with local_hub(tmp_path / "hub") as first, local_hub(tmp_path / "hub") as second, using(first):
        hf.create_repo(REPO)

        def upload(number: int) -> None:
            there = first if number % 2 else second
            api = hf.HfApi(endpoint=there.endpoint, token=there.token or "")
            api.upload_file(repo_id=REPO, path_or_fileobj=b"x", path_in_repo=f"f{number}")

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(upload, range(8)))
        assert len(hf.list_repo_files(REPO)) == 8 and len(hf.list_repo_commits(REPO)) == 9


def test_a_new_hub_on_the_folder_goes_on(tmp_path: Path) -> None:
    with local_hub(tmp_path / "hub", limits=SMALL) as hub, using(hub):
        hf.create_repo(REPO)
        first = hf.upload_file(repo_id=REPO, path_or_fileobj=b"x" * 5_000, path_in_repo="w").oid
    with local_hub(tmp_path / "hub", limits=SMALL) as hub, using(hub, tmp_path / "fresh"):
        assert hf.model_info(REPO).sha == first
        assert Path(hf.hf_hub_download(REPO, "w")).read_bytes() == b"x" * 5_000
        again = hf.upload_file(repo_id=REPO, path_or_fileobj=b"x" * 5_000, path_in_repo="w")
        assert again.oid == first  # the same bytes: nothing was sent


def test_the_port_is_free_again(tmp_path: Path) -> None:
    for _ in range(3):
        with local_hub(tmp_path / "hub") as hub, using(hub):
            port = int(hub.endpoint.rsplit(":", 1)[1])
            hf.create_repo(REPO, exist_ok=True)  # leaves a connection open
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
        with local_hub(tmp_path / "hub", port=port) as same:
            assert same.endpoint == hub.endpoint
