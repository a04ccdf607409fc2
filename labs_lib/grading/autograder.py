"""``labs grade --gradescope-zip FILE``: an autograder that Gradescope builds once and runs for every submission.

Gradescope unpacks the zip to ``/autograder/source`` and runs ``setup.sh`` there. For every submission it runs
``run_autograder``, which reads ``/autograder/submission`` and writes ``/autograder/results/results.json``.

Without a course key in the zip every run draws its own hidden cases. With one, a learner's cases are the same in every
attempt, and the grade can be replayed elsewhere; whoever can read the zip, or the container from inside, has the key.
"""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from . import plan, release

FOLDERS = ("labs_lib/course", "labs_lib/grading", "solutions", "tests/laws", "tests/mutants")  # mutants: for diagnosis
FILES = ("labs_lib/__init__.py", "tests/__init__.py", "pyproject.toml", "constraints.txt")
KEY = "course-key"
SETUP = """#!/usr/bin/env bash
set -euo pipefail
apt-get update
apt-get install -y --no-install-recommends bubblewrap python3 python3-venv
cd "${AUTOGRADER_ROOT:-/autograder}/source"
python3 -m venv .uv
.uv/bin/pip install --quiet uv
export UV_TORCH_BACKEND=cpu UV_PYTHON_INSTALL_DIR="$PWD/.python"
.uv/bin/uv venv --python '>=3.11' .venv
.uv/bin/uv pip install --python .venv -c constraints.txt -r pyproject.toml
"""
RUN = """#!/usr/bin/env bash
# A submission never sees the course: it is read as text and run in a sandbox.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
cd "$root/source"
exec "${AUTOGRADER_PYTHON:-.venv/bin/python}" -m labs_lib.grading.autograder "$root" ONLY
"""
DATE = (2020, 1, 1, 0, 0, 0)  # the same course makes the same zip


def write(path: Path, only: Sequence[str], key: Path | None = None) -> None:
    """Write the zip.

    Args:
        path: of the zip; replaced if it is there.
        only: exercises or lessons to grade; all without one.
        key: of a file with the course key, to be put in.
    """
    plan.chosen(only)  # UnknownId now and not on Gradescope
    names = {*FILES, *(name for name in release.files(FOLDERS) if name.startswith(FOLDERS))}
    texts = {name: (release.ROOT / name).read_bytes() for name in names}
    texts |= {f"labs_lib/{file}": text.encode() for file, text in plan.untouched().items()}
    if key is not None:
        texts[KEY] = _key(key)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in sorted(texts.items()):
            _add(file, name, data)
        _add(file, "setup.sh", SETUP.encode(), executable=True)
        _add(file, "run_autograder", RUN.replace("ONLY", shlex.join(only)).encode(), executable=True)


def main(root: Path, only: Sequence[str]) -> int:
    """Grade one submission where Gradescope has laid it, and write its results in Gradescope's format."""
    from . import batch, intake, results, sandbox, seeds
    from .export import gradescope
    from .limits import Limits
    from .settings import Settings

    taken = intake.take(submitter(root / "submission_metadata.json"), root / "submission")
    key = root / "source" / KEY
    with tempfile.TemporaryDirectory(prefix="labs-grade-") as folder:
        course_key = seeds.key_from(key if key.is_file() else None, Path(folder, KEY))
        settings = Settings(Path(folder), course_key, sandbox.choose(), batch.order_of(only), Limits())
        print(f"backend {settings.backend}")  # for instructors: stdout is hidden from learners
        if settings.backend == "rlimits":
            print(sandbox.WARNING)
        data = batch.grade_one(taken, settings)
        batch.close()
    results.write(root / "results" / "results.json", gradescope.convert(data))
    return 0


def submitter(metadata: Path) -> str:
    """Who handed in, as the name that hidden cases are drawn for: the same in every attempt."""
    try:
        users = json.loads(metadata.read_text(encoding="utf-8"))["users"]
        return ",".join(sorted(str(user["email"]) for user in users)) or "submission"
    except (OSError, ValueError, KeyError, TypeError):
        return "submission"


def _key(path: Path) -> bytes:
    from .seeds import key_from

    return key_from(path, path)


def _add(file: zipfile.ZipFile, name: str, data: bytes, *, executable: bool = False) -> None:
    info = zipfile.ZipInfo(name, DATE)
    info.external_attr = (0o755 if executable else 0o644) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    file.writestr(info, data)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2:]))
