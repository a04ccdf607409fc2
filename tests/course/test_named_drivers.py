"""Exercises that are methods: named drivers, through every door, and in a file with other mistakes in it."""

from __future__ import annotations

import json
import textwrap

import pytest
import torch

from labs_lib.course import source
from labs_lib.course.laws import driver

FORWARD = "return w8a16_forward(x, self.q_weight, self.scales, self.bias)"
WITHOUT_BIAS = "return w8a16_forward(x, self.q_weight, self.scales)"
FROM_LINEAR = """weight = linear.weight.detach()
layer = cls(linear.in_features, linear.out_features, linear.bias is not None, device=weight.device)
q_weight, scales = quantize_per_channel(weight)
layer.q_weight.copy_(q_weight)
layer.scales.copy_(scales.squeeze(1))
if linear.bias is not None:
    layer.bias.copy_(linear.bias.detach())
return layer.train(linear.training)"""
CLASS = """from torch import nn


@final
class Layer(nn.Module):
    def __init__(self):
        self.size = 1

    @classmethod
    @exercise("10.2")
    def make(cls):
        return cls()

    @exercise("10.3")
    def forward(self, x):
        return x

    def extra(self):
        return "extra"


def below():
    return 4
"""


@pytest.fixture
def layers(course):
    """A course of one's own whose file to edit is ``labs_lib/layers.py``."""
    course.file = course.root / "labs_lib" / "layers.py"
    return course


def verdicts(course):
    """The verdicts of lesson 10, judged together."""
    chosen = [course.module("course.catalogue").find(key) for key in ("10.1", "10.2", "10.3")]
    return {one.id: one for one in course.module("course.checks").check(chosen, remember=False)}


def states(course):
    return [verdict.state for verdict in verdicts(course).values()]


def write_method(course, exercise_id, body):
    course.write(exercise_id, textwrap.indent(body, "    "))


def read(tmp_path, text):
    path = tmp_path / "layers.py"
    path.write_text(text, encoding="utf-8")
    return source.read(path)


def test_an_exercise_has_the_driver_of_its_name_or_none():
    assert driver.named_driver("10.1") is None
    assert driver.named_driver("10.2").__module__ == "labs_lib.course.drivers.ex_10_2"


def test_untouched_methods_are_not_started(layers):
    assert [one["state"] for one in json.loads(layers.labs("check", "10", "--json").out)] == ["not_started"] * 3


def test_a_learners_methods_are_judged(layers):
    write_method(layers, "10.3", FORWARD)
    assert layers.verdict("10.3").state == "passed"
    write_method(layers, "10.3", WITHOUT_BIAS)
    verdict = layers.verdict("10.3")
    assert verdict.state == "failed"
    assert verdict.law == "the layer multiplies by its codes, its scales and its bias"
    assert verdict.diagnosis.startswith("This matches a layer without its bias.")
    assert verdict.input.startswith("forward, x = [[1, 10], [0, 0]], q_weight = [[127, -3], [0, 100]], scales = ")
    assert verdict.place == f"labs_lib/layers.py:{layers.line_of('self.scales)')}"


def test_a_class_method_is_judged_and_its_line_is_found(layers):
    write_method(layers, "10.2", FROM_LINEAR)
    verdict = layers.verdict("10.2")
    assert verdict.law == "the answer is a W8A16Linear of the linear layer's sizes and dtype"
    assert verdict.diagnosis == "This matches a layer of float32 whatever linear's dtype is. Pass weight.dtype."
    assert verdict.line.startswith("layer = cls(")
    layers.edit("device=weight.device)\n", "device=weight.device, dtype=weight.dtype)\n")
    assert layers.verdict("10.2").state == "passed"


def test_an_exception_names_the_learners_line_and_not_the_drivers(layers):
    write_method(layers, "10.3", "scales = self.scales / self.nothing\nreturn scales")
    verdict = layers.verdict("10.3")
    assert verdict.state == "error"
    assert "nothing" in verdict.got
    assert verdict.line == "scales = self.scales / self.nothing"
    assert verdict.place == f"labs_lib/layers.py:{layers.line_of('self.nothing')}"


def test_a_mistake_in_a_method_costs_that_method_alone(layers):
    layers.solve("10.1", "10.2", "10.3")
    write_method(layers, "10.3", "return x")
    assert states(layers) == ["passed", "passed", "failed"]


