"""Every rule of ``labs dev check`` holds for the course, and a broken course breaks it."""

import json
import re

import pytest

from labs_lib.course.devcheck import RULES

TOML = "labs_lib/course/lessons.toml"
SOLUTION = "solutions/affine.py"


def rename_exercise(tree):
    tree.edit(TOML, 'id = "05.3"', 'id = "05.2"')


def drop_a_hint(tree):
    tree.edit(TOML, '    "What is the zero point when 0.0 has the code 0?",\n', "")


def tell_the_answer(tree):
    tree.edit(TOML, "What is the zero point when 0.0", "return quantize(x, scale, bits=bits), scale? When 0.0")


def shrink_a_budget(tree):
    tree.edit(TOML, "lines = 6\npoints = 15", "lines = 3\npoints = 15")


def raise_too_early(tree):
    tree.edit(SOLUTION, 'q = checked.codes("q", q)', 'q = checked.floating("q", q)')


def change_a_signature(tree):
    tree.edit("labs_lib/affine.py", "def dequantize(q: Tensor, scale", "def dequantize(q: Tensor, step")


def change_a_docstring(tree):
    tree.edit("labs_lib/affine.py", "Map codes back to real values", "Map codes back")


def leak_a_line(tree):
    path = tree.root / "labs_lib" / "course" / "modes.py"
    path.write_text(
        path.read_text() + "\n\ndef leak(x, scale, zero_point):\n    q = torch.round(x / scale) + zero_point\n"
    )


def check_nowhere(tree):
    notebook(tree, 3, lambda text: text.replace('check(\\"03.2\\")', 'check(\\"03.3\\")'))


def drop_an_alt_text(tree):
    def without_alt(text):
        book = json.loads(text)
        outputs = [output for cell in book["cells"] for output in cell.get("outputs", [])]
        figure = next(output for output in outputs if "image/png" in output.get("data", {}))
        figure["metadata"] = {}
        figure["data"].pop("text/plain")
        return json.dumps(book)

    notebook(tree, 3, without_alt)


def break_a_link(tree):
    path = tree.root / "README.md"
    path.write_text(path.read_text() + "\nSee [the missing page](docs/not_there.md).\n")


def forget_to_run(tree):
    notebook(tree, 3, lambda text: re.sub(r'"execution_count": 2\b', '"execution_count": null', text))


def break_the_reference(tree):
    tree.edit(SOLUTION, "torch.round(x / scale)", "torch.floor(x / scale)")


def cure_a_mutant(tree):
    path = tree.root / "tests" / "mutants" / "ex_03_1.py"
    text = path.read_text()
    path.write_text(text + text[text.index("@mutant(") :].split("\ndef ")[0] + CURED)


def break_an_equivalent(tree):
    path = tree.root / "tests" / "equivalents" / "ex_03_1.py"
    path.write_text(path.read_text() + '\n\n@equivalent("03.1")\ndef wrong(bits=8, signed=True):\n    return 0, 1\n')


def need_a_later_lesson(tree):
    tree.edit(
        SOLUTION,
        "    q = torch.round(x / scale) + zero_point",
        "    choose_scale(x.new_ones(1))\n    q = torch.round(x / scale) + zero_point",
    )


CURED = """
def cured(bits=8, signed=True):
    from solutions.affine import q_range

    return q_range(bits, signed)
"""

BREAKS = [
    ("unique-ids", rename_exercise, "05.2 stands 2 times"),
    ("hints", drop_a_hint, "05.2 has 2 hints"),
    ("hints", tell_the_answer, "05.2: hint 1 holds the solution's line"),
    ("budgets", shrink_a_budget, "03.4: the solution has"),
    ("stub-raises", raise_too_early, "03.3: the stub raises TypeError"),
    ("same-interface", change_a_signature, "03.3 differs"),
    ("same-interface", change_a_docstring, "03.3 differs"),
    ("no-leak", leak_a_line, "modes.py"),
    ("one-place", check_nowhere, "03.2"),
    ("alt-text", drop_an_alt_text, "03_"),
    ("links", break_a_link, "docs/not_there.md"),
    ("executed", forget_to_run, "03_"),
    ("solutions-pass", break_the_reference, "03.2, seed 0"),
    ("mutants-die", cure_a_mutant, "survives"),
    ("equivalents-pass", break_an_equivalent, "03.1: wrong is refused"),
    ("prefix-matrix", need_a_later_lesson, "written up to lesson 3: 03.2"),
]


def notebook(tree, lesson, change):
    path = next((tree.root / "notebooks").glob(f"{lesson:02d}_*.ipynb"))
    text = path.read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    path.write_text(changed, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
def test_the_course_keeps_the_rule(pristine, rule):
    done = pristine.labs("dev", "check", "--rule", rule)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == f"[OK] {rule}\n"


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "break_it", "problem"), BREAKS, ids=[row[1].__name__ for row in BREAKS])
def test_a_broken_course_breaks_the_rule(tree, rule, break_it, problem):
    break_it(tree)
    done = tree.labs("dev", "check", "--rule", rule, "--lesson", "3")  # all of these are broken in lesson 3
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"[FAIL] {rule}: " in done.stdout
    assert problem in done.stdout


def test_every_rule_has_a_course_that_breaks_it():
    assert {rule for rule, _, _ in BREAKS} == set(RULES)


@pytest.mark.slow
def test_an_unknown_rule_lists_the_known_ones(pristine):
    done = pristine.labs("dev", "check", "--rule", "nonsense")
    assert done.returncode == 2
    assert "unique-ids" in done.stderr
