"""The laws of a file as pytest collected them: once a process, however often they are run.

To collect them takes longer than to judge most exercises, and they are the same for every learner.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from .laws import plugin
from .root import ROOT

UNUSED = (  # of pytest's own plugins: what prints, captures, writes files, or has a word to say about every law
    "terminal capture logging warnings unraisableexception threadexception faulthandler debugging pastebin junitxml "
    "cacheprovider stepwise doctest unittest tmpdir setuponly setupplan skipping assertion subtests"
)
OPTIONS = ["-o", "addopts=", "-o", "testpaths=", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]


class Stopped(Exception):
    """A law asked for the end of the whole run."""


class Run(Protocol):
    """Whoever wants laws to be run, and is told how each came out."""

    def note(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None: ...


def run(file: Path, wanted: Callable[[tuple[str, str]], bool], asker: Run) -> None:
    """Run laws of one file.

    Args:
        wanted: says of an exercise id and a statement whether that law is to be run.
        asker: is what the fixtures of ``plugin`` find; gets every outcome.

    Raises:
        Stopped: before the last one.
        RuntimeError: pytest cannot read the file, or a law is itself broken.
    """
    with _clean_environment():
        if file not in _kept:
            _kept[file] = Laws(file)
        try:
            _kept[file].run(wanted, asker)
        except BaseException:
            del _kept[file]  # an item that was left halfway cannot be run again
            raise


class Laws:
    """A pytest session of one law file, and the pytest plugin that keeps its items for later."""

    def __init__(self, file: Path) -> None:
        self.items: list[pytest.Item] = []
        self.trouble: list[str] = []
        arguments = [str(file), *OPTIONS, "--disable-plugin-autoload", "-p", plugin.__name__]
        for name in UNUSED.split():
            arguments += ["-p", f"no:{name}"]
        status = pytest.main(arguments, plugins=[self])
        if self.trouble or status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            raise RuntimeError("\n".join([f"pytest cannot read {file.name} (status {int(status)})", *self.trouble]))

    def run(self, wanted: Callable[[tuple[str, str]], bool], asker: Run) -> None:
        chosen = [item for item in self.items if (law := plugin.law_of(item)) and wanted(law)]
        if not chosen:
            return
        plugin.begin(chosen[0].config, asker)
        for item, following in zip(chosen, [*chosen[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            plugin.forget(item)
            if item.session.shouldstop:
                raise Stopped(str(item.session.shouldstop))
        plugin.begin(chosen[0].config, None)  # what the asker holds may be large

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        plugin.begin(config, None)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble.append(report.longreprtext)

    def pytest_internalerror(self, excrepr: object) -> None:
        self.trouble.append(str(excrepr))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = [*session.items]
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        if call.when == "call" or not report.passed:
            item.config.stash[plugin.RUN].note(item, call, report)
        return report


_kept: dict[Path, Laws] = {}


@contextmanager
def _clean_environment() -> Iterator[None]:
    """pytest's own variables must not leak into a run inside a run, nor out of it."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PYTEST_")}
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("PYTEST_")]:
            del os.environ[name]
        os.environ.update(kept)
