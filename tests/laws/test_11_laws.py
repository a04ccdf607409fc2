"""Lesson 11: which layers a pattern names, and exchanging the others in place."""

from __future__ import annotations

from typing import Any

import pytest

from labs_lib.course.laws import (
    cases,
    expect_at_most,
    expect_close,
    expect_equal,
    expect_raises,
    expect_true,
    law,
)
from labs_lib.course.laws.inputs import whole_numbers
from labs_lib.course.laws.render import text_of

NAMES = (
    "lm_head",
    "model.lm_head",
    "model.lm_head_norm",
    "model.my_lm_head",
    "lm_head.dense",
    "proj",
    "encoder.0.proj",
    "encoder.10.proj",
    "encoder.0.proj.base",
    "model.encoder.0.proj",
    "encoder_2.proj",
    "0",
    "0.0",
    "layers.0.1",
    "layers.0.q_proj",
)
PATTERNS = (
    *NAMES,
    "encoder",
    "encoder.*",
    "*.proj",
    "*proj",
    "*",
    "encoder.?.proj",
    "encoder.??.proj",
    "encoder.[0].proj",
    "encoder.[!0].proj",
    "q_*",
    "?",
    "[0]",
    "[01]",
    "layers.*.q_proj",
    "*lm_head*",
    "enc*.proj",
    "head",
    "PROJ",
    "",
)


