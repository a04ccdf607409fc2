"""A class through the pool: bounded, in spite of judges that die, and with what an earlier run had finished."""

from __future__ import annotations

import dataclasses
import gc
import io
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from labs_lib.grading import batch, results, run, sandbox
from labs_lib.grading.intake import Submission
from labs_lib.grading.results import Graded

from . import a_class


class FakeJudge:
    """Passes every exercise but the ones it is told to fail on."""

    versions = {"python": "3", "torch": "2"}  # noqa: RUF012, never changed

    def __init__(self, trouble=()):
        self.trouble, self.asked = dict(trouble), []

    def judge(self, texts, chosen, seed_of, *, echo):
        for entry in chosen:
            self.asked.append(entry.id)
            if entry.id in self.trouble:
                raise self.trouble[entry.id]
            yield dataclasses.replace(Graded.plain(entry, "failed", "no"), state="passed", points=entry.points)

    def close(self):
        self.asked.append("closed")


@pytest.fixture
def settings(tmp_path):
    return a_class.settings(tmp_path, "rlimits")


@pytest.fixture
def judge(monkeypatch):
    fake = FakeJudge()
    monkeypatch.setattr(batch, "_judge", lambda backend, limits: fake)
    return fake


def one(name="ada", text="x = 1"):
    return Submission(name, {"affine.py": text})


def test_finished_exercises_are_not_run_again(settings, judge):
    first = batch.grade_one(one(), settings)
    stored = settings.file(one())
    before = stored.stat().st_mtime_ns
    assert batch.grade_one(one(), settings) == first
    assert judge.asked == ["03.1", "03.2", "04.1"]
    assert stored.stat().st_mtime_ns == before


def test_what_is_missing_is_run(settings, judge):
    data = batch.grade_one(one(), settings)
    results.write(settings.file(one()), {**data, "exercises": data["exercises"][:1]})
    assert batch.grade_one(one(), settings) == data
    assert judge.asked[3:] == ["03.2", "04.1"]


