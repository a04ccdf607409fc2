"""From a learner's file to verdicts: states, points, the law, the likely cause, the learner's own line."""

from __future__ import annotations

import json

import pytest

KEYS = ["id", "state", "points", "max_points", "law", "message", "diagnosis"]
Q_RANGE = "return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)"
QUANTIZE = """q_min, q_max = q_range(bits, signed)
q = torch.round(x / scale) + zero_point
return q.clamp(q_min, q_max).to(code_dtype(bits, signed))"""
CASTS_FIRST = QUANTIZE.replace(
    "q.clamp(q_min, q_max).to(code_dtype(bits, signed))",
    "q.to(code_dtype(bits, signed)).clamp(q_min, q_max)",
)
MULTIPLIES = QUANTIZE.replace("x / scale", "x * scale")
CLAMPS_FIRST = QUANTIZE.replace("torch.round(x / scale) + zero_point", "torch.round(x / scale)").replace(
    "q.clamp(q_min, q_max)", "(q.clamp(q_min, q_max) + zero_point)"
)
SABOTAGE = [
    ("03.2", CASTS_FIRST, "casting before clamping", ".to(code_dtype(bits, signed)).clamp"),
    ("03.2", MULTIPLIES, "multiplying by the scale", "x * scale"),
    ("03.2", "return x", "", "return x"),
    ("03.1", Q_RANGE.replace("2 ** (bits - 1) - 1)", "2 ** (bits - 1))"), "", "return (-(2 **"),
    ("03.3", "return (q - zero_point.to(torch.int8)) * scale", "", "return (q - zero_point.to"),
    (
        "04.1",
        "low, high = x.amin(), x.amax()\nscale = (high - low) / 255\n"
        "zero_point = torch.round(-128 - low / scale).clamp(-128, 127)\nreturn scale, zero_point.int()",
        "",
        "",
    ),
    ("05.1", "return (x.amax() / q_range(bits)[1]).clamp(min=1e-30)", "", "(x.amax() / q"),
]


def test_untouched_stubs_are_not_started(course):
    done = course.labs("check", "--json")
    verdicts = json.loads(done.out)
    assert done.status == 1
    assert [verdict["state"] for verdict in verdicts] == ["not_started"] * 38
    assert sum(verdict["points"] for verdict in verdicts) == 0
    assert sum(verdict["max_points"] for verdict in verdicts) == 520


def test_the_json_has_these_keys_and_nothing_else_is_printed(course):
    course.solve("03.1")
    done = course.labs("check", "03.1", "03.2", "--json")
    assert [list(verdict) for verdict in json.loads(done.out)] == [KEYS, KEYS]
    assert (done.status, done.err) == (1, "")
    passed, not_started = json.loads(done.out)
    assert passed == {
        "id": "03.1",
        "state": "passed",
        "points": 5,
        "max_points": 5,
        "law": "",
        "message": "6 of 6 laws hold",
        "diagnosis": "",
    }
    assert not_started["message"] == ""


@pytest.mark.slow
def test_the_solutions_pass(course):
    course.solve()
    done = course.labs("check")
    assert done.status == 0
    assert done.out.count(": passed (") == 38
    assert json.loads(course.labs("check", "3", "--json").out)[3]["points"] == 15


@pytest.mark.parametrize(("exercise_id", "body", "diagnosis", "line"), SABOTAGE)
def test_a_mistake_drops_the_points_and_names_the_line(course, exercise_id, body, diagnosis, line):
    course.solve()
    course.write(exercise_id, body)
    done = course.labs("check", exercise_id)
    (public,) = json.loads(course.labs("check", exercise_id, "--json").out)
    assert (done.status, public["state"], public["points"]) == (1, "failed", 0)
    assert public["max_points"] > 0
    assert public["law"] in done.out
    assert "  expected  " in done.out or "  allowed  " in done.out
    assert diagnosis in public["diagnosis"]
    if line:
        assert f"  labs_lib/affine.py:{course.line_of(line)}    " in done.out
        assert line in done.out
    assert f"  next      labs hint {exercise_id}\n" in done.out


