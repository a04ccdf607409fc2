"""What a notebook's kernel finds in its environment: the same for rendering and for nbval."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from ..root import ROOT, STATE

IPYTHON = STATE / "ipython"  # no profile in it
CELL_TIMEOUT = 120  # seconds
KERNEL_ARGUMENTS = ["--HistoryManager.hist_file=:memory:"]  # two kernels must not wait for one database
NO_TERMINAL = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # of the process, not of the cells

KERNEL_ENVIRONMENT = {
    "COLUMNS": "100",  # for commands started from a cell: their width must not be the author's terminal
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "agg",  # nothing shows a figure by itself: show.publish does, with its alt text
    "OMP_NUM_THREADS": "1",  # also decides the order of floating-point sums
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}


def kernel_environment(mode: str, *, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a kernel that runs this tree's code in ``mode`` (``"solutions"`` or ``"student"``).

    Nothing of the caller's own course settings or IPython configuration gets through: a profile with
    ``ast_node_interactivity = "all"`` would change the output of every cell.
    """
    inherited = {
        name: value
        for name, value in (os.environ if base is None else base).items()
        if not name.startswith(("LABS_", "PYTEST_"))
    }
    paths = [str(ROOT), *filter(None, [inherited.get("PYTHONPATH")])]
    IPYTHON.mkdir(parents=True, exist_ok=True)  # IPython warns where it cannot
    own = {"IPYTHONDIR": str(IPYTHON), "LABS_MODE": mode, "PYTHONPATH": os.pathsep.join(paths)}
    return {**inherited, **KERNEL_ENVIRONMENT, **own}
