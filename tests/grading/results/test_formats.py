"""The five formats: as they were, readable by those who read them, equal in their totals, and harmless."""

from __future__ import annotations

import base64
import csv
import io
import json
import random
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from labs_lib.course import catalogue
from labs_lib.course.verdict import STATES
from labs_lib.grading import export, results
from labs_lib.grading.export import classroom, gradescope, html_report, junit, table
from labs_lib.grading.results import clean

from . import golden

NASTY = [
    *("</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "]]>&amp;&#0;", "\"'`", "=1+1", "\t=cmd()"),
    *("\n::notice title=Autograding report::{}", "##[set-output name=result]1", "a\r\n::stop-commands::x", "\u2028"),
    *("\x00\x07\x1b[2J", "\ud800", "\u202egpj.exe", "日本語 ἀβγ \U0001d518", "\ufffe\uffff", "http://example.org/", ""),
]
ENVIRONMENT_AT_MOST = 128 * 1024  # bytes of one variable on Linux


def some_results(rng: random.Random) -> dict:
    """Results with random states and texts, as a class could bring them about."""
    exercises = []
    for entry in rng.sample(catalogue.exercises(), rng.randrange(1, 12)):
        state = rng.choice(STATES)
        text = "".join(rng.choice([*NASTY, chr(rng.randrange(0x250)), chr(rng.randrange(0xD7FF))]) for _ in range(6))
        laws = {"held": 3, "all": 9, "broken": rng.choice(["", "a law with < & \" ' in it"])}
        message = clean(text * rng.choice([1, 1, 200]))
        diagnosis = rng.choice(["", "This matches <b>bold</b> & more."])
        points = entry.points if state == "passed" else 0
        one = {"id": entry.id, "title": entry.title, "state": state, "points": points, "max_points": entry.points}
        exercises.append({**one, "laws": laws, "message": message, "diagnosis": diagnosis, "seconds": rng.random() * 9})
    return {
        "schema_version": results.SCHEMA_VERSION,
        "submission": rng.choice(NASTY) + f"student {rng.randrange(10**6)}",
        "backend": rng.choice(["bwrap", "unshare", "rlimits"]),
        "seed_id": "0123456789ab",
        "rules_id": "0123456789ab",
        "source_id": "0123456789abcdef",
        "versions": {},
        "points": sum(one["points"] for one in exercises),
        "max_points": sum(one["max_points"] for one in exercises),
        "exercises": sorted(exercises, key=lambda one: one["id"]),
    }


CLASSES = [[some_results(random.Random(100 * c + n)) for n in range(c % 7 + 1)] for c in range(40)]
ALL = [data for one in CLASSES for data in one]


def totals(data: dict) -> tuple[int, int]:
    return data["points"], data["max_points"]


def saved(data: object) -> str:
    """As it stands on the disk: what cannot be written as UTF-8 is replaced there."""
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace").decode()


@pytest.mark.slow
def test_the_golden_files_are_still_what_is_made(graded, tmp_path):
    files = [graded.settings.out / name / results.FILE for name in golden.NAMES]
    for name, text in golden.made(files, tmp_path).items():
        kept = (golden.FOLDER / name).read_text(encoding="utf-8")
        assert text == kept, f"{name} changed; python -m tests.grading.results.golden renews it"


def test_the_random_results_are_valid(is_valid):
    for data in ALL:
        is_valid(json.loads(saved(data)))


def test_gradescope_adds_up_to_the_same():
    fields = {"number", "name", "name_format", "score", "max_score", "status", "output", "output_format", "visibility"}
    for data in ALL:
        made = json.loads(saved(gradescope.convert(data)))
        tests = made["tests"]
        assert (sum(one["score"] for one in tests), sum(one["max_score"] for one in tests)) == totals(data)
        assert {key for one in tests for key in one} == fields
        assert {one["status"] for one in tests} <= {"passed", "failed"}
        assert all((one["status"] == "passed") == (one["score"] > 0) for one in tests)
        assert {one["output_format"] for one in tests} | {made["output_format"]} == {"text"}
        assert type(made["execution_time"]) is int and "score" not in made


def test_classroom_adds_up_to_the_same_in_its_log_and_in_its_annotation():
    """As ``autograding-grading-reporter`` computes both."""
    for data in ALL:
        runners = json.loads(saved(classroom.convert(data)))
        logged, annotated, most = 0.0, 0, 0
        for runner, run in runners.items():
            passed = [test for test in run["tests"] if test["status"] == "pass"]
            logged += len(passed) / len(run["tests"]) * run["max_score"]
            annotated += sum(test["score"] for test in run["tests"])
            most += run["max_score"]
            assert re.fullmatch(r"EX\d\d_\d+", runner) and runner == runner.upper()
            assert run["status"] in ("pass", "fail", "error")
            assert all(test["line_no"] == 0 for test in run["tests"])
        assert (logged, most) == (annotated, most) == totals(data)


def test_no_text_of_a_submission_becomes_a_command_to_githubs_runner():
    for data in ALL:
        text = saved(classroom.convert(data))
        assert "::" not in text and "##[" not in text
    assert "::notice" in saved(ALL), "the nasty texts hold none"


