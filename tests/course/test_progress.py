"""Progress is derived from files: a remembered verdict saves seconds, and losing it costs nothing else."""

from __future__ import annotations

import json
import shutil

import pytest

LIGHT = """
import sys
from labs_lib.course.cli import main
sys.argv = ["labs", *{arguments!r}]
try:
    main()
finally:
    print(sorted(name for name in ("torch", "pytest", "numpy", "IPython") if name in sys.modules), file=sys.stderr)
"""


@pytest.fixture
def judged(course, monkeypatch):
    """How many exercises the engine judged since the last look."""
    engine, seen = course.module("course.engine"), []
    original = engine.judge

    def judge(wanted, **options):
        seen.extend(wanted)
        return original(wanted, **options)

    monkeypatch.setattr(engine, "judge", judge)

    def look():
        ids, seen[:] = list(seen), []
        return ids

    return look


def check(course, *names):
    return course.labs("check", *names).out


def test_what_has_not_changed_is_not_judged_again(course, judged):
    course.solve("03.1", "03.4")
    first = check(course)
    assert judged() == ["03.1", "03.4"]
    assert check(course) == first
    assert "points: 20 of 520" in course.labs("status").out
    assert judged() == []


def test_an_edit_of_the_file_counts(course, judged):
    course.solve("03.1")
    check(course, "03.1")
    judged()
    course.file.write_text(course.text() + "# a comment\n")
    assert "passed" in check(course, "03.1")
    assert judged() == ["03.1"]
    course.write("03.1", "return 0, 1")
    assert "not yet" in check(course, "03.1")
    assert judged() == ["03.1"]


@pytest.mark.parametrize(
    "file",
    [
        "tests/laws/test_03_laws.py",
        "tests/mutants/ex_03_1.py",
        "solutions/affine.py",
        "labs_lib/course/checked/tensors.py",
        "labs_lib/course/lessons.toml",
        "labs_lib/my_own_helpers.py",
    ],
)
def test_all_that_a_verdict_depends_on_is_in_its_key(course, file):
    progress, entry = course.module("course.progress"), course.module("course.catalogue").find("03.1")
    before = progress.key_of(entry)
    path = course.root / file
    path.write_text((path.read_text() if path.exists() else "") + "\n# changed\n")
    progress._given_key.cache_clear()
    assert progress.key_of(entry) != before


def test_a_save_while_the_laws_run_is_judged_again(course, monkeypatch):
    engine = course.module("course.engine")
    original = engine.judge

    def judge(wanted, **options):
        outcomes = original(wanted, **options)
        course.write("03.1", "return 0, 1")
        return outcomes

    course.solve("03.1")
    monkeypatch.setattr(engine, "judge", judge)
    assert "passed" in check(course, "03.1")
    assert "not yet" in check(course, "03.1")


def test_deleting_the_state_loses_nothing(course):
    course.solve("03.1")
    before = course.labs("status").out
    shutil.rmtree(course.root / ".labs")
    assert course.labs("status").out == before


def test_a_failure_is_remembered_whole(course, judged):
    course.write("03.2", "print('p')\nreturn x * scale")
    first = check(course, "03.2")
    assert judged() == ["03.2"]
    assert check(course, "03.2") == first
    assert judged() == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"03.1": 5}', '{"03.1": {}}', '{"03.1": {"seal": null}}', "\ufeff\x00", "\udcff"]
)
def test_a_damaged_state_file_is_harmless(course, text):
    course.solve("03.1")
    check(course, "03.1")
    for name in ("verdicts.json", "hints.json"):
        (course.root / ".labs" / name).write_text(text, encoding="utf-8", errors="surrogateescape")
    assert "passed" in check(course, "03.1")
    assert course.labs("hint", "03.1").status == 0
    assert "hint 2 of 3" in course.labs("hint", "03.1", "2").out


def test_an_edited_verdict_counts_for_nothing(course):
    course.write("03.1", "return 0, 1")
    check(course, "03.1")
    path = course.root / ".labs" / "verdicts.json"
    stored = json.loads(path.read_text())
    stored["03.1"]["verdict"] |= {"state": "passed", "points": 5}
    path.write_text(json.dumps(stored))
    assert "not yet" in check(course, "03.1")
    path.write_text(path.read_text().replace('"max_points": 5', '"max_points": "many"'))
    assert course.labs("status").status == 0


def test_a_folder_that_cannot_be_written_to(course):
    course.solve("03.1")
    (course.root / ".labs").write_text("a file where the folder should be")
    assert course.labs("check", "03.1").status == 0
    assert course.labs("status").status == 0
    assert course.labs("hint", "03.1").status == 0
    done = course.labs("reset", "03.1")
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("labs: ")
    assert "\n" not in done.err.strip()
    assert "return -(2 **" in course.text()  # nothing was lost


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "03.1"], "03.1 q_range: passed"),
        (["check", "--json"], '"state": "not_started"'),
        (["status"], "points: 5 of 520"),
        (["next"], "03.2 quantize: Real values to codes"),
        (["hint", "03.2"], "hint 1 of 3"),
        (["--help"], "check"),
    ],
)
def test_a_warm_command_imports_no_torch(tree, course, arguments, said):
    course.solve("03.1")
    course.labs("check", "03.1")
    done = tree.run("-c", LIGHT.format(arguments=arguments))
    assert said in done.stdout
    assert done.stderr == "[]\n"