@pytest.mark.parametrize(
    "changed",
    [
        {"key": b"another key for tests"},
        {"backend": "bwrap"},
        {"limits": dataclasses.replace(a_class.LIMITS, memory_mb=100)},
        {"echo": False},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_results_of_another_grading_are_not_taken_over(settings, judge, changed):
    batch.grade_one(one(), settings)
    batch.grade_one(one(), dataclasses.replace(settings, **changed))
    assert len(judge.asked) == 6


def test_neither_are_those_of_another_text_or_another_course(settings, judge, monkeypatch):
    batch.grade_one(one(), settings)
    batch.grade_one(one(text="x = 2"), settings)
    assert len(judge.asked) == 6
    monkeypatch.setattr("labs_lib.grading.settings.course_id", lambda: "with a new law")
    batch.grade_one(one(text="x = 2"), settings)
    assert len(judge.asked) == 9


def test_the_graders_own_failure_costs_one_exercise(settings, judge, capsys):
    judge.trouble["03.2"] = RuntimeError("the law is broken")
    data = batch.grade_one(one(), settings)
    assert [one["state"] for one in data["exercises"]] == ["passed", "not_gradable", "passed"]
    assert "RuntimeError" in data["exercises"][1]["message"]
    assert "ada, 03.2: RuntimeError: the law is broken" in capsys.readouterr().err


def test_a_machine_that_cannot_start_a_worker_stops_the_class(settings, judge):
    judge.trouble["03.2"] = sandbox.Unavailable("no bwrap")
    with pytest.raises(sandbox.Unavailable):
        batch.grade_one(one(), settings)
    assert len(results.read(settings.file(one()))["exercises"]) == 1


class Threads(ThreadPoolExecutor):
    """A pool of this process. ``poisoned`` submissions break it, as one that takes the memory would."""

    poisoned: dict = {}  # noqa: RUF012, emptied by the test
    broken = False

    def submit(self, function, *arguments):
        if self.broken:
            raise BrokenProcessPool
        name = arguments[0].name if arguments else "nothing"
        if self.poisoned.get(name, 0) > 0:
            self.poisoned[name] -= 1
            self.broken = True
            return super().submit(_die)
        return super().submit(function, *arguments)


def _die():
    raise BrokenProcessPool


@pytest.mark.slow
def test_two_thousand_submissions_are_never_in_memory_together(settings, monkeypatch):
    alive, most, asked = weakref.WeakSet(), [], []

    class Counted(Submission):
        """One that can be counted."""

    def class_of_2000():
        for number in range(2000):
            submission = Counted(f"s{number}", {"affine.py": "x" * 1000})
            alive.add(submission)
            yield submission

    def graded(submission, settings):
        asked.append(submission.name)
        return {"submission": submission.name}

    def done(data):
        most.append(len(alive))

    Counted.__hash__ = object.__hash__
    monkeypatch.setattr(batch, "grade_one", graded)
    monkeypatch.setattr(batch, "pool", lambda jobs: Threads(jobs))
    gc.collect()
    batch.grade_all(class_of_2000(), settings, jobs=2, done=done)
    assert len(asked) == len(most) == 2000
    assert max(most) <= 2 * batch.WAITING + 2


def test_a_judge_that_dies_is_replaced_and_what_kills_twice_has_crashed(settings, judge, monkeypatch):
    monkeypatch.setattr(Threads, "poisoned", {"s3": 1, "s5": 2})
    monkeypatch.setattr(batch, "pool", lambda jobs: Threads(jobs))
    found = {}
    submissions = (one(f"s{n}") for n in range(8))
    batch.grade_all(submissions, settings, jobs=1, done=lambda data: found.update({data["submission"]: data}))
    assert len(found) == 8
    assert {name for name, data in found.items() if data["points"] < 40} == {"s5"}
    assert [one["state"] for one in found["s5"]["exercises"]] == ["crashed"] * 3
    assert results.read(settings.file(one("s5"))) == found["s5"]


def test_a_machine_where_no_judge_lives_gives_nobody_a_zero(settings, monkeypatch):
    monkeypatch.setattr(Threads, "poisoned", {"nothing": 1, "ada": 1})
    monkeypatch.setattr(batch, "pool", lambda jobs: Threads(jobs))
    with pytest.raises(sandbox.Unavailable, match="ends before it has anything to do"):
        batch.grade_all(iter([one()]), settings, jobs=1, done=print)
    assert not settings.file(one()).exists()


def test_a_finished_class_needs_no_judge(settings, judge, monkeypatch):
    batch.grade_one(one(), settings)
    monkeypatch.setattr(batch, "pool", lambda jobs: Threads(jobs))
    monkeypatch.setattr(Threads, "submit", None)
    found = []
    refused = Submission("bo", refused="it is a link")
    batch.grade_all(iter([one(), refused]), settings, jobs=1, done=found.append)
    assert [data["points"] for data in found] == [40, 0]
    assert results.read(settings.file(refused)) == found[1]


def test_the_bar_shows_rate_and_remaining_time(monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    exercise = {"state": "not_gradable"}
    with run._counting(3) as done:
        done({"points": 5, "max_points": 5, "exercises": []})
        done({"points": 1, "max_points": 5, "exercises": [exercise, exercise]})
        done({"points": 0, "max_points": 5, "exercises": []})
    last = screen.getvalue().split("\r")[-1]
    assert "3/3" in last and "<" in last and " submissions" in last
    out = capsys.readouterr().out
    assert out.startswith("1 with all points, 1 with some points, 1 with no points\n1 with something not gradable")


def test_an_unknown_exercise_or_format_is_one_line(tmp_path, capsys):
    (tmp_path / "class").mkdir()
    for wrong in ({"only": ("99.9",)}, {"formats": ("pdf",)}, {"place": tmp_path / "nowhere"}, {"backend": "none"}):
        request = run.Request(**{"place": tmp_path / "class", "out": tmp_path / "out"} | wrong)
        assert run.run(request) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4 and all(line.startswith("labs: ") for line in lines)
    assert not (tmp_path / "out").exists()