def test_the_order_of_the_text(course):
    course.write("03.2", CASTS_FIRST)
    text = course.labs("check", "03.2").out
    number = course.line_of("return q.to(code_dtype")
    parts = [
        "03.2 quantize: not yet (",
        "\n\n  law       ",
        "\n  input     x = ",
        "\n  got       ",
        "\n  expected  ",
        "\n\n  This matches casting before clamping",
        f"\n  labs_lib/affine.py:{number}    return q.to(code_dtype(bits, signed)).clamp(q_min, q_max)",
        "\n\n  next      labs hint 03.2\n",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert len(text.splitlines()) <= 13


@pytest.mark.slow
def test_one_mistake_costs_one_exercise(course):
    course.solve()
    course.write("03.1", "return 0, 1")
    course.write("03.2", MULTIPLIES)
    verdicts = json.loads(course.labs("check", "--json").out)
    assert [verdict["id"] for verdict in verdicts if verdict["state"] != "passed"] == ["03.1", "03.2"]


def test_an_exception_is_an_error_at_the_learners_line(course):
    course.write("03.2", "steps = x / scale\nlevels = torch.arange(3)[7]\nreturn steps + levels")
    done = course.labs("check", "03.2")
    assert "03.2 quantize: stopped by an error (" in done.out
    assert "  got       IndexError: index 7 is out of bounds" in done.out
    number = course.line_of("levels = torch.arange(3)[7]")
    assert f"  labs_lib/affine.py:{number}    levels = torch.arange(3)[7]\n" in done.out


def test_not_implemented_anywhere_is_not_started(course):
    course.write(
        "03.2",
        "q = torch.round(x / scale)\nif bits > 4:\n    raise NotImplementedError('the cast')\nreturn q",
    )
    done = course.labs("check", "03.2")
    assert done.status == 1
    assert done.out.startswith("03.2 quantize: not started\n")
    assert "NotImplementedError: the cast" in done.out


def test_what_a_function_prints_is_shown(course):
    course.write("03.2", "print('scale is', scale.item())\nprint('second line')\nreturn x")
    done = course.labs("check", "03.2")
    assert "  printed   scale is " in done.out
    assert "\n            second line\n" in done.out
    course.solve("03.1")
    course.write("03.1", "print('hello')\n" + Q_RANGE)
    assert course.labs("check", "03.1").out.startswith("03.1 q_range: passed")


def test_a_check_in_a_notebook_is_the_same_check(course):
    course.write("03.2", CASTS_FIRST)
    shown = course.module("course").check("03.2")
    assert repr(shown) + "\n" == course.labs("check", "03.2").out
    assert repr(shown) + "\n" == course.labs("check", "quantize").out


def test_solutions_mode_judges_the_reference(course, monkeypatch):
    course.write("03.1", "return 0, 1")
    monkeypatch.setenv("LABS_MODE", "solutions")
    done = course.labs("check", "03.1")
    assert (done.status, done.out) == (
        0,
        "03.1 q_range: passed, judged on the reference\n",
    )
    monkeypatch.delenv("LABS_MODE")
    assert course.labs("check", "03.1").status == 1  # nothing of it was remembered


def test_strict_mode_tells_about_knock_on_errors(course, monkeypatch):
    course.solve()
    course.write("03.1", "return 0, 1")
    monkeypatch.setenv("LABS_MODE", "strict")
    assert course.verdict("03.2").state == "failed"
    monkeypatch.delenv("LABS_MODE")
    assert course.verdict("03.2").state == "passed"


def test_other_seeds_agree(course):
    course.solve("03.2")
    (entry,) = course.module("course.catalogue").select(["03.2"])
    verdicts = [course.module("course.checks").check([entry], seed=seed)[0].state for seed in (1, 2)]
    assert verdicts == ["passed", "passed"]
