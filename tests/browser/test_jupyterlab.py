"""A person's first lesson, in a real browser: open lesson 3, run all cells, move a slider, see the figure change."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MINUTES = 60_000  # playwright counts in milliseconds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian: apt-get install chromium)"),
]


@pytest.fixture
def address(tree) -> Iterator[str]:
    """JupyterLab on a pristine copy of the course, with the learner's copy of lesson 3."""
    started = tree.labs("start", "3")
    assert started.returncode == 0, started.stdout + started.stderr
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = tree.root / "settings" / "overrides.json"
    settings.parent.mkdir()
    settings.write_text(
        '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}'
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LABS_", "PYTEST_"))}
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1"),
            *("--IdentityProvider.token=", f"--LabApp.app_settings_dir={settings.parent}"),
        ],
        cwd=tree.root,
        env={**clean, "PYTHONPATH": str(tree.root), "JUPYTER_CONFIG_DIR": str(tree.root / "settings")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_until_up(server, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_lesson_three_runs_and_its_widget_answers(address):
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is in the dev extra")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/lab/tree/workspace/03_quantize_a_tensor.ipynb", timeout=2 * MINUTES)
        page.get_by_text(re.compile("Python 3.*Idle")).first.wait_for(timeout=2 * MINUTES)
        _run_all(page)

        slider = page.get_by_role("slider").first
        slider.wait_for(timeout=2 * MINUTES)
        picture = page.locator(".widget-html img, .widget-html-content img").first
        picture.scroll_into_view_if_needed()
        before = (picture.get_attribute("src"), picture.get_attribute("alt"))
        slider.focus()
        page.keyboard.press("ArrowLeft")
        changed = "before => document.querySelector('.widget-html-content img').src !== before"
        page.wait_for_function(changed, arg=before[0], timeout=MINUTES)
        after = (picture.get_attribute("src"), picture.get_attribute("alt"))
        errors = page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]').count()
        fallback = page.get_by_text("03.2 is not written yet: using the reference").count()
        browser.close()
    assert "4 bits" in before[1]
    assert "3 bits" in after[1]
    assert errors == 0
    assert fallback == 1


def _run_all(page) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def _wait_until_up(server: subprocess.Popen[str], port: int) -> None:
    """Read the server's log until it names its address; go on reading so that the pipe never fills."""
    said = []
    for line in server.stderr:
        said.append(line)
        if f"http://127.0.0.1:{port}/lab" in line:
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return
    pytest.fail(f"JupyterLab ended before it answered:\n{''.join(said)}")