def test_all_of_classroom_fits_into_an_environment():
    long = {**CLASSES[0][0]["exercises"][0], "state": "error", "message": "語" * results.MESSAGE_AT_MOST}
    runs = classroom.convert({"exercises": [{**long, "id": entry.id} for entry in catalogue.exercises()]})
    sizes = [len(base64.b64encode(saved(run).encode())) for run in runs.values()]
    assert max(sizes) < ENVIRONMENT_AT_MOST and sum(sizes) < 8 * ENVIRONMENT_AT_MOST


@pytest.mark.parametrize("number", range(0, len(CLASSES), 4))
def test_junit_is_well_formed_and_adds_up_to_the_same(number):
    root = ET.fromstring("".join(junit.convert(CLASSES[number])).encode("utf-8"))
    for suite, data in zip(root, CLASSES[number], strict=True):
        kept = [_properties(case) for case in suite.findall("testcase")]
        assert (sum(one["points"] for one in kept), sum(one["max_points"] for one in kept)) == totals(data)
        assert tuple(_properties(suite).values()) == totals(data)
        kinds = [child.tag for case in suite.findall("testcase") for child in case if child.tag != "properties"]
        counts = [int(suite.get(name)) for name in ("failures", "errors", "skipped")]
        assert counts == [kinds.count(name) for name in ("failure", "error", "skipped")]
        assert len(kinds) == sum(one["state"] != "passed" for one in data["exercises"])


def _properties(element: ET.Element) -> dict[str, int]:
    return {one.get("name"): int(one.get("value")) for one in element.find("properties")}


def test_csv_adds_up_to_the_same_and_holds_no_formula():
    for one_class in CLASSES:
        rows = list(csv.DictReader(io.StringIO("".join(table.convert(one_class)))))
        for row, data in zip(rows, one_class, strict=True):
            name = row.pop("submission")
            assert (int(row.pop("points")), int(row.pop("max_points"))) == totals(data)
            assert sum(int(value or 0) for value in row.values()) == data["points"]
            assert name.lstrip()[0] not in "=+-@" and name.isprintable()


class Page(HTMLParser):
    """Collects what a class report shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.cells, self.kinds = set(), set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data


def test_html_adds_up_to_the_same_and_holds_nothing_alive():
    tags = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "span", "i", "b", "ul", "li", "br"}
    tags |= {"table", "thead", "tbody", "tr", "th", "td", "div"}
    attributes = {"lang", "charset", "http-equiv", "content", "name", "class", "scope", "style", "role", "aria-label"}
    for one_class in CLASSES:
        text = "".join(html_report.convert(one_class))
        page = Page(text)
        assert page.tags <= tags
        assert page.attributes <= attributes
        assert "url(" not in text and "@import" not in text
        shown = [re.fullmatch(r"(\d+) of (\d+)", cell) for cell in page.cells]
        assert [tuple(map(int, match.groups())) for match in shown if match] == [totals(data) for data in one_class]
        assert clean(one_class[0]["submission"]) in page.cells


def test_html_tells_the_commonest_misconceptions_first():
    def one(number: int, state: str, diagnosis: str = "", broken: str = "") -> dict:
        laws = {"held": 0, "all": 1, "broken": broken}
        exercise = {**CLASSES[0][0]["exercises"][0], "state": state, "diagnosis": diagnosis, "laws": laws}
        return {**CLASSES[0][0], "submission": f"s{number}", "exercises": [exercise]}

    texts = ["rare", "common", "common", "frequent", "frequent", "frequent"]
    some = [one(n, "failed", text, "a law") for n, text in enumerate(texts)]
    some += [one(9, "failed", "", "another law"), one(10, "passed"), one(11, "not_started"), one(12, "not_started")]
    page = "".join(html_report.convert(some))
    talk, _, rest = page.partition("<h2>Exercises</h2>")
    assert re.findall(r"<b>(\d)</b> in [\d.]+: (\w+)", talk) == [("3", "frequent"), ("2", "common")]
    assert re.findall(r"<b>(\d)</b> (\w+)<", rest) == [("3", "frequent"), ("2", "common"), ("1", "rare")]
    assert "<b>1</b> no known mistake, but against the law: another law" in rest
    assert "10 %" in rest and "12 %" in rest, "1 of 10, and 1 of the 8 who started"


def test_files_are_made_of_these_results_and_no_others(tmp_path):
    for name in ("ada", "bo", "of another run"):
        results.write(tmp_path / name / results.FILE, {**CLASSES[0][0], "submission": name})
    (tmp_path / "bo" / results.FILE).write_text("damaged")
    files = [tmp_path / name / results.FILE for name in ("ada", "bo", "never graded")]
    assert export.export(tmp_path, files, export.known(["csv,gradescope", "csv"])) == [tmp_path / "grades.csv"]
    assert [line.split(",")[0] for line in (tmp_path / "grades.csv").read_text().splitlines()] == ["submission", "ada"]
    assert [path.parent.name for path in tmp_path.glob("*/gradescope.json")] == ["ada"]