@pytest.mark.parametrize(("broken", "line"), [("10.1", "y = ("), ("10.2", "layer = ("), ("10.3", "return (")])
def test_a_syntax_error_in_one_exercise_leaves_the_others_of_its_class(layers, broken, line):
    layers.solve("10.1", "10.2", "10.3")
    layers.write(broken, line if broken == "10.1" else f"    {line}")
    found = verdicts(layers)
    assert {key: one.state for key, one in found.items()} == {**dict.fromkeys(found, "passed"), broken: "error"}
    assert found[broken].note == "Python cannot read this: '(' was never closed"
    assert found[broken].line == line
    assert layers.labs("reset", broken).status == 0
    assert {key: one.state for key, one in verdicts(layers).items()} == {
        **dict.fromkeys(found, "passed"),
        broken: "not_started",
    }


def test_a_class_that_cannot_run_is_said_in_words_and_can_be_reset(layers):
    layers.solve("10.1", "10.2", "10.3")
    layers.edit("super().__init__()", "super().__init__((")
    for key in ("10.2", "10.3"):
        verdict = layers.verdict(key)
        assert (verdict.state, verdict.note) == ("error", "Python cannot read this: '(' was never closed")
    assert layers.labs("reset", "10.3").status == 0
    assert layers.verdict("10.3").state == "not_started"


def test_the_class_of_a_broken_file_is_the_reference(layers):
    """The driver of another lesson may need the class of lesson 10; a slip in that file must not stop it."""
    load = layers.module("course.load")
    layers.edit("import torch\n", "import torch\nimport no_such_package\n")
    assert list(load.learner_modules()) == ["layers.py", "models.py"]  # which imports it
    assert load.newest("layers").__name__ == "solutions.layers"
    layers.edit("import no_such_package\n", "")
    load.learner_modules()
    assert load.newest("layers").__name__ == "labs_lib.layers"


@pytest.mark.slow
def test_pytest_judges_methods_as_the_check_does(layers, tree):
    layers.solve("10.1", "10.2", "10.3")
    write_method(layers, "10.3", WITHOUT_BIAS)
    done = tree.run("-m", "pytest", "tests/laws/test_10_laws.py", "-q", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert f"10.3: {layers.verdict('10.3').law}\n" in done.stdout
    assert "\n10.2: " not in done.stdout and "\n10.1: " not in done.stdout
    done = tree.run(
        "-m", "pytest", "tests/laws/test_10_laws.py", "-q", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", LABS_MODE="solutions"
    )
    assert done.returncode == 0 and "failed" not in done.stdout


@pytest.mark.slow
def test_pytest_skips_untouched_methods(tree):
    done = tree.run("-m", "pytest", "tests/laws/test_10_laws.py", "-q", "-rs", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert done.returncode == 0 and "failed" not in done.stdout
    assert "not started: Exercise 10.2: write from_linear in labs_lib/layers.py" in done.stdout


def test_the_scenario_stands_bare_before_the_arguments(layers):
    write_method(layers, "10.2", "return None")
    verdict = layers.verdict("10.2")
    assert verdict.input == "describe, weight = [[1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1]]"
    assert "NoneType" in verdict.got


@pytest.mark.parametrize(
    ("old", "new", "broken", "line"),
    [
        ("return cls()", "return cls(", "10.2", 12),
        ("        return x\n", "        return (x\n", "10.3", 16),
        ("        return x\n", "    return x\n", "10.3", 16),
        ("        return x\n", "return x\n", "10.3", 16),
        ("def forward(self, x):", "def forward(self, x:", "10.3", 15),
        ('"10.3"', '"10.3', "10.3", 14),
        ("        return x\n", '        """half\n        return x\n', "10.3", 16),
    ],
)
def test_a_broken_method_is_cut_out_of_its_class(tmp_path, old, new, broken, line):
    assert CLASS.count(old) == 1
    found = read(tmp_path, CLASS.replace(old, new))
    assert found.problem is None
    assert list(found.blocks) == ["10.2", "10.3"]
    assert [key for key, block in found.blocks.items() if block.problem] == [broken]
    assert found.blocks[broken].problem.lineno == line
    assert found.blocks[broken].function == {"10.2": "Layer.make", "10.3": "Layer.forward"}[broken]
    space = {"exercise": lambda _: lambda function: function, "final": lambda kind: kind}
    exec(compile(found.runnable, "layers.py", "exec"), space)
    layer = space["Layer"]()
    assert layer.extra() == "extra"
    assert space["below"]() == 4
    with pytest.raises(SyntaxError, match=broken):
        layer.make() if broken == "10.2" else layer.forward(torch.ones(1))
    assert layer.extra.__func__.__code__.co_firstlineno == 18 + new.count("\n") - old.count("\n")


@pytest.mark.parametrize("new", ["self.size = (1", "self.size = 1 +", "return = 1"])
def test_an_error_in_another_method_belongs_to_the_file(tmp_path, new):
    found = read(tmp_path, CLASS.replace("self.size = 1", new))
    assert found.problem.lineno == 7
    assert found.blocks == {}
