"""results.json: every submission has one, as the schema says, and it says the truth."""

from __future__ import annotations

import dataclasses
import json

import pytest

from labs_lib.course import catalogue
from labs_lib.course.verdict import STATES, Verdict
from labs_lib.grading import batch, export, intake, results
from labs_lib.grading.results import Graded, Results

from . import a_class
from .conftest import SCHEMA


@pytest.mark.slow
@pytest.mark.parametrize("name", a_class.STATES)
def test_every_submission_has_results(graded, is_valid, name):
    data = graded.of(name)
    is_valid(data)
    assert data["submission"] == name
    assert [one["state"] for one in data["exercises"]] == a_class.STATES[name]
    assert (data["points"], data["max_points"]) == (a_class.POINTS[name], 40)
    assert data["points"] == sum(one["points"] for one in data["exercises"])
    assert data["backend"] == graded.settings.backend


@pytest.mark.slow
def test_a_wrong_answer_is_told_what_it_looks_like(graded):
    one = graded.of("wrong")["exercises"][1]
    assert "multiplying by the scale" in one["diagnosis"]
    assert one["laws"]["broken"] and 0 < one["laws"]["held"] < one["laws"]["all"]
    assert "expected" in one["message"]


@pytest.mark.slow
def test_the_refused_is_told_why(graded):
    assert {one["message"] for one in graded.of("refused")["exercises"]} == {
        "it is no zip or tar file that can be read (truncated header)"
    }


@pytest.mark.slow
def test_without_echo_nothing_stays_that_a_submission_wrote(graded, tmp_path):
    assert a_class.SAYING in json.dumps(graded.of("hostile"))
    submission = intake.take("hostile", graded.place / "hostile")
    quiet = dataclasses.replace(graded.settings, out=tmp_path / "out", echo=False)
    data = batch.grade_one(submission, quiet)
    assert [one["state"] for one in data["exercises"]] == a_class.STATES["hostile"]
    batch.grade_one(intake.Submission("refused", refused=f"it holds a link: {a_class.SAYING!r}"), quiet)
    export.export(quiet.out, [quiet.out / name / "results.json" for name in ("hostile", "refused")], export.FORMATS)
    written = [path for path in quiet.out.rglob("*") if path.is_file()]
    assert len(written) == 2 * 3 + 3
    assert not [path for path in written if a_class.SAYING in path.read_text(encoding="utf-8")]


def test_the_schema_knows_all_states():
    assert SCHEMA["properties"]["exercises"]["items"]["properties"]["state"]["enum"] == list(STATES)
    assert SCHEMA["properties"]["schema_version"]["const"] == results.SCHEMA_VERSION


@pytest.mark.parametrize("state", [state for state in STATES if state != "passed"])
def test_only_a_pass_earns_points(state):
    entry = catalogue.find("03.1")
    verdict = Verdict(entry.id, entry.function, state, entry.points, entry.points)
    assert Graded.of(entry, verdict, 1.0).points == 0


def test_somebody_elses_text_is_cut_and_made_printable():
    text = results.clean("a\x1b[31mb\x00c\u202ed\ud800e\nf" + "g" * 5000)
    assert text.startswith("a [31mb c d e\nf") and text.endswith("...")
    assert len(text) == SCHEMA["properties"]["exercises"]["items"]["properties"]["message"]["maxLength"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "x" / "results.json"
    results.write(path, {"exercises": [], "name": "\ud800"})
    assert results.read(path) == {"exercises": [], "name": "?"}

    def broken():
        yield "half of "
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        results.write_text(path, broken())
    assert results.read(path) == {"exercises": [], "name": "?"}
    assert [one.name for one in path.parent.iterdir()] == ["results.json"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"exercises": 1}', "{", "\x00", '{"exercises": [{"id": "03.1"}]}'])
def test_a_damaged_file_is_taken_for_none(tmp_path, text):
    chosen, mine = [catalogue.find("03.1")], Results("a", "bwrap", "0" * 12, "0" * 12, "0" * 16)
    (tmp_path / "results.json").write_text(text)
    stored = results.read(tmp_path / "results.json")
    mine.resume(stored and {**mine.data(chosen), **stored}, chosen)
    assert mine.exercises == []
