"""environment.yml, pyproject.toml and constraints.txt must describe one environment."""

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

from labs_lib.course.root import ROOT

rattler = pytest.importorskip("rattler", reason="py-rattler parses conda's match specs; it is in the dev extra")
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}
CONDA_ONLY = {"python", "pip"}


def conda_entries():
    return yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]


def conda_requirements():
    """Every requirement of environment.yml as a pip requirement, conda's and pip's together."""
    found = {}
    for entry in conda_entries():
        if isinstance(entry, dict):
            lines = [Requirement(line) for line in entry["pip"] if not line.startswith("-")]
            found.update({line.name: str(line.specifier) for line in lines})
        else:
            spec = rattler.MatchSpec(entry)
            name = spec.name.normalized
            if name not in CONDA_ONLY:
                found[CONDA_NAMES.get(name, name)] = str(spec.version)
    return found


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def project_requirements():
    lines = [*project()["dependencies"], *project()["optional-dependencies"]["dev"]]
    return {Requirement(line).name: str(Requirement(line).specifier) for line in lines}


@pytest.mark.parametrize("entry", [entry for entry in conda_entries() if isinstance(entry, str)])
def test_each_conda_entry_is_a_match_spec(entry):
    assert rattler.MatchSpec(entry, strict=True).name.normalized


def test_a_bad_entry_is_refused():
    with pytest.raises(Exception, match="not valid"):
        rattler.MatchSpec("torch >=2.6 oops=1=2=3", strict=True)


def test_conda_and_pip_ask_for_the_same_packages_and_bounds():
    assert conda_requirements() == project_requirements()


def test_python_is_the_same():
    python = next(entry for entry in conda_entries() if str(entry).startswith("python>"))
    assert python == "python" + project()["requires-python"]


def test_conda_installs_the_course_itself():
    assert "-e ." in conda_entries()[-1]["pip"]


def test_every_package_is_pinned_within_its_range():
    pins = dict(re.findall(r"^([\w-]+)==([\w.]+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    lines = [Requirement(line) for line in [*project()["dependencies"], *project()["optional-dependencies"]["dev"]]]
    for line in lines:
        assert line.name in pins, f"{line.name} has no pin in constraints.txt"
        assert pins[line.name] in line.specifier
