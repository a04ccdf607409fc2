"""``labs doctor``: is this machine ready, and if not, what to do."""

from __future__ import annotations

import os
import shutil
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

from .root import ROOT

PACKAGES = ("torch", "transformers", "matplotlib", "ipywidgets", "jupyterlab", "nbval", "pytest")
MEMORY_GB, DISK_GB = 4, 2


@dataclass(frozen=True)
class Finding:
    ok: bool
    what: str
    do: str = ""

    def line(self) -> str:
        """``[OK] what``, or ``[FAIL] what, do this``."""
        return f"[OK] {self.what}" if self.ok else f"[FAIL] {self.what}, {self.do}"


def examine() -> list[Finding]:
    """Every probe's finding, in the order that failures should be mended."""
    return [finding for probe in PROBES for finding in probe()]


def python() -> list[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info >= (3, 11)
    return [Finding(ok, f"Python {version}", "install Python 3.11 or newer from python.org and run `make lab` again")]


def packages() -> list[Finding]:
    findings = []
    for name in PACKAGES:
        try:
            findings.append(Finding(True, f"{name} {metadata.version(name)}"))
        except metadata.PackageNotFoundError:
            findings.append(Finding(False, f"{name} is not installed", "run `make lab`, which installs everything"))
    return findings


def models() -> list[Finding]:
    from ..zoo import catalogue, places

    large = [entry for entry in catalogue.ENTRIES if not entry.ships]
    return [Finding(places.available(entry), f"model {entry.name}", f"run `{entry.fetched}`") for entry in large]


def kernel() -> list[Finding]:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        argv = KernelSpecManager().get_kernel_spec("python3").argv
    except NoSuchKernel:
        return [Finding(False, "no Jupyter kernel python3", "run `python -m ipykernel install --sys-prefix`")]
    if os.path.isabs(argv[0]) and not os.path.exists(argv[0]):
        missing = f"the kernel python3 points at {argv[0]}, which is gone"
        return [Finding(False, missing, "run `python -m ipykernel install --sys-prefix`")]
    return [Finding(True, "Jupyter kernel python3")]


def memory() -> list[Finding]:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return []  # Windows: nothing to ask without another package
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    ok = gigabytes >= MEMORY_GB
    return [Finding(ok, f"{gigabytes:.0f} GB of memory", f"close other programs: {MEMORY_GB} GB are needed")]


def disk() -> list[Finding]:
    gigabytes = shutil.disk_usage(ROOT).free / 1e9
    ok = gigabytes >= DISK_GB
    return [Finding(ok, f"{gigabytes:.0f} GB of free disk", f"free some space: {DISK_GB} GB are needed")]


def hub() -> list[Finding]:
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        return [Finding(True, "Hugging Face Hub: offline by choice (HF_HUB_OFFLINE=1), the lessons need no network")]
    address = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=5):
            return [Finding(True, f"Hugging Face Hub reachable at {address}")]
    except (OSError, ValueError) as error:
        do = "set HF_HUB_OFFLINE=1 to work offline (the lessons need no network)"
        return [Finding(False, f"Hugging Face Hub not reachable at {address} ({error})", do)]


def fonts() -> list[Finding]:
    from matplotlib import font_manager

    try:
        font_manager.findfont("DejaVu Sans", fallback_to_default=False)
    except ValueError:
        return [Finding(False, "font DejaVu Sans is missing", "reinstall matplotlib, which brings it")]
    return [Finding(True, "font DejaVu Sans")]


PROBES: tuple[Callable[[], list[Finding]], ...] = (python, packages, kernel, models, memory, disk, hub, fonts)
