"""`labs doctor`: every probe can be well and can fail, and a failure says what to do."""

from __future__ import annotations

import http.server
import os
import shutil
import socket
import sys
import threading
from importlib import metadata
from typing import ClassVar

import pytest

from labs_lib.course import doctor
from labs_lib.course.doctor import Finding


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("HF_HUB_OFFLINE", "HF_ENDPOINT", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("NO_PROXY", "*")


def line(probe):
    (finding,) = probe()
    return finding.line()


def test_the_form_of_a_line():
    assert Finding(True, "Python 3.11.0", "unused").line() == "[OK] Python 3.11.0"
    assert Finding(False, "1 GB of memory", "close programs").line() == "[FAIL] 1 GB of memory, close programs"


def test_python(monkeypatch):
    assert line(doctor.python).startswith("[OK] Python 3.")
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    assert line(doctor.python) == (
        "[FAIL] Python 3.10.4, install Python 3.11 or newer from python.org and run `make lab` again"
    )


def test_packages(monkeypatch):
    assert [finding.ok for finding in doctor.packages()] == [True] * len(doctor.PACKAGES)

    def gone(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", gone)
    lines = [finding.line() for finding in doctor.packages()]
    assert lines[0] == "[FAIL] torch is not installed, run `make lab`, which installs everything"


def test_models(monkeypatch):
    from labs_lib.zoo import places

    monkeypatch.setattr(places, "available", lambda entry: entry.name == "minilm-l6")
    assert sorted(finding.line() for finding in doctor.models()) == [
        "[FAIL] model smollm2-135m, run `labs models fetch smollm2-135m`",
        "[OK] model minilm-l6",
    ]


def test_kernel(monkeypatch, tmp_path):
    from jupyter_client import kernelspec

    class Manager:
        argv: ClassVar = [sys.executable]

        def get_kernel_spec(self, name):
            if self.argv is None:
                raise kernelspec.NoSuchKernel(name)
            return self

    monkeypatch.setattr(kernelspec, "KernelSpecManager", Manager)
    assert line(doctor.kernel) == "[OK] Jupyter kernel python3"
    Manager.argv = ["python"]  # found on the PATH
    assert line(doctor.kernel) == "[OK] Jupyter kernel python3"
    Manager.argv = [str(tmp_path / "gone" / "python")]
    assert line(doctor.kernel).startswith("[FAIL] the kernel python3 points at ")
    Manager.argv = None
    assert line(doctor.kernel) == ("[FAIL] no Jupyter kernel python3, run `python -m ipykernel install --sys-prefix`")


@pytest.mark.skipif(not hasattr(os, "sysconf"), reason="Windows does not say")
def test_memory(monkeypatch):
    pages = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 2_000_000}
    monkeypatch.setattr(os, "sysconf", pages.__getitem__)
    assert line(doctor.memory) == "[OK] 8 GB of memory"
    pages["SC_PHYS_PAGES"] = 500_000
    assert line(doctor.memory) == "[FAIL] 2 GB of memory, close other programs: 4 GB are needed"
    monkeypatch.delattr(os, "sysconf")
    assert doctor.memory() == []


def test_disk(monkeypatch):
    free = 5e9
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(0, 0, free))
    assert line(doctor.disk) == "[OK] 5 GB of free disk"
    free = 1e9
    assert line(doctor.disk) == "[FAIL] 1 GB of free disk, free some space: 2 GB are needed"


def test_fonts(monkeypatch):
    from matplotlib import font_manager

    assert line(doctor.fonts) == "[OK] font DejaVu Sans"

    def missing(*arguments, **options):
        raise ValueError("Failed to find font")

    monkeypatch.setattr(font_manager, "findfont", missing)
    assert line(doctor.fonts) == "[FAIL] font DejaVu Sans is missing, reinstall matplotlib, which brings it"


class Hub(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_HEAD(self):
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def address():
    """A server on loopback."""
    with http.server.HTTPServer(("127.0.0.1", 0), Hub) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_hub_that_answers(monkeypatch, address):
    monkeypatch.setenv("HF_ENDPOINT", address)
    assert line(doctor.hub) == f"[OK] Hugging Face Hub reachable at {address}"
    monkeypatch.setattr(Hub, "status", 503)
    assert line(doctor.hub).startswith(f"[FAIL] Hugging Face Hub not reachable at {address} (HTTP Error 503")


@pytest.mark.parametrize("endpoint", ["not an address", "", "ftp:/nowhere", "http://127.0.0.1:99999"])
def test_an_endpoint_that_is_no_address(monkeypatch, endpoint):
    monkeypatch.setenv("HF_ENDPOINT", endpoint or " ")
    assert line(doctor.hub).startswith("[FAIL] Hugging Face Hub not reachable at ")


def test_a_hub_out_of_reach(monkeypatch):
    with socket.socket() as taken:  # bound and not listening: refuses at once
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{taken.getsockname()[1]}")
        said = line(doctor.hub)
    assert said.startswith("[FAIL] Hugging Face Hub not reachable at http://127.0.0.1:")
    assert said.endswith("set HF_HUB_OFFLINE=1 to work offline (the lessons need no network)")


@pytest.mark.parametrize("value", ["1", "true", "YES", "on"])
def test_offline_by_choice_asks_nobody(monkeypatch, value):
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    monkeypatch.setenv("HF_ENDPOINT", "not an address")
    assert line(doctor.hub).startswith("[OK] Hugging Face Hub: offline by choice (HF_HUB_OFFLINE=1)")


@pytest.mark.parametrize(("ok", "status"), [(True, 0), (False, 1)])
def test_the_command_fails_when_a_probe_does(course, monkeypatch, ok, status):
    module = course.module("course.doctor")
    probes = (lambda: [module.Finding(True, "one")], lambda: [module.Finding(ok, "two", "mend it")])
    monkeypatch.setattr(module, "PROBES", probes)
    done = course.labs("doctor")
    assert done.status == status
    assert done.out == ("[OK] one\n[OK] two\n" if ok else "[OK] one\n[FAIL] two, mend it\n")