def matches(name: str, pattern: str) -> bool:
    """A shell-style glob, letter by letter. Sets have no ranges here."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(matches(name[start:], pattern[1:]) for start in range(len(name) + 1))
    if pattern[0] == "[":
        letters, _, rest = pattern[1:].partition("]")
        wanted = not letters.startswith("!")
        return bool(name) and (name[0] in letters.removeprefix("!")) is wanted and matches(name[1:], rest)
    return bool(name) and pattern[0] in ("?", name[0]) and matches(name[1:], pattern[1:])


def names_layer(pattern: str, name: str) -> bool:
    """What the docstring of 11.1 says of one pattern."""
    is_plain = not set(".*?[") & set(pattern)
    return matches(name, pattern) or (is_plain and name.split(".")[-1] == pattern)


@law("11.1", "a full name matches itself")
@cases(whole_numbers)
def test_full_names(is_excluded, x):
    for name in (*NAMES, *(f"layers.{number}.q_proj" for number in x.tolist())):
        expect_equal(is_excluded(name, [name]), True, "excluded")


@law("11.1", "a plain pattern also matches a last component")
def test_last_component(is_excluded):
    for name in ("model.lm_head", "model.decoder.lm_head", "0.lm_head"):
        expect_equal(is_excluded(name, ["lm_head"]), True, "excluded")
    expect_equal(is_excluded("layers.0", ["0"]), True, "excluded")


@law("11.1", "a plain pattern never matches a piece of a component")
@cases(whole_numbers)
def test_no_pieces(is_excluded, x):
    for number in x.tolist():
        expect_equal(is_excluded(f"layers.{number}0", [f"{number}"]), False, "excluded")
    for name in ("model.lm_head_norm", "model.my_lm_head", "my_lm_head", "lm_head2", "m.lm_head_", "x.lm-head"):
        expect_equal(is_excluded(name, ["lm_head"]), False, "excluded")
    expect_equal(is_excluded("navigate", ["gate"]), False, "excluded")
    expect_equal(is_excluded("layers.10", ["0"]), False, "excluded")


@law("11.1", "a plain pattern never matches a component before the last")
def test_no_middle(is_excluded):
    for name in ("lm_head.dense", "model.lm_head.dense", "lm_head.0"):
        expect_equal(is_excluded(name, ["lm_head"]), False, "excluded")


@law("11.1", "a pattern with a dot is a full name, not the end of one")
def test_dotted(is_excluded):
    expect_equal(is_excluded("enc.proj", ["enc.proj"]), True, "excluded")
    for name in ("model.enc.proj", "enc.proj.base", "proj", "dec.proj", "myenc.proj"):
        expect_equal(is_excluded(name, ["enc.proj"]), False, "excluded")


@law("11.1", "a star stands for any letters, dots among them")
def test_star(is_excluded):
    for name in ("encoder.proj", "encoder.0.proj", "encoder.0.attn.proj"):
        for pattern in ("encoder.*", "*.proj", "encoder*proj", "*"):
            expect_equal(is_excluded(name, [pattern]), True, "excluded")
    expect_equal(is_excluded("decoder.0.proj", ["encoder.*"]), False, "excluded")
    expect_equal(is_excluded("encoder", ["encoder.*"]), False, "excluded")


@law("11.1", "a question mark stands for one letter, and brackets for one of several")
def test_other_wildcards(is_excluded):
    for pattern, right in (("layers.?", "02"), ("layers.[02]", "02"), ("layers.[0-2]", "012"), ("layers.[!0]", "12")):
        for number in "012":
            wanted = number in right or pattern == "layers.?"
            expect_equal(is_excluded(f"layers.{number}", [pattern]), wanted, "excluded")
        expect_equal(is_excluded("layers.10", [pattern]), False, "excluded")


@law("11.1", "a pattern with a wildcard is held against the full name only")
def test_wildcards_are_not_for_last_components(is_excluded):
    for name, pattern in (("layers.0.q_proj", "q_*"), ("layers.0", "?"), ("layers.0", "[0]"), ("a.b", "b*")):
        expect_equal(is_excluded(name, [pattern]), False, "excluded")
    for name, pattern in (("q_proj", "q_*"), ("0", "?"), ("0", "[0]"), ("b", "b*")):
        expect_equal(is_excluded(name, [pattern]), True, "excluded")


@law("11.1", "upper and lower case differ")
def test_case(is_excluded):
    for name, pattern in (("LM_head", "lm_head"), ("model.LM_HEAD", "lm_head"), ("Encoder.0", "encoder.*")):
        expect_equal(is_excluded(name, [pattern]), False, "excluded")


@law("11.1", "a dot is a dot, and letters that mean something elsewhere are letters")
def test_no_regular_expressions(is_excluded):
    for name, pattern in (("abc", "a.c"), ("aab", "a+b"), ("ab", "^ab$"), ("b", "a|b"), ("xa.b", "a.b")):
        expect_equal(is_excluded(name, [pattern]), False, "excluded")
    for name, pattern in (("x.a+b", "a+b"), ("f(x).w", "f(x).w"), ("x.a|b", "a|b"), ("a b", "a b")):
        expect_equal(is_excluded(name, [pattern]), True, "excluded")


@law("11.1", "one pattern of several is enough, whichever it is, and no pattern names nothing")
def test_several(is_excluded):
    for patterns in (["lm_head", "x"], ["x", "lm_head"], ["x.*", "y", "*.lm_head"], ("x", "lm_head")):
        expect_equal(is_excluded("model.lm_head", patterns), True, "excluded")
    for patterns in ([], (), ["x", "y"], ["x.*", "head"]):
        expect_equal(is_excluded("model.lm_head", patterns), False, "excluded")


@law("11.1", "every name against thirty patterns")
@pytest.mark.parametrize("name", NAMES)
def test_all_pairs(is_excluded, name):
    for pattern in PATTERNS:
        expect_equal(is_excluded(name, [pattern]), names_layer(pattern, name), "excluded")


@law("11.1", "one string instead of a list is refused: its letters would be the patterns")
def test_one_string(is_excluded):
    expect_raises(is_excluded, TypeError, "model.lm_head", "lm_head", naming="patterns")


NESTED = "0: Linear(4, 4); 1: ReLU(); 2.0: Linear(4, 3, bias=False); 2.inner.proj: Linear(3, 2)"
CHAIN = "0: Linear(4, 3, bias=False); 1.up: Linear(3, 5, bias=False); 1.down: Linear(5, 2, bias=False)"
SIX = "; ".join(f"{number}: Linear(4, 4)" for number in range(6))
SHARED_LAYER = "first: Linear(4, 4, bias=False); second: same as first"
SHARED_BLOCK = "a.up: Linear(4, 5, bias=False); a.down: Linear(5, 4, bias=False); b: same as a"
TIED = "emb: Embedding(7, 4); mid: Linear(4, 4, bias=False); head: Linear(4, 7, bias=False) tied to emb"
TWO_TIED = "a: Linear(4, 4, bias=False); b: Linear(4, 4, bias=False) tied to a; c: Linear(4, 2, bias=False)"
SUBCLASS = "a: Linear(4, 4, bias=False); b: Subclass(4, 3)"
ATTENTION = "x: SelfAttention(8, 2); head: Linear(8, 3, bias=False)"
ENCODER = "0: TransformerEncoderLayer(8, 2, 16); 1: TransformerEncoderLayer(8, 2, 12)"
COMPUTED = "a: WeightNorm(4, 4); b: Pruned(4, 4); c: Linear(4, 2, bias=False)"
NO_LINEAR = "0: Conv1D(4, 6); 1: LayerNorm(6); 2: Conv1D(6, 2)"
PROJECTIONS = "proj: Linear(4, 4); enc.proj: Linear(4, 4); enc.proj_out: Linear(4, 4); dec.0: Linear(4, 2)"
ODD = "my layer: Linear(4, 4); block.10.to-q: Linear(4, 4); block.010.weight0: Linear(4, 4); _é._: Linear(4, 2)"
LISTS = ("replaced", "excluded", "tied", "unsupported")


def replaced(replace_linears: Any, model: str, build: str = "copy", exclude: Any = ()) -> dict[str, Any]:
    """The facts of one call, by name."""
    return dict(replace_linears(model, build, exclude=exclude))


def expect_report(facts: dict[str, Any], **wanted: str) -> None:
    """Each list holds these names, in any order; a list that is not mentioned is empty. A blank ends a name."""
    expect_equal(facts["returned"], "ReplacementReport", "the type of the answer")
    for kind in LISTS:
        expect_equal(names_on(facts, kind), tuple(sorted(wanted.get(kind, "").split())), f"report.{kind}")


def names_on(facts: dict[str, Any], kind: str) -> tuple[str, ...]:
    """One list of the report, in the order of the alphabet."""
    found = facts[kind]
    is_list = isinstance(found, tuple) and all(isinstance(name, str) for name in found)
    expect_true(is_list, f"report.{kind} = {text_of(found)}", "a list of names")
    return tuple(sorted(found))


def expect_kinds(facts: dict[str, Any], **wanted: str) -> None:
    """What stands at these places now: ``Linear="0 2.inner"``."""
    kinds = dict(line.split(": ") for line in facts["modules"])
    for kind, names in wanted.items():
        for name in names.split():
            expect_equal(kinds.get(name, "nothing"), kind, f"afterwards the class of {name}")


def expect_answers(facts: dict[str, Any], factor: float = 1.0) -> None:
    """The model answers a multiple of what it answered before, in evaluation and in training mode."""
    for mode, before, after in zip(("eval", "train"), facts["before"], facts["after"], strict=True):
        tolerance = 1e-5 * float(before.abs().max()) * factor
        expect_close(after, before * factor, f"answers in {mode} mode", relative=1e-5, absolute=tolerance)


@law("11.2", "every linear layer is exchanged, also deep inside")
def test_nested(replace_linears):
    facts = replaced(replace_linears, NESTED)
    expect_kinds(facts, Copied="0 2.0 2.inner.proj", ReLU="1", Sequential="2 2.inner")
    expect_report(facts, replaced="0 2.0 2.inner.proj")


@law("11.2", "build gets the model's own layers, each of them once")
def test_what_build_gets(replace_linears):
    for model, names in ((NESTED, "0 2.0 2.inner.proj"), (SIX, "0 1 2 3 4 5"), (SHARED_BLOCK, "a.up a.down")):
        facts = replaced(replace_linears, model)
        expect_equal(tuple(sorted(facts["built"])), tuple(sorted(names.split())), "build was called with")


@law("11.2", "copies of the layers, biases included, leave the answers as they were")
@cases(whole_numbers)
def test_copies(replace_linears, x):
    first, last = x.tolist()[0], x.tolist()[-1]
    sizes = f"0: Linear({first}, {last}); 1.head: Linear({last}, {first}, bias=False)"
    for model in (NESTED, CHAIN, SIX, SHARED_BLOCK, TIED, PROJECTIONS, sizes):
        expect_answers(replaced(replace_linears, model))


@law("11.2", "the model computes with the new layers: three that double make eight")
def test_the_new_layers_are_used(replace_linears):
    expect_answers(replaced(replace_linears, CHAIN, "double"), 8)


@law("11.2", "a layer that stands in two places is built once and stays one layer")
def test_shared_layer(replace_linears):
    facts = replaced(replace_linears, SHARED_LAYER, "double")
    expect_equal(facts["built"], ("first",), "build was called with")
    expect_kinds(facts, Doubled="first second")
    expect_true("first = second" in facts["same"], "first and second are two layers", "one layer in two places")
    expect_answers(facts, 4)


@law("11.2", "a block that stands twice stays one block")
def test_shared_block(replace_linears):
    facts = replaced(replace_linears, SHARED_BLOCK, "double")
    expect_kinds(facts, Doubled="a.up a.down b.up b.down")
    for pair in ("a = b", "a.up = b.up", "a.down = b.down"):
        expect_true(pair in facts["same"], f"not so any more: {pair}", "one block in two places")
    expect_answers(facts, 16)


@law("11.2", "all names of a layer with several are reported")
def test_all_names(replace_linears):
    expect_report(replaced(replace_linears, SHARED_LAYER), replaced="first second")
    expect_report(replaced(replace_linears, SHARED_BLOCK), replaced="a.up a.down b.up b.down")
    expect_report(
        replaced(replace_linears, SHARED_BLOCK, exclude=["a.up"]), replaced="a.down b.down", excluded="a.up b.up"
    )


@law("11.2", "a head that shares its weight with an embedding is left, and reported as tied")
def test_tied(replace_linears):
    facts = replaced(replace_linears, TIED, "double")
    expect_kinds(facts, Doubled="mid", Linear="head", Embedding="emb")
    expect_report(facts, replaced="mid", tied="head")
    expect_answers(facts, 2)


@law("11.2", "two linear layers with one weight are both left")
def test_two_tied(replace_linears):
    facts = replaced(replace_linears, TWO_TIED, "double")
    expect_kinds(facts, Linear="a b", Doubled="c")
    expect_report(facts, replaced="c", tied="a b")
    expect_answers(facts, 2)


@law("11.2", "layers that a pattern names are left, and reported as excluded")
def test_excluded(replace_linears):
    facts = replaced(replace_linears, CHAIN, "double", ["1.*"])
    expect_kinds(facts, Doubled="0", Linear="1.up 1.down")
    expect_report(facts, replaced="0", excluded="1.up 1.down")
    expect_equal(facts["built"], ("0",), "build was called with")
    expect_answers(facts, 2)


@law("11.2", "patterns go by the rules of is_excluded, with the full name")
def test_patterns(replace_linears):
    names = {"proj", "enc.proj", "enc.proj_out", "dec.0"}
    tried = {"enc.proj": "enc.proj", "proj": "proj enc.proj", "enc.*": "enc.proj enc.proj_out", "p*": "proj"}
    for pattern, left in {**tried, "0": "dec.0", "enc": "", "[0]": "", "*": " ".join(names)}.items():
        facts = replaced(replace_linears, PROJECTIONS, exclude=["unknown", pattern])
        expect_report(facts, excluded=left, replaced=" ".join(names - set(left.split())))


@law("11.2", "a shared layer is excluded under any of its names")
def test_excluded_under_another_name(replace_linears):
    for exclude in (["first"], ["second"]):
        facts = replaced(replace_linears, SHARED_LAYER, exclude=exclude)
        expect_report(facts, excluded="first second")
        expect_kinds(facts, Linear="first second")
        expect_equal(facts["built"], (), "build was called with")


@law("11.2", "subclasses of nn.Linear are left, and reported as unsupported")
def test_subclass(replace_linears):
    facts = replaced(replace_linears, SUBCLASS)
    expect_kinds(facts, Copied="a", Subclass="b")
    expect_report(facts, replaced="a", unsupported="b")


@law("11.2", "nn.MultiheadAttention keeps working, in evaluation and in training mode")
def test_attention(replace_linears):
    facts = replaced(replace_linears, ATTENTION, "double")
    expect_report(facts, replaced="head", unsupported="x.attention.out_proj")
    expect_answers(facts, 2)


@law("11.2", "nn.TransformerEncoderLayer, which reads weights past forward, answers as before")
def test_encoder_layer(replace_linears):
    facts = replaced(replace_linears, ENCODER)
    expect_kinds(facts, Copied="0.linear1 0.linear2 1.linear1 1.linear2")
    expect_answers(facts)


@law("11.2", "a weight that is computed (weight norm, pruning) is left, and reported as unsupported")
def test_computed_weights(replace_linears):
    facts = replaced(replace_linears, COMPUTED, "double")
    expect_report(facts, replaced="c", unsupported="a b")
    expect_answers(facts, 2)


@law("11.2", "the first reason counts: excluded, then tied, then unsupported")
def test_reasons(replace_linears):
    facts = replaced(replace_linears, TIED, exclude=["head"])
    expect_report(facts, replaced="mid", excluded="head")
    facts = replaced(replace_linears, ATTENTION, exclude=["out_proj"])
    expect_report(facts, replaced="head", excluded="x.attention.out_proj")
    facts = replaced(replace_linears, "emb: Embedding(7, 4); a: Linear(4, 4); b: Subclass(4, 7) tied to emb")
    expect_report(facts, replaced="a", tied="b")


@law("11.2", "nothing replaced is a warning")
def test_nothing_replaced(replace_linears):
    for model, exclude in ((NO_LINEAR, []), (NESTED, ["*"]), (TIED, ["mid"])):
        facts = replaced(replace_linears, model, exclude=exclude)
        expect_true(facts["warnings"], "no warning", "a warning that no layer was replaced")
    expect_report(replaced(replace_linears, NO_LINEAR))


@law("11.2", "something replaced is no warning")
def test_no_warning(replace_linears):
    for model, exclude in ((NESTED, []), (TIED, []), (ATTENTION, []), (SIX, ["0", "1", "2", "3", "4"])):
        expect_equal(replaced(replace_linears, model, exclude=exclude)["warnings"], (), "warnings")


@law("11.2", "a bare linear layer has no parent to be exchanged in, and is refused")
def test_root(replace_linears):
    expect_raises(replace_linears, ValueError, ": Linear(4, 3)", "copy", naming="model")
    expect_raises(replace_linears, ValueError, ": Subclass(4, 3)", "copy", naming="model")


@law("11.2", "what is no module is refused, and so is one string instead of a list of patterns")
def test_refused(replace_linears):
    expect_raises(replace_linears, TypeError, "not a module", "copy", naming="model")
    expect_raises(replace_linears, TypeError, NESTED, "copy", exclude="head", naming="exclude")


@law("11.2", "to replace a second time changes nothing")
def test_twice(replace_linears):
    facts = replaced(replace_linears, NESTED, "copy, twice")
    expect_report(facts)
    expect_equal(tuple(sorted(facts["built"])), ("0", "2.0", "2.inner.proj"), "build was called with")
    expect_kinds(facts, Copied="0 2.0 2.inner.proj")
    expect_answers(facts)


@law("11.2", "a linear layer inside a new one is not replaced in its turn")
def test_new_layers_are_not_entered(replace_linears):
    facts = replaced(replace_linears, NESTED, "wrap")
    expect_report(facts, replaced="0 2.0 2.inner.proj")
    expect_kinds(facts, Wrapped="0 2.0 2.inner.proj", Linear="0.base 2.0.base 2.inner.proj.base")
    expect_answers(facts)


@law("11.2", "an error in build says at which layer, and the model still works")
def test_error_in_build(replace_linears):
    facts = replaced(replace_linears, NESTED, "copy, not 2.inner.proj")
    expect_true("2.inner.proj" in facts["note"], f"error and notes: {facts['note']!r}", "the name of the layer")
    expect_kinds(facts, Linear="2.inner.proj")
    expect_answers(facts)


@law("11.2", "old weights are freed one by one, not all at the end")
def test_memory(replace_linears):
    *during, after = replaced(replace_linears, SIX)["alive"]
    expect_equal(len(during), 6, "calls of build")
    expect_at_most(max(during), 1, "old weights alive while the next layer is built")
    expect_equal(after, 0, "old weights alive afterwards")


@law("11.2", "the report counts parameters before the exchange, each once")
def test_total(replace_linears):
    for model, total in ((CHAIN, 37), (NESTED, 40), (SHARED_BLOCK, 40), (TIED, 44), (TWO_TIED, 24), (NO_LINEAR, 48)):
        expect_equal(replaced(replace_linears, model)["total"], total, "report.total")


@law("11.2", "the report's share is that of the weights that were replaced")
def test_share(replace_linears):
    for model, exclude, share in (
        (CHAIN, [], 1.0),
        (CHAIN, ["0"], 25 / 37),
        (NESTED, [], 34 / 40),
        (SHARED_BLOCK, [], 1.0),
        (TIED, [], 16 / 44),
        (TWO_TIED, [], 8 / 24),
        (NO_LINEAR, [], 0.0),
    ):
        expect_close(replaced(replace_linears, model, exclude=exclude)["share"], share, "report.share")


@law("11.2", "the sizes of all lists add up, a shared or tied weight counted once")
def test_sizes(replace_linears):
    for model, weights in ((NESTED, 34), (SHARED_BLOCK, 40), (TWO_TIED, 24), (TIED, 44), (ATTENTION, 88)):
        facts = replaced(replace_linears, model)
        listed = [name for kind in LISTS for name in names_on(facts, kind)]
        sizes = {name: size for name, size in facts["sizes"] or () if isinstance(name, str) and isinstance(size, int)}
        expect_equal(sum(sizes.get(name, 0) for name in listed), weights, "weights in the four lists")


@law("11.2", "other layers, their values and the model's mode stay as they were")
def test_the_rest(replace_linears):
    facts = replaced(replace_linears, "0: LayerNorm(4); 1: Linear(4, 4); 2: Conv1D(4, 3); 3.0: Linear(3, 2)")
    expect_kinds(facts, LayerNorm="0", Conv1D="2", Sequential="3")
    expect_equal(facts["changed"], (), "changed parameters")
    expect_equal(facts["training"], True, "model.training")


@law("11.2", "names may be odd: blanks, hyphens, numbers with zeros")
def test_odd_names(replace_linears):
    facts = replaced(replace_linears, ODD)
    wanted = ("_é._", "block.010.weight0", "block.10.to-q", "my layer")
    expect_equal(names_on(facts, "replaced"), tuple(sorted(wanted)), "report.replaced")
    expect_answers(facts)
    facts = replaced(replace_linears, ODD, exclude=["my layer", "to-q"])
    expect_equal(names_on(facts, "excluded"), ("block.10.to-q", "my layer"), "report.excluded")


def test_the_oracle_knows_globs():
    """The glob matcher above against a few answers that anybody knows."""
    assert matches("a.b", "*") and matches("a.b", "a?b") and matches("ab", "[xa]b") and not matches("ab", "[!a]b")
    assert not matches("a", "a?") and not matches("a.b", "a") and matches("", "*")
