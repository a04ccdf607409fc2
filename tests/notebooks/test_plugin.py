"""The run refuses to start where it would prove less than it seems to."""

from types import SimpleNamespace

import nbval
import pytest

from labs_lib.course.nb import plugin
from labs_lib.course.nb.environment import kernel_environment
from labs_lib.course.root import ROOT


def config(**options):
    return SimpleNamespace(option=SimpleNamespace(**{"nbval_lax": False, "nbval_cell_timeout": 2000, **options}))


def test_the_installed_nbval_is_the_one_that_is_extended():
    plugin.pytest_configure(config())


@pytest.mark.parametrize("version", ["0.10.0", "0.12.0", "1.0.0"])
def test_another_nbval_is_refused(monkeypatch, version):
    monkeypatch.setattr(nbval, "__version__", version)
    with pytest.raises(pytest.UsageError, match=f"extends nbval 0.11, this is {version}"):
        plugin.pytest_configure(config())


def test_lax_is_refused():
    with pytest.raises(pytest.UsageError, match="use --nbval"):
        plugin.pytest_configure(config(nbval_lax=True))


def test_a_cell_has_two_minutes_unless_told_otherwise():
    default, told = config(), config(nbval_cell_timeout=5.0)
    plugin.pytest_configure(default)
    plugin.pytest_configure(told)
    assert (default.option.nbval_cell_timeout, told.option.nbval_cell_timeout) == (120, 5.0)


def test_an_unknown_run_is_refused(monkeypatch):
    monkeypatch.setenv("LABS_NBVAL", "fallbak")
    with pytest.raises(pytest.UsageError, match="LABS_NBVAL must be one of solutions, fallback, got 'fallbak'"):
        plugin.pytest_configure(config())


def test_a_kernel_gets_one_fixed_environment():
    callers = {
        "LABS_MODE": "strict",
        "LABS_NBVAL": "fallback",
        "IPYTHONDIR": "mine",
        "OMP_NUM_THREADS": "8",
        "KEEP": "1",
    }
    given = kernel_environment("student", base={**callers, "PYTHONPATH": "elsewhere"})
    assert given["LABS_MODE"] == "student"
    assert given["OMP_NUM_THREADS"] == given["MKL_NUM_THREADS"] == "1"
    assert given["PYTHONHASHSEED"] == "0"
    assert given["HF_HUB_OFFLINE"] == given["TQDM_DISABLE"] == "1"
    assert given["KEEP"] == "1"
    assert given["IPYTHONDIR"].startswith(str(ROOT))
    assert given["PYTHONPATH"].split(":")[0] == str(ROOT)
    assert "LABS_NBVAL" not in given
