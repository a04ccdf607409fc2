"""A kernel that is known to be dead within a second, started the same way for rendering and for nbval."""

from __future__ import annotations

import time
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager, RunningKernel, start_new_kernel

from .environment import KERNEL_ARGUMENTS, NO_TERMINAL, kernel_environment

POLL = 1.0  # seconds between two looks at the process


class KernelDied(Exception):
    """The kernel's process is gone."""


class WatchedKernel(RunningKernel):
    """nbval's kernel in this environment, whatever kernel the notebook names, with its process in view."""

    def __init__(self, folder: Path, mode: str, startup_timeout: float = 60) -> None:
        self.km, self.kc = start_new_kernel(
            startup_timeout=startup_timeout,
            kernel_name=CURRENT_ENV_KERNEL_NAME,
            cwd=str(folder),
            env=kernel_environment(mode),
            extra_arguments=KERNEL_ARGUMENTS,
            **NO_TERMINAL,
        )
        self._ensure_iopub_up()

    def get_message(self, stream: str, timeout: float | None = None) -> Any:
        """The next message. nbval would wait out the cell's timeout for a process that is gone."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            rest = POLL if end is None else min(POLL, max(0.0, end - time.monotonic()))
            try:
                return super().get_message(stream, timeout=rest)
            except Empty:
                if not self.is_alive():
                    raise KernelDied("the kernel died (out of memory, or a crash in native code?)") from None
                if end is not None and time.monotonic() >= end:
                    raise

    def stop(self) -> None:
        """Shut down for good, also what is left of a dead kernel."""
        if hasattr(self, "km"):
            super().stop()


def manager() -> AsyncKernelManager:
    """For nbclient, a manager that never takes a user's own ``python3`` kernel from another environment."""
    return AsyncKernelManager(kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager())
