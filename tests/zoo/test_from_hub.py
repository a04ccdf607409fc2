"""Models of the Hub: from a server on this machine, from the cache, and the words when there is neither."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from labs_lib.course.root import ROOT
from labs_lib.zoo import catalogue, from_hub, load, places

REPOSITORY = "somebody/net"
COMMITS = {"main": "a" * 40, "early": "b" * 40}  # the Hub names every version by 40 hexadecimal digits
FOLDERS = {"a" * 40: "tiny-lm", "b" * 40: "tiny-lm-early"}
SCRIPT = """
import sys, time
from labs_lib.zoo import load
from labs_lib.zoo.catalogue import MissingModel, UnknownModel
for name, revision in (("somebody/net", None), ("somebody/net", "early"), ("somebody/typo", None)):
    try:
        model, tokenizer = load(name, revision=revision)
        weight = model.model.layers[0].mlp.up_proj.weight
        print(model.dtype, model.training, len(tokenizer), float(weight.double().sum()))
    except (MissingModel, UnknownModel) as error:
        print(type(error).__name__, error)
"""


class Hub(BaseHTTPRequestHandler):
    """As much of the Hub's protocol as a download needs."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].strip("/")
        if path == "":
            return self.answer(b"")
        if path.startswith(f"api/models/{REPOSITORY}"):
            _, _, rest = path.partition(f"{REPOSITORY}/revision/")
            commit = COMMITS.get(rest, rest) or COMMITS["main"]
            names = sorted(file.name for file in places.folder(FOLDERS[commit]).iterdir())
            siblings = [{"rfilename": name} for name in names]
            if "/tree/" in path:
                return self.missing("EntryNotFound", COMMITS["main"])
            return self.answer(json.dumps({"id": REPOSITORY, "sha": commit, "siblings": siblings}).encode())
        prefix = f"{REPOSITORY}/resolve/"
        if not path.startswith(prefix):
            return self.missing("RepoNotFound")
        revision, _, name = path.removeprefix(prefix).partition("/")
        commit = COMMITS.get(revision, revision)
        file = places.folder(FOLDERS[commit]) / name
        if not file.is_file():
            return self.missing("EntryNotFound", commit)
        body = file.read_bytes()
        self.answer(body, {"X-Repo-Commit": commit, "ETag": f'"{hashlib.sha1(body).hexdigest()}"'})

    do_HEAD = do_GET

    def missing(self, code: str, commit: str | None = None) -> None:
        self.answer(b"", {"X-Error-Code": code, **({"X-Repo-Commit": commit} if commit else {})}, status=404)

    def answer(self, body: bytes, headers: dict[str, str] | None = None, status: int = 200) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def refused() -> Iterator[str]:
    with socket.socket() as taken:  # bound and not listening: refuses at once
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.slow
def test_a_hub_id_is_loaded_by_revision_and_then_works_offline(hub, refused, tmp_path):
    def run(endpoint: str) -> list[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        settings = {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        command = [sys.executable, "-c", SCRIPT]
        done = subprocess.run(command, cwd=ROOT, env={**clean, **settings}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def expected(name: str) -> str:
        weight = load(name).model.model.layers[0].mlp.up_proj.weight
        return f"torch.float32 False 2048 {float(weight.detach().double().sum())}"

    online = run(f"http://127.0.0.1:{hub.server_port}")
    assert online[:2] == [expected("tiny-lm"), expected("tiny-lm-early")]
    assert online[2].startswith("UnknownModel the Hub has no model 'somebody/typo'")
    offline = run(refused)
    assert offline[:2] == online[:2]
    assert offline[2].startswith("MissingModel somebody/typo is not in the cache")


def test_offline_the_error_names_the_id_and_what_works(monkeypatch):
    monkeypatch.setattr(from_hub, "reachable", lambda: False)
    with pytest.raises(catalogue.MissingModel) as error:
        load("facebook/opt-125m-that-nobody-has")
    assert str(error.value) == (
        "facebook/opt-125m-that-nobody-has is not in the cache, and the Hugging Face Hub is out of reach "
        "(without a network: tiny-lm, tiny-lm-early, tiny-lm-outlier, smollm2-135m, minilm-l6)"
    )


def test_offline_the_fallback_stands_in(monkeypatch, capsys):
    monkeypatch.setattr(from_hub, "reachable", lambda: False)
    model, _ = load("facebook/opt-125m-that-nobody-has", fallback="tiny-lm")
    assert model.config.vocab_size == 2048
    assert capsys.readouterr().out.endswith(": tiny-lm stands in\n")


def test_whether_the_hub_is_reachable(hub, refused, monkeypatch):
    from huggingface_hub import constants

    address = f"http://127.0.0.1:{hub.server_port}"
    for offline, endpoint, expected in (
        (False, address, True),
        (False, f"{address}/nowhere", True),  # an answer of any kind
        (True, address, False),
        (False, refused, False),
        (False, "no address", False),
    ):
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
        monkeypatch.setattr(constants, "ENDPOINT", endpoint)
        assert from_hub.reachable() is expected
