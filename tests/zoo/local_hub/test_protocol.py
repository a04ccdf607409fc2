"""What no well-behaved client sends: names that lead elsewhere, wrong bytes, too much, web pages."""

from __future__ import annotations

import base64
import http.client
import json
from pathlib import Path

import huggingface_hub as hf
import pytest

from labs_lib.zoo.local_hub import Hub, local_hub
from labs_lib.zoo.local_hub.names import file_path, repo_id
from labs_lib.zoo.local_hub.refusals import Refused
from labs_lib.zoo.local_hub.snapshots import Store

from .conftest import SMALL, ask, commit_lines, lfs_address, sha256

pytestmark = pytest.mark.slow  # a hub is started and stopped for each test

REPO = "labs/tiny"
COMMIT = f"/api/models/{REPO}/commit/main"
LARGE = bytes(range(256)) * 100
HIDDEN = "what nobody may read"
BAD_PATHS = [
    "../x",
    "a/../../x",
    "/etc/passwd",
    "a//b",
    "./a",
    "a/",
    "",
    "..",
    "a\0b",
    "a\\..\\b",
    "C:x",
    "a\nb",
    ".git/x",
]
BAD_PATHS += ["x" * 256, "a/" * 600 + "a", "\ud800"]


@pytest.fixture
def root(hub: Hub, tmp_path: Path) -> Path:
    """The hub's folder, with one repository that holds ``a`` and a secret beside it."""
    hf.create_repo(REPO)
    hf.upload_file(repo_id=REPO, path_or_fileobj=b"A", path_in_repo="a")
    (tmp_path / "secret").write_text(HIDDEN)
    return tmp_path / "hub"


def file_change(path: object, data: bytes = b"x") -> tuple[str, dict[str, object]]:
    return "file", {"path": path, "content": base64.b64encode(data).decode(), "encoding": "base64"}


def head(hub: Hub) -> str:
    sha = hf.model_info(REPO).sha
    assert sha is not None
    return sha


@pytest.mark.parametrize("path", BAD_PATHS)
def test_a_bad_name_is_never_committed(hub: Hub, root: Path, path: str) -> None:
    before = head(hub)
    large = {"path": path, "oid": sha256(b"A"), "size": 1, "algo": "sha256"}
    for change in (file_change(path), ("lfsFile", large), ("deletedFile", {"path": path})):
        status, _, said = ask(hub, "POST", COMMIT, commit_lines(file_change("good"), change))
        assert status == 400 and b"file's name must be" in said
    status, _, _ = ask(hub, "POST", f"/api/models/{REPO}/preupload/main", {"files": [{"path": path, "size": 1}]})
    assert status == 400
    assert head(hub) == before


@pytest.mark.parametrize(
    "path", ["a", "a/b.json", "..a", "a..", "model-00001-of-00002.safetensors", "ä ö.txt", ".gitattributes"]
)
def test_a_good_name_is(path: str) -> None:
    assert file_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "../../../secret",
        "..%2f..%2f..%2fsecret",
        "%2e%2e/%2e%2e/secret",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "a%00",
        "..\\secret",
        "a/../../../../../secret",
        "....//secret",
        "a/",
        "a%2f..%2fa",
        "%252e%252e%252fsecret",
        "%ff",
        "a%0d%0aX:%20y",
    ],
)
def test_no_address_leads_out(hub: Hub, root: Path, path: str) -> None:
    for where in (f"/{REPO}/resolve/main/{path}", f"/{REPO}/resolve/{path}/a", f"/{path}/tiny/resolve/main/a"):
        for method in ("GET", "HEAD"):
            status, headers, body = ask(hub, method, where)
            assert status == 404 and HIDDEN.encode() not in body
            assert "x" not in headers
    for where in (f"/api/models/labs/{path}", f"/api/models/{REPO}/revision/{path}", f"/api/models/{REPO}/tree/{path}"):
        assert ask(hub, "GET", where)[0] == 404


@pytest.mark.parametrize(
    "name", ["..", ".", "", "a/../../b", "/abs", "a\0", "a b", "-a", "a.", "a--b", "a" * 97, "é", "a\n"]
)
def test_a_bad_repository_name_is_refused(hub: Hub, root: Path, name: str) -> None:
    before = sorted(root.rglob("*"))
    for asked in ({"organization": "labs", "name": name}, {"organization": name or "..", "name": "good"}):
        status, _, said = ask(hub, "POST", "/api/repos/create", asked)
        assert status == 400 and b"the name is not allowed" in said
    with pytest.raises(Refused):
        repo_id("labs", name)
    assert sorted(root.rglob("*")) == before


def test_links_on_the_disk_are_not_followed(hub: Hub, root: Path) -> None:
    outside = root.parent / "outside"
    (root / "models" / REPO).rename(outside)
    (root / "models" / REPO).symlink_to(outside)
    for where in (f"/api/models/{REPO}", f"/{REPO}/resolve/main/a"):
        status, _, said = ask(hub, "GET", where)
        assert status == 403 and b"follows no links" in said
    assert ask(hub, "POST", COMMIT, commit_lines(file_change("b")))[0] == 403


