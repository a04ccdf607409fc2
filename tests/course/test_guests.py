"""A learner's code is a guest: whatever it does, the check ends, says so, and judges the next exercise rightly."""

from __future__ import annotations

import builtins
import json

import pytest
import torch

CORRECT = "return q.clamp(q_min, q_max).to(code_dtype(bits, signed))"
WEIRD = {
    "nothing": "return None",
    "a function": "return lambda: 0",
    "a class": "return type(x)",
    "a list": "return [1, 2, 3]",
    "a dict": "return {'q': x}",
    "a tuple": "return x, x, x, x",
    "an empty tuple": "return ()",
    "a number": "return 1.5",
    "a huge number": "return 10**5000",
    "complex numbers": "return torch.ones(2, dtype=torch.complex64)",
    "another shape": "return torch.zeros(2, 3, 4, 5)",
    "no values": "return torch.zeros(0)",
    "NaN": "return torch.full((3,), float('nan'))",
    "on no device": "return torch.empty(3, device='meta')",
    "sparse": "return torch.eye(3).to_sparse()",
    "booleans": "return torch.ones(3) > 0",
    "an array": "return torch.ones(3).numpy()",
    "a generator": "return (value for value in (1, 2))",
}
IDS = ("03.1", "03.2", "03.3", "03.4", "04.1", "04.2", "05.1", "05.2", "05.3")


@pytest.mark.slow
@pytest.mark.parametrize("turn", [0, len(IDS)])
def test_no_answer_is_too_strange_for_a_verdict(course, turn):
    names = (list(WEIRD) * 2)[turn : turn + len(IDS)]
    for exercise_id, name in zip(IDS, names, strict=True):
        course.write(exercise_id, WEIRD[name])
    done = course.labs("check", "--json", *IDS)
    verdicts = json.loads(done.out)
    assert (done.status, done.err) == (1, "")
    assert {verdict["state"] for verdict in verdicts} <= {"failed", "error"}
    assert [verdict["id"] for verdict in verdicts if len(verdict["message"]) < 20] == []
    for exercise_id in IDS:
        assert len(course.labs("check", exercise_id).out) < 3000


def test_a_function_without_a_return(course):
    course.write("03.2", "q = torch.round(x / scale)")
    verdict = course.verdict("03.2")
    assert (verdict.state, verdict.points) == ("failed", 0)
    assert "None" in verdict.got


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "got"),
    [
        ("def again(y):\n    return again(y)\nreturn again(x)", "RecursionError: maximum recursion depth exceeded"),
        ("import sys\nsys.exit(0)", "SystemExit: 0"),
        ("raise SystemExit", "SystemExit: "),
        ("exit()", "SystemExit: "),
        ("assert x.numel() > 10**9, 'too small'", "AssertionError: too small"),
        ("class Odd(Exception):\n    def __str__(self):\n        1 / 0\nraise Odd", "Odd: "),
        ("raise ValueError('x' * 10**6)", "ValueError: xxx"),
        ("return input()", ""),
        ("import warnings\nwarnings.simplefilter('error')\nwarnings.warn('now an error')", "UserWarning: now an"),
        ("raise pytest_fail", "NameError: name 'pytest_fail'"),
    ],
)
def test_every_kind_of_stop_is_an_error_at_a_line(course, monkeypatch, body, got):
    monkeypatch.setattr("sys.stdin", None)
    course.solve("03.1")
    course.write("03.2", body)
    verdict = course.verdict("03.2")
    assert (verdict.state, verdict.points) == ("error", 0)
    assert verdict.got.startswith(got)
    assert len(verdict.got) < 500
    assert verdict.place.startswith("labs_lib/affine.py:")
    assert verdict.line in [line.strip() for line in course.text().split("\n")]
    assert course.verdict("03.1").state == "passed"


