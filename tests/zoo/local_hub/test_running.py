"""The server's own life: where it listens, what ``labs hub serve`` prints, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from labs_lib.course.root import ROOT
from labs_lib.zoo.local_hub import Hub, lesson_hub, local_hub

from .conftest import DEADLINE, Served, ask, run


def test_only_this_machine_can_connect(hub: Hub) -> None:
    port = int(hub.endpoint.rsplit(":", 1)[1])
    assert hub.endpoint == f"http://127.0.0.1:{port}"
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {"127.0.0.1"}
    for address in {*others, "127.0.0.2"}:
        with socket.socket() as probe:
            probe.settimeout(DEADLINE)
            assert probe.connect_ex((str(address), port)) != 0


def test_a_taken_port_is_said(hub: Hub, tmp_path: Path) -> None:
    port = int(hub.endpoint.rsplit(":", 1)[1])
    with pytest.raises(OSError, match=f"port {port} is not free .*choose another"), local_hub(tmp_path, port=port):
        pass


def test_the_thread_ends_with_the_block_even_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), local_hub(tmp_path / "hub"):
        assert any(thread.name == "local hub" for thread in threading.enumerate())
        raise ZeroDivisionError
    assert not any(thread.name == "local hub" for thread in threading.enumerate())


def test_a_token_is_made_or_taken(tmp_path: Path) -> None:
    with (
        local_hub(tmp_path / "a") as one,
        local_hub(tmp_path / "b") as two,
        local_hub(tmp_path / "c", token="t") as three,
    ):
        assert one.token != two.token and len(one.token or "") > 16 and three.token == "t"


def test_a_lesson_uses_the_hub_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example/")
    monkeypatch.setenv("HF_TOKEN", "mine")
    with lesson_hub(tmp_path / "hub") as hub:
        assert (hub.endpoint, hub.token) == ("https://hub.example", "mine")
    assert not (tmp_path / "hub").exists()
    monkeypatch.delenv("HF_ENDPOINT")
    with lesson_hub(tmp_path / "hub") as hub:
        assert hub.endpoint.startswith("http://127.0.0.1:") and os.environ["HF_ENDPOINT"] == hub.endpoint
    assert "HF_ENDPOINT" not in os.environ


def test_importing_it_loads_neither_server_nor_client() -> None:
    code = "import sys, labs_lib.zoo.local_hub; print({'starlette', 'uvicorn', 'huggingface_hub'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.slow
def test_the_command_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    with Served(tmp_path / "hub", "--token", "word") as served:
        assert served.lines[0].startswith(f"{tmp_path / 'hub'} is served at http://127.0.0.1:")
        assert served.settings["HF_TOKEN"] == "word" and served.settings["HF_HUB_DISABLE_XET"] == "1"
        code = "import huggingface_hub as hf; print(hf.create_repo('labs/x').repo_id, hf.model_info('labs/x').id)"
        assert run(served.hub, code).stdout.split() == ["labs/x", "labs/x"]
        assert ask(served.hub, "POST", "/api/repos/create", {"name": "y"}, Authorization="")[0] == 401
        served.process.send_signal(signal.SIGINT)
        out, err = served.process.communicate(timeout=DEADLINE)
        assert (out, err, served.process.returncode) == ("stopped\n", "", 0)


@pytest.mark.slow
def test_without_a_token_all_of_the_machine_may_write(tmp_path: Path) -> None:
    with Served(tmp_path / "hub") as served:
        assert ask(served.hub, "POST", "/api/repos/create", {"name": "y"}, Authorization="")[0] == 200
        port = served.hub.endpoint.rsplit(":", 1)[1]
        command = [sys.executable, "-m", "labs_lib", "hub", "serve", "--port", port, "--root", str(tmp_path / "hub")]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE)
        assert second.returncode == 1 and second.stderr.startswith(f"labs: port {port} is not free")
        assert second.stderr.count("\n") == 1