def test_a_content_that_became_a_link_is_not_sent(hub: Hub, root: Path) -> None:
    blob = root / "blobs" / sha256(b"A")
    blob.unlink()
    blob.symlink_to(root.parent / "secret")
    status, _, said = ask(hub, "GET", f"/{REPO}/resolve/main/a")
    assert status == 403 and HIDDEN.encode() not in said


def test_wrong_bytes_are_refused(hub: Hub, root: Path) -> None:
    address = lfs_address(hub, REPO, LARGE)
    for wrong in (LARGE[:-1] + b"!", LARGE[:-1], LARGE + b"!", b""):
        status, _, said = ask(hub, "PUT", address, wrong)
        assert status == 400 and (b"was damaged" in said or b"more came" in said)
    large = {"path": "w", "oid": sha256(LARGE), "size": len(LARGE), "algo": "sha256"}
    status, _, said = ask(hub, "POST", COMMIT, commit_lines(("lfsFile", large)))
    assert status == 400 and b"never uploaded" in said
    assert not list((root / "incoming").iterdir()) and not (root / "blobs" / sha256(LARGE)).exists()
    assert ask(hub, "PUT", address, LARGE)[0] == 200
    assert ask(hub, "POST", COMMIT, commit_lines(("lfsFile", {**large, "size": 1})))[0] == 400
    assert ask(hub, "POST", COMMIT, commit_lines(("lfsFile", large)))[0] == 200
    assert ask(hub, "GET", f"/{REPO}/resolve/main/w")[2] == LARGE


def test_an_address_for_one_content_takes_no_other(hub: Hub, root: Path) -> None:
    address = lfs_address(hub, REPO, LARGE)
    other = b"!" + LARGE[1:]
    assert ask(hub, "PUT", address.replace(sha256(LARGE), sha256(other)), other)[0] == 403
    for wrong in ("?size=5", "", "?size=x&ticket=y", "?size=" + "9" * 5000 + "&ticket=", "?size=5&ticket=%C3%A9"):
        assert ask(hub, "PUT", address.split("?")[0] + wrong, b"12345")[0] in (400, 403)
    assert ask(hub, "PUT", "/lfs/..%2f..%2fmain?size=1&ticket=x", b"1")[0] in (400, 404)


def test_damage_on_the_disk_is_noticed(hub: Hub, root: Path) -> None:
    blob = root / "blobs" / sha256(b"A")
    assert ask(hub, "GET", f"/{REPO}/resolve/main/a")[0] == 200
    for damage in (b"", b"B"):
        blob.write_bytes(damage)
        status, _, said = ask(hub, "GET", f"/{REPO}/resolve/main/a")
        assert status == 409 and b"damaged or gone" in said
    assert ask(hub, "POST", COMMIT, commit_lines(file_change("again", b"A")))[0] == 200  # the same bytes mend it
    assert ask(hub, "GET", f"/{REPO}/resolve/main/a")[2] == b"A"
    snapshot = root / "models" / REPO / "commits" / head(hub)
    snapshot.write_bytes(snapshot.read_bytes().replace(b'"a"', b'"b"'))
    status, _, said = ask(hub, "GET", f"/api/models/{REPO}")
    assert status == 409 and b"is damaged" in said


@pytest.mark.parametrize(
    "asked,expected",
    [("bytes=0-9", LARGE[:10]), ("bytes=100-", LARGE[100:]), ("bytes=-7", LARGE[-7:]), ("bytes=5-5", LARGE[5:6])],
)
def test_a_range_is_a_part_of_the_file(hub: Hub, root: Path, asked: str, expected: bytes) -> None:
    hf.upload_file(repo_id=REPO, path_or_fileobj=LARGE, path_in_repo="w")
    status, headers, body = ask(hub, "GET", f"/{REPO}/resolve/main/w", Range=asked)
    assert (status, body) == (206, expected)
    assert headers["content-range"].endswith(f"/{len(LARGE)}")
    assert headers["x-repo-commit"] == head(hub) and headers["x-linked-etag"] == f'"{sha256(LARGE)}"'


def test_a_range_beyond_the_end_is_refused(hub: Hub, root: Path) -> None:
    assert ask(hub, "GET", f"/{REPO}/resolve/main/a", Range="bytes=5-9")[0] == 416


