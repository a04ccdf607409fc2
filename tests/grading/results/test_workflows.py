"""The workflows that are ready to use: YAML, bash, and commands that there are."""

from __future__ import annotations

import base64
import itertools
import json
import re
import shlex
import shutil
import subprocess

import pytest
import typer.main
import yaml

from labs_lib.course.cli import app
from labs_lib.course.root import ROOT
from labs_lib.grading import export, results
from labs_lib.grading.autograder import RUN
from labs_lib.grading.export import classroom

FOLDER = ROOT / "docs" / "workflows"
NAMES = sorted(path.name for path in FOLDER.glob("*.yml"))
COMMANDS = typer.main.get_command(app).commands
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")


def steps(name: str) -> list[dict]:
    workflow = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    assert {True, "name", "permissions", "jobs"} == set(workflow), "YAML 1.1 reads `on` as true"
    assert workflow["permissions"] == {"contents": "read"}
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def runs(name: str) -> list[str]:
    return [step["run"] for step in steps(name) if "run" in step]


def calls(text: str) -> list[list[str]]:
    """The calls of `labs` in a piece of bash."""
    lines = [line for line in text.splitlines() if re.search(r"(^|/)labs ", line)]
    words = [shlex.split(line, comments=True) for line in lines]
    return [line[next(n for n, word in enumerate(line) if word.endswith("labs")) + 1 :] for line in words]


def test_both_are_there():
    assert NAMES == ["classroom.yml", "verify.yml"]


@pytest.mark.parametrize("name", NAMES)
def test_every_step_runs_bash_or_uses_a_tagged_action(name):
    for step in steps(name):
        assert ("run" in step) != ("uses" in step)
        if "run" in step:
            assert subprocess.run(["bash", "-n"], input=step["run"], text=True).returncode == 0
            assert not EXPRESSION.search(step["run"]), "what GitHub puts into a script is not quoted"
        else:
            assert re.fullmatch(r"(actions|classroom-resources)/[\w-]+@v\d+", step["uses"])


@pytest.mark.parametrize("name", NAMES)
def test_every_command_of_the_course_exists(name):
    found = [call for run in runs(name) for call in calls(run)]
    assert found
    for command, *words in found:
        options = {option for parameter in COMMANDS[command].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options
    for target in re.findall(r"^make (\w+)", "\n".join(runs(name)), re.MULTILINE):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)
    for path in re.findall(r"python course/(\S+)", "\n".join(runs(name))):
        assert (ROOT / path).is_file()


def test_the_graders_options_mean_something():
    (call,) = [call for run in runs("classroom.yml") for call in calls(run)]
    options = dict(itertools.pairwise(call))
    assert export.known([options["--format"]]) == ["classroom"]
    assert options["--backend"] == "bwrap", "a machine without it must fail, and not grade outside a sandbox"
    assert "labs_lib.grading.autograder" in RUN


def test_the_submission_is_checked_out_beside_the_course_and_without_its_machinery():
    submission, course = (step["with"] for step in steps("classroom.yml") if "checkout" in step.get("uses", ""))
    assert submission["path"].startswith("submissions/") and course["path"] == "course"
    assert submission["sparse-checkout"] == "/labs_lib/*.py"
    assert "repository" not in submission and "token" not in submission


@pytest.mark.skipif(shutil.which("jq") is None, reason="no jq here; GitHub's runners have it")
def test_the_reporter_gets_what_the_grader_wrote(tmp_path):
    laws = {"held": 0, "all": 1, "broken": "a law"}
    one = {"id": "03.1", "title": "A title", "state": "failed", "points": 0, "max_points": 5, "laws": laws}
    one |= {"message": "ünïcode\n'quoted'", "diagnosis": "", "seconds": 0.5}
    two = {**one, "id": "03.2", "state": "passed", "points": 15, "max_points": 15}
    made = classroom.convert({"exercises": [one, two]})
    results.write(tmp_path / "results" / "ada" / "classroom.json", made)
    grading = next(run for run in runs("classroom.yml") if "jq" in run)
    script = "\n".join(line for line in grading.splitlines() if line.startswith("jq"))
    names = {"GITHUB_ENV": str(tmp_path / "env"), "GITHUB_OUTPUT": str(tmp_path / "output"), "PATH": "/usr/bin:/bin"}
    subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=names, check=True)
    runners = (tmp_path / "output").read_text().strip().removeprefix("runners=").split(",")
    variables = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert runners == ["EX03_1", "EX03_2"]
    for runner in runners:
        assert json.loads(base64.b64decode(variables[f"{runner.upper()}_RESULTS"])) == made[runner]