def test_ctrl_c_in_a_loop_that_does_not_end_names_the_line(course):
    course.solve("03.1", "03.3")
    course.write("03.2", "steps = x / scale\nraise KeyboardInterrupt  # as Ctrl-C does in an endless loop")
    done = course.labs("check", "3", "--json")
    verdicts = {verdict["id"]: verdict for verdict in json.loads(done.out)}
    assert done.status == 1
    assert verdicts["03.2"]["state"] == "error"
    assert "got no answer: stopped with Ctrl-C" in verdicts["03.2"]["message"]
    assert verdicts["03.1"]["state"] == "passed"
    assert verdicts["03.3"]["state"] == "not_gradable"  # its laws did not run any more
    shown = course.labs("check", "03.2").out
    number = course.line_of("raise KeyboardInterrupt")
    assert f"  This is the line that ran when it was stopped.\n  labs_lib/affine.py:{number}    raise Key" in shown
    course.write("03.2", "return x")
    assert course.labs("check", "03.2").out.startswith("03.2 quantize: not yet")
    assert course.labs("check", "03.3").status == 0  # "cannot be judged" was not remembered


def test_ctrl_c_elsewhere_ends_the_check(course):
    course.solve("03.1")
    law = course.root / "tests" / "laws" / "test_03_laws.py"
    law.write_text(
        law.read_text() + "\n\n@law('03.1', 'never ends')\ndef test_stop(q_range):\n    raise KeyboardInterrupt\n"
    )
    done = course.labs("check", "03.1")
    assert done.status == 130
    assert "Traceback" not in done.err


SPOIL = {
    "the default dtype": "torch.set_default_dtype(torch.float64)",
    "the grad mode": "torch.set_grad_enabled(False)",
    "the seed": "torch.manual_seed(1)",
    "builtins": "import builtins\nbuiltins.round = builtins.abs = builtins.len = builtins.isinstance = None",
    "stdout": "import sys\nsys.stdout = None",
    "the working folder": "import os\nos.chdir('/')",
    "warnings": "import warnings\nwarnings.simplefilter('error')",
    "the recursion limit": "import sys\nsys.setrecursionlimit(120)",
}


@pytest.mark.slow
@pytest.mark.parametrize("where", ["at import", "in a call"])
@pytest.mark.parametrize("name", SPOIL)
def test_what_a_file_changes_for_others_is_put_back(course, name, where, monkeypatch):
    import sys

    monkeypatch.chdir(course.root)
    monkeypatch.setattr(sys, "setrecursionlimit", sys.setrecursionlimit)
    limit, kept = sys.getrecursionlimit(), dict(vars(builtins))
    course.solve()
    if where == "at import":
        course.file.write_text(f"{course.text()}\n\n{SPOIL[name]}\n", encoding="utf-8")
    else:
        course.write("03.1", f"{SPOIL[name]}\nreturn 0, 1")
    done = course.labs("check", "3")
    assert "03.2 quantize: passed" in done.out
    assert "03.3 dequantize: passed" in done.out
    assert "03.4 split_error: passed" in done.out
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled()
    assert sys.getrecursionlimit() == limit
    assert dict(vars(builtins)) == kept


def test_a_file_that_prints_when_it_is_run_leaves_the_json_whole(course):
    course.solve("03.1")
    course.edit("import math\n", "import math\n\nprint('loaded')\n")
    done = course.labs("check", "03.1", "--json")
    assert json.loads(done.out)[0]["state"] == "passed"
    assert done.err == "loaded\n"


def test_a_helper_of_the_learners_own_may_be_used(course):
    course.edit("def code_dtype", "def half(bits):\n    return 2 ** (bits - 1)\n\n\ndef code_dtype")
    course.write("03.1", "return (-half(bits), half(bits) - 1) if signed else (0, 2 * half(bits) - 1)")
    assert course.verdict("03.1").state == "passed"


def test_a_law_that_is_broken_itself_is_the_authors_trouble(course, monkeypatch):
    law = course.root / "tests" / "laws" / "test_03_laws.py"
    law.write_text(law.read_text() + "\n\n@law('03.1', 'odd')\ndef test_odd(q_range):\n    q_range()\n    1 / 0\n")
    course.solve("03.1")
    assert "ZeroDivisionError" in course.verdict("03.1").note
    monkeypatch.setenv("LABS_MODE", "solutions")
    with pytest.raises(RuntimeError, match="is itself broken"):
        course.verdict("03.1")