def test_too_much_is_refused_with_the_limit(hub: Hub, root: Path) -> None:
    before = head(hub)
    half = [file_change(f"f{number}", b"x" * 1_999) for number in range(8)]
    cases = [
        (COMMIT, commit_lines(*half), "the request is larger", SMALL.commit),
        (COMMIT, commit_lines(file_change("b", b"x" * 2_001)), "inside a commit, is larger", SMALL.regular),
        (COMMIT, commit_lines(*[file_change(str(n), b"") for n in range(21)]), "at most", SMALL.files),
        (COMMIT, commit_lines(*[file_change(str(n), b"") for n in range(20)]), "at most", SMALL.files),
        (f"/api/models/{REPO}/preupload/main", {"files": [{"path": "b", "size": 3_000_000}]}, "b is", SMALL.file),
        ("/api/validate-yaml", {"content": "x" * 20_000}, "the request is larger", SMALL.request),
    ]
    for where, body, said, limit in cases:
        status, headers, answer = ask(hub, "POST", where, body)
        message = json.loads(answer)["error"]
        assert status == 413 and said in message and str(limit) in message, message
        assert headers["x-error-message"] == message
    wanted = {"objects": [{"oid": "0" * 64, "size": 3_000_000}]}
    answer = json.loads(ask(hub, "POST", f"/{REPO}.git/info/lfs/objects/batch", wanted)[2])
    assert answer["objects"][0]["error"]["code"] == 413
    assert head(hub) == before


def test_a_refusal_is_heard_by_who_is_still_sending(hub: Hub, root: Path) -> None:
    much = b"x" * 50_000_000  # more than the system keeps between two programs
    for where in (COMMIT, "/api/validate-yaml"):
        status, _, said = ask(hub, "POST", where, much)
        assert status == 413 and b"larger than this hub takes" in said
    assert ask(hub, "POST", COMMIT, much, Authorization="")[0] == 401
    assert ask(hub, "PUT", f"/lfs/{sha256(much)}?size=50000000", much)[0] == 403


def test_a_limit_holds_without_a_length(hub: Hub, root: Path) -> None:
    def pieces():
        for _ in range(100):
            yield b"x" * 1_000

    connection = http.client.HTTPConnection(hub.endpoint.removeprefix("http://"), timeout=30)
    connection.request("POST", COMMIT, pieces(), {"Authorization": f"Bearer {hub.token}"}, encode_chunked=True)
    answer = connection.getresponse()
    assert answer.status == 413 and b"larger" in answer.read()
    connection.close()


@pytest.mark.parametrize(
    "body",
    [b"", b"\n\n", b"{", b"[]\n", b'{"key": "file"}\n', b'{"key": "file", "value": []}\n', b"\xff\n", b"[" * 15_000]
    + [
        commit_lines(("copy", {"path": "a"})),
        commit_lines(("file", {"path": "b", "encoding": "utf-8", "content": "x"})),
    ]
    + [
        commit_lines(("file", {"path": "b", "encoding": "base64", "content": wrong}))
        for wrong in ("*", 7, None, "é", "QQ")
    ]
    + [
        commit_lines(("lfsFile", {"path": "b", "oid": wrong, "size": 1}))
        for wrong in ("", None, "../../main", "A" * 64)
    ]
    + [commit_lines(("lfsFile", {"path": "b", "oid": "0" * 64, "size": wrong})) for wrong in (-1, "1", None, 1.5)]
    + [commit_lines(("file", {"path": ["b"], "encoding": "base64", "content": ""}))],
)
def test_a_commit_that_makes_no_sense_changes_nothing(hub: Hub, root: Path, body: bytes) -> None:
    before = hf.list_repo_files(REPO)
    status, _, said = ask(hub, "POST", COMMIT, body)
    assert status == (200 if not body.strip() else 400), said
    assert hf.list_repo_files(REPO) == before


def test_a_file_cannot_be_a_folder_too(hub: Hub, root: Path) -> None:
    status, _, said = ask(hub, "POST", COMMIT, commit_lines(file_change("a/b")))
    assert status == 400 and b"cannot be a file and the folder of" in said
    assert hf.list_repo_files(REPO) == ["a"]


def test_web_pages_are_refused(hub: Hub, root: Path) -> None:
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": hub.endpoint},
        {"Host": "evil.example"},
        {"Host": ""},
    ):
        status, _, said = ask(hub, "GET", f"/api/models/{REPO}", None, **headers)
        assert status == 403 and b"programs of this machine" in said
    assert (
        ask(hub, "GET", f"/api/models/{REPO}", None, Host=hub.endpoint.replace("http://127.0.0.1", "localhost"))[0]
        == 200
    )


def test_an_unknown_address_says_so(hub: Hub, root: Path) -> None:
    status, _, said = ask(hub, "GET", "/api/nothing")
    assert status == 404 and b"this hub has no GET '/api/nothing'" in said
    status, _, said = ask(hub, "GET", f"/api/models/{REPO}/xet-write-token/main")
    assert status == 404 and b"HF_HUB_DISABLE_XET=1" in said


def test_a_disk_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Store, repo: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Store, "create", full)
    with local_hub(tmp_path / "hub") as hub:
        status, _, said = ask(hub, "POST", "/api/repos/create", {"name": "x"})
    assert status == 507 and b"No space left on device" in said
