"""Lesson 12: whole models. Their bytes, quantizing them, and two measures of what that changed."""

from __future__ import annotations

import itertools
import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from labs_lib.course.laws import (
    cases,
    expect_at_most,
    expect_clean,
    expect_close,
    expect_equal,
    expect_number,
    expect_raises,
    expect_results,
    expect_tensor,
    expect_true,
    inputs,
    law,
)

from . import oracle

BYTES = {"float64": 8, "float32": 4, "int32": 4, "float16": 2, "bfloat16": 2, "int8": 1, "uint8": 1, "bool": 1}
LINEARS = tuple(f"blocks.{block}.{name}" for block in (0, 1) for name in ("mix", "up", "down"))
LISTS = ("replaced", "excluded", "tied", "unsupported")
TABLE_ERROR = 1e-5  # of a perplexity: float32 arithmetic will do
KLD_ERROR = 1e-9  # absolute, in nats


# --- 12.1 ------------------------------------------------------------------------------------------------------------


def expect_bytes(got: Any, expected: int) -> None:
    """A plain int, and a model that is left as it was."""
    answer, untouched = expect_results(got, "bytes", "untouched")
    expect_equal(answer, expected, "bytes")
    expect_true(untouched, "a model that the call changed", "a model left as it was")


@law("12.1", "a linear layer of float32 takes 4 bytes for each weight and each bias")
@cases(inputs.whole_numbers)
def test_linear(memory_footprint, x):
    width, height = x.tolist()[0], x.tolist()[-1]
    expect_bytes(memory_footprint("linear", width, height, True, "float32"), 4 * (width * height + height))
    expect_bytes(memory_footprint("linear", 10, 4, True, "float32"), 4 * (10 * 4 + 4))
    expect_bytes(memory_footprint("linear", 7, 13, False, "float32"), 4 * 7 * 13)


@law("12.1", "buffers count too: that is where int8 weights live")
def test_quantized(memory_footprint):
    expect_bytes(memory_footprint("quantized", 10, 4), 10 * 4 + 4 * 4 + 4 * 4)
    expect_bytes(memory_footprint("buffers", 2, "int8"), 2 * 3)


@law("12.1", "each dtype takes its own number of bytes")
def test_dtypes(memory_footprint):
    for dtype in ("float16", "bfloat16", "float64"):
        expect_bytes(memory_footprint("linear", 6, 5, True, dtype), BYTES[dtype] * 35)
    expect_bytes(memory_footprint("buffers", 4, *BYTES), 4 * 3 * sum(BYTES.values()))


@law("12.1", "buffers that are never saved take memory all the same")
def test_unsaved_buffers(memory_footprint):
    expect_bytes(memory_footprint("unsaved buffer", 1000), 4000)


@law("12.1", "a head tied to the embedding counts once")
def test_tied(memory_footprint):
    expect_bytes(memory_footprint("tied head", 50, 8), 4 * (50 * 8 + 8 + 8))


@law("12.1", "a layer that stands in two places counts once")
def test_one_layer_twice(memory_footprint):
    expect_bytes(memory_footprint("one layer twice", 9), 4 * (9 * 9 + 9))


@law("12.1", "two layers with equal values count twice")
def test_equal_layers(memory_footprint):
    expect_bytes(memory_footprint("equal layers", 9), 2 * 4 * (9 * 9 + 9))


@law("12.1", "a view of a tensor takes no memory of its own")
def test_views(memory_footprint):
    expect_bytes(memory_footprint("transposed view", 6, 10), 4 * 60)
    expect_bytes(memory_footprint("inner view", 6, 10), 4 * 60)


@law("12.1", "two halves of one tensor count both")
def test_halves(memory_footprint):
    expect_bytes(memory_footprint("two halves", 3, 5), 4 * 2 * 15)


@law("12.1", "one row that is shown a thousand times is one row")
def test_repeated_row(memory_footprint):
    expect_bytes(memory_footprint("one row repeated", 1000, 16), 4 * 16)


@law("12.1", "a slice counts at least itself, and at most the tensor that it was cut from")
def test_slice(memory_footprint):
    answer, _ = expect_results(memory_footprint("slice of larger", 100, 2), "bytes", "untouched")
    number = expect_number(answer, "bytes")
    expect_true(4 * 16 <= number <= 4 * 800, f"bytes = {answer}", "64 to 3200 bytes")


@law("12.1", "frozen weights count, and gradients are no part of the model")
def test_trainable_or_not(memory_footprint):
    expect_bytes(memory_footprint("frozen", 8), 2 * 4 * (64 + 8))
    expect_bytes(memory_footprint("with gradients", 8), 4 * (64 + 8))


@law("12.1", "on the meta device it says what the model would need")
def test_meta(memory_footprint):
    expect_bytes(memory_footprint("meta: linear", 1000, 3000, True, "float16"), 2 * (3_000_000 + 3000))
    expect_bytes(memory_footprint("meta: tied head", 50, 8), 4 * (50 * 8 + 8 + 8))
    expect_bytes(memory_footprint("meta: equal layers", 9), 2 * 4 * (9 * 9 + 9))
    expect_bytes(memory_footprint("meta: quantized", 10, 4), 40 + 16 + 16)


@law("12.1", "no tensors and empty tensors take nothing")
def test_nothing(memory_footprint):
    expect_bytes(memory_footprint("nothing"), 0)
    expect_bytes(memory_footprint("empty tensors", 3), 36)


@law("12.1", "the model stays as it was: weights, modes, what can be trained")
def test_untouched(memory_footprint):
    expect_bytes(memory_footprint("evaluated", 5), 4 * (25 + 5 + 5 + 1))


@law("12.1", "what is not a module is refused")
def test_refuses(memory_footprint):
    expect_raises(memory_footprint, TypeError, "no module", naming="model")


# --- 12.2 ------------------------------------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """What the driver says of a quantized model."""

    report: tuple[Any, ...]
    modules: tuple[tuple[str, str, bool, bool], ...]  # name, kind, the old object, in training mode
    layers: tuple[tuple[str, Tensor, Tensor, Tensor], ...]  # name, old weight, codes, scales
    before: Tensor
    after: Tensor
    bytes_before: int
    bytes_after: int
    tied: bool

    def names(self, which: str) -> tuple[str, ...]:
        return tuple(sorted(self.report[LISTS.index(which)]))

    @property
    def sizes(self) -> dict[str, int]:
        return dict(self.report[4])

    @property
    def kinds(self) -> dict[str, str]:
        return {name: kind for name, kind, _, _ in self.modules}


def outcome_of(got: Any) -> Outcome:
    outcome = Outcome(*got)
    report = isinstance(outcome.report, tuple)
    expect_true(report, f"the answer {outcome.report}", "the ReplacementReport that replace_linears made")
    return outcome


def expect_names(outcome: Outcome, **expected: tuple[str, ...]) -> None:
    """The names in some of the report's lists, in any order."""
    for which, names in expected.items():
        expect_equal(outcome.names(which), tuple(sorted(names)), which)


@law("12.2", "every linear layer but the head becomes a W8A16Linear")
def test_decoder(quantize_model):
    outcome = outcome_of(quantize_model("decoder"))
    expect_names(outcome, replaced=LINEARS, excluded=("lm_head",), tied=())
    for name in LINEARS:
        expect_equal(outcome.kinds[name], "W8A16Linear", name)
    expect_equal(outcome.kinds["lm_head"], "Linear", "lm_head")


@law("12.2", "patterns decide what is left alone, the head too")
def test_exclude(quantize_model):
    outcome = outcome_of(quantize_model("decoder", exclude=("blocks.1.*", "up")))
    expect_names(outcome, replaced=("blocks.0.mix", "blocks.0.down", "lm_head"))
    expect_names(outcome, excluded=("blocks.1.mix", "blocks.1.up", "blocks.1.down", "blocks.0.up"))
    outcome = outcome_of(quantize_model("decoder", exclude=()))
    expect_names(outcome, replaced=(*LINEARS, "lm_head"), excluded=())


@law("12.2", "GPT-2's Conv1D layers are quantized too")
def test_conv1d(quantize_model):
    for model in ("gpt2", "untied gpt2"):
        outcome = outcome_of(quantize_model(model))
        expect_names(outcome, replaced=LINEARS)
        for name in LINEARS:
            expect_equal(outcome.kinds[name], "W8A16Linear", name)


@law("12.2", "a Conv1D that a pattern names stays the layer that it was")
def test_excluded_conv1d(quantize_model):
    outcome = outcome_of(quantize_model("untied gpt2", exclude=("*.mix", "lm_head")))
    expect_names(outcome, excluded=("blocks.0.mix", "blocks.1.mix", "lm_head"))
    same = {name: is_old for name, _, is_old, _ in outcome.modules}
    for name in ("blocks.0.mix", "blocks.1.mix", "lm_head"):
        expect_true(same[name], f"another {outcome.kinds[name]} at {name}", "the layer that stood there before")


@law("12.2", "the codes are those of the old weights, one scale a row, each within half a step")
def test_codes(quantize_model):
    for model in ("decoder", "untied gpt2", "mixed", "shared"):
        outcome = outcome_of(quantize_model(model, exclude=()))
        expect_true(outcome.layers, "no quantized layer", "quantized layers")
        for name, weight, codes, scales in outcome.layers:
            expect_tensor(codes, f"{name}.q_weight", shape=weight.shape, dtype=torch.int8)
            error = (weight.double() - codes.double() * scales.double().unsqueeze(1)).abs()
            step = weight.double().abs().amax(1, keepdim=True) / 127
            expect_at_most(error, step * (0.5 + 1e-5) + 1e-30, f"|weight - codes * scale| of {name}")


@law("12.2", "the model answers as before, up to rounding")
def test_answers(quantize_model):
    for model in ("decoder", "tied decoder", "gpt2", "untied gpt2", "mixed", "shared"):
        outcome = outcome_of(quantize_model(model))
        expect_tensor(outcome.after, "answers", shape=outcome.before.shape, dtype=torch.float32)
        off = (outcome.after - outcome.before).double().norm() / outcome.before.double().norm()
        expect_at_most(off, 0.05, f"relative error of the answers of the {model} model")


@law("12.2", "weights that are tied stay tied, and the report says so")
def test_tied_head(quantize_model):
    for model in ("tied decoder", "gpt2"):
        outcome = outcome_of(quantize_model(model, exclude=()))
        expect_true(outcome.tied, "a head and an embedding with two weights", "one weight for both")
        expect_names(outcome, replaced=LINEARS, tied=("lm_head",))
        outcome = outcome_of(quantize_model(model))
        expect_true(outcome.tied, "a head and an embedding with two weights", "one weight for both")
        expect_names(outcome, replaced=LINEARS, excluded=("lm_head",), tied=())


@law("12.2", "what cannot be quantized is reported: embeddings, convolutions, stacked experts, raw parameters")
def test_the_rest(quantize_model):
    expect_names(outcome_of(quantize_model("decoder")), unsupported=("embedding",))
    outcome = outcome_of(quantize_model("mixed"))
    left = ("patches", "positions", "experts", "attention.in_proj_weight", "attention.out_proj")
    expect_names(outcome, replaced=("gate", "classifier"), unsupported=left, excluded=(), tied=())


@law("12.2", "a model without a linear layer is left as it is, and everything in it is reported")
def test_nothing_to_replace(quantize_model):
    outcome = outcome_of(quantize_model("convolutions only"))
    expect_names(outcome, replaced=(), unsupported=("0",), excluded=(), tied=())
    expect_equal(outcome.after, outcome.before, "answers")


@law("12.2", "a pattern that names an embedding or a parameter puts it among the excluded")
def test_excluded_rest(quantize_model):
    outcome = outcome_of(quantize_model("mixed", exclude=("positions", "patches", "gate")))
    expect_names(outcome, replaced=("classifier",), excluded=("positions", "patches", "gate"))
    expect_names(outcome, unsupported=("experts", "attention.in_proj_weight", "attention.out_proj"))


@law("12.2", "every weight stands in the report once, and the sizes add up to the model")
def test_sizes(quantize_model):
    small = {"decoder": 2 * (8 + 8 + 8 + 12 + 8), "mixed": 8 + 3 * 8 + 8 + 3 + 2}  # biases and norms
    small |= {"gpt2": small["decoder"], "tied decoder": small["decoder"]}
    for model, others in small.items():
        for exclude in (("lm_head",), (), ("embedding",)):
            outcome = outcome_of(quantize_model(model, exclude=exclude))
            names = [name for which in LISTS for name in outcome.names(which)]
            expect_equal(tuple(sorted(names)), tuple(sorted(set(names))), "names in the four lists")
            expect_equal(
                sum(outcome.sizes.get(name, 0) for name in names), outcome.report[5] - others, "sizes together"
            )


@law("12.2", "a quantized weight takes one byte, and each row four more for its scale")
def test_bytes(quantize_model):
    weights, rows = 2 * (8 * 8 + 8 * 12 + 12 * 8), 2 * (8 + 12 + 8)
    for model in ("decoder", "gpt2"):
        outcome = outcome_of(quantize_model(model))
        expect_equal(outcome.bytes_before - outcome.bytes_after, 3 * weights - 4 * rows, "bytes saved")


@law("12.2", "the class that is handed in is the one that is put in")
def test_layer(quantize_model):
    for model in ("decoder", "untied gpt2"):
        outcome = outcome_of(quantize_model(model, layer="Marked"))
        for name in LINEARS:
            expect_equal(outcome.kinds[name], "Marked", name)


@law("12.2", "the model itself changes, module by module, and each keeps its mode")
def test_in_place(quantize_model):
    for mode in ("train", "eval", "mixed"):
        for model in ("decoder", "gpt2"):
            outcome = outcome_of(quantize_model(model, mode=mode))
            kept = {name for name, _, is_old, _ in outcome.modules if is_old}
            others = {name for name, *_ in outcome.modules} - set(LINEARS)
            expect_equal(tuple(sorted(kept)), tuple(sorted(others)), "modules that are still the same")
            for name, _, _, training in outcome.modules:
                wanted = {"train": True, "eval": False, "mixed": name != "embedding"}[mode]
                expect_equal(training, wanted, f"{name or 'model'}.training")


@law("12.2", "a layer that stands in two places is one layer afterwards")
def test_shared(quantize_model):
    outcome = outcome_of(quantize_model("shared"))
    expect_names(outcome, replaced=("0", "2", "3"))
    expect_equal(sum(outcome.sizes.get(name, 0) for name in ("0", "2")), 64, "sizes of one layer in two places")
    expect_equal(outcome.bytes_after, 64 + 4 * 8 + 4 * 8 + 16 + 4 * 2 + 4 * 2, "bytes")


@law("12.2", "quantizing a second time changes nothing")
def test_again(quantize_model):
    for model in ("decoder", "gpt2", "mixed"):
        outcome = outcome_of(quantize_model(model, again=True))
        expect_names(outcome, replaced=())
        expect_equal(outcome.after, outcome.before, "answers")


@law("12.2", "a bare linear layer, what is no module, one string of patterns and NaN are refused")
def test_quantize_refuses(quantize_model):
    expect_raises(quantize_model, ValueError, "bare linear", naming="model")
    expect_raises(quantize_model, TypeError, "no module", naming="model")
    expect_raises(quantize_model, TypeError, "decoder", exclude="lm_head", naming="exclude")
    expect_raises(quantize_model, ValueError, "nan", naming="weight")


# --- 12.3 ------------------------------------------------------------------------------------------------------------


def table_of(x: Tensor, vocabulary: int = 7) -> Tensor:
    """Logits for a few tokens, (vocabulary, vocabulary), from any values; moderate, so that nothing is certain."""
    values = x.detach().double().flatten()
    values = values / values.abs().max().clamp(min=1e-30)
    wide = values.repeat(math.ceil(vocabulary**2 / len(values)))[: vocabulary**2].reshape(vocabulary, vocabulary)
    ramp = torch.arange(vocabulary**2, dtype=torch.float64).reshape(vocabulary, vocabulary)
    return (3 * wide + torch.sin(ramp)).float()


def some_ids(count: int, vocabulary: int = 7, seed: int = 0) -> Tensor:
    return torch.randint(vocabulary, (count,), generator=torch.Generator().manual_seed(seed))


def losses(model: tuple[Any, ...], ids: Tensor, context: int) -> list[list[float]]:
    """Nats of every prediction, window by window, one number after the other."""
    kind, table = model[0], oracle.array(model[1])
    found = []
    for text in torch.atleast_2d(ids).tolist():
        for start in range(0, len(text), context):
            window, row, nats = text[start : start + context], 0, []
            for token, following in itertools.pairwise(window):
                row = (row + 7 * token + 3) % len(table) if kind == "remembering" else token
                nats.append(float(np.logaddexp.reduce(table[row]) - table[row][following]))
            found.append(nats)
    return found


def expected_perplexity(model: tuple[Any, ...], ids: Tensor, context: int = 128) -> float:
    nats = [loss for window in losses(model, ids, context) for loss in window]
    return math.exp(math.fsum(nats) / len(nats))


def expect_perplexity(got: Any, expected: float, relative: float = TABLE_ERROR) -> None:
    answer = expect_results(got, "perplexity", "modes", "trained", "tracked", "calls", "failed")[0]
    expect_close(answer, expected, "perplexity", relative=relative)


def expect_prediction(perplexity: Any, model: tuple[Any, ...], ids: Tensor, context: int) -> None:
    expect_perplexity(perplexity(model, ids, context=context), expected_perplexity(model, ids, context))


@law("12.3", "a model that finds 50 tokens equally likely has perplexity 50")
def test_uniform(perplexity):
    for vocabulary in (50, 2, 1000):
        for context in (128, 3, 2):
            ids = some_ids(20, vocabulary)
            expect_perplexity(
                perplexity(("table", torch.zeros(vocabulary, vocabulary)), ids, context=context), vocabulary
            )


@law("12.3", "a model that knows the next token has perplexity 1")
def test_certain(perplexity):
    for vocabulary in (5, 64):
        following = 50.0 * torch.eye(vocabulary).roll(1, dims=1)  # token t is followed by t + 1
        ids = torch.arange(3 * vocabulary + 1) % vocabulary
        for context in (128, 4):
            expect_perplexity(perplexity(("table", following), ids, context=context), 1.0)


@law("12.3", "a model that is sure of the token that it has just read is wrong")
def test_shift(perplexity):
    ids = torch.arange(21) % 5
    for shift in (0, -1):
        model = ("table", 10.0 * torch.eye(5).roll(shift, dims=1))
        expect_perplexity(perplexity(model, ids), math.exp(10) + 4)


@law("12.3", "one text and one window: exp of the mean loss in nats")
@cases(inputs.straddling, inputs.outlier, inputs.all_positive, inputs.rows_apart, inputs.constant, inputs.all_zero)
def test_one_window(perplexity, x):
    for count in (2, 3, 40):
        ids = some_ids(count)
        expect_perplexity(perplexity(("table", table_of(x)), ids), expected_perplexity(("table", table_of(x)), ids))


@law("12.3", "the mean is over tokens: the loss is averaged before exp, not after, and not window by window")
@cases(inputs.straddling, inputs.outlier)
def test_mean_over_tokens(perplexity, x):
    for count, context in ((10, 8), (17, 8), (23, 16), (11, 4)):
        expect_prediction(perplexity, ("table", table_of(x)), some_ids(count), context)


@law("12.3", "each window begins anew: its first token is not predicted, and what came before is forgotten")
@cases(inputs.straddling, inputs.three_dim)
def test_windows(perplexity, x):
    for count, context in ((24, 8), (24, 6), (24, 2), (24, 23), (24, 24), (24, 25), (24, 1000)):
        expect_prediction(perplexity, ("remembering", table_of(x)), some_ids(count), context)


@law("12.3", "without a context it is 128 tokens")
def test_default_context(perplexity):
    model, ids = ("remembering", table_of(torch.linspace(-1, 1, 49))), some_ids(300)
    expect_perplexity(perplexity(model, ids), expected_perplexity(model, ids, 128))


@law("12.3", "a short last window counts as much as its tokens, and one token predicts nothing")
@cases(inputs.straddling)
def test_short_window(perplexity, x):
    for count in (9, 10, 13, 15, 16, 17):
        expect_prediction(perplexity, ("remembering", table_of(x)), some_ids(count), 8)


@law("12.3", "texts are apart: none runs on into the next, and all of them count")
@cases(inputs.straddling, inputs.offset)
def test_texts(perplexity, x):
    for texts, tokens, context in ((3, 7, 4), (2, 8, 8), (4, 5, 128), (1, 9, 4), (5, 2, 2)):
        ids = some_ids(texts * tokens).reshape(texts, tokens)
        for kind in ("table", "remembering"):
            expect_prediction(perplexity, (kind, table_of(x)), ids, context)


@law("12.3", "token ids of any integer dtype and layout will do, and they are left as they are")
def test_id_dtypes(perplexity):
    model = ("table", table_of(torch.linspace(-1, 1, 49)))
    expected = expected_perplexity(model, some_ids(20), 8)
    for dtype in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8):
        reply = perplexity.reply(model, some_ids(20).to(dtype), context=8)
        expect_clean(reply)
        expect_perplexity(reply.value, expected)
    strided = some_ids(20).repeat_interleave(2)[::2]
    expect_perplexity(perplexity(model, strided, context=8), expected)


@law("12.3", "the answer of a transformers model, logits inside an object, will do as well")
def test_output_object(perplexity):
    table, ids = table_of(torch.linspace(-1, 1, 49)), some_ids(21)
    expect_perplexity(perplexity(("with .logits", table), ids, context=8), expected_perplexity(("t", table), ids, 8))


@law("12.3", "logits in bfloat16 or float16 are turned into losses in float32 or wider")
def test_half_precision(perplexity):
    for dtype in (torch.bfloat16, torch.float16):
        for count in (9, 1000):
            model, ids = ("table", table_of(torch.linspace(-1, 1, 49)).to(dtype)), some_ids(count)
            expect_perplexity(perplexity(model, ids), expected_perplexity(model, ids), relative=2e-4)


@law("12.3", "dropout is off: the model runs in eval mode")
def test_dropout(perplexity):
    table, ids = table_of(torch.linspace(-1, 1, 49)), some_ids(40)
    for modes in ("train", "mixed", "eval"):
        got = perplexity(("dropout", table, modes), ids, context=8)
        expect_perplexity(got, expected_perplexity(("table", table), ids, 8))
        expect_equal(got[2], False, "a part in training mode while the model runs")


@law("12.3", "autograd is off while the model runs, and on again afterwards")
def test_no_graph(perplexity):
    got = perplexity(("table", table_of(torch.linspace(-1, 1, 49))), some_ids(20), context=8)
    expect_perplexity(got, expected_perplexity(("table", table_of(torch.linspace(-1, 1, 49))), some_ids(20), 8))
    expect_equal(got[3], False, "autograd is on")
    expect_equal(got[1], True, "modes as before")


@law("12.3", "afterwards every module is in the mode that it was in")
def test_modes(perplexity):
    for modes in ("train", "eval", "mixed"):
        got = perplexity(("table", torch.zeros(5, 5), modes), some_ids(20, 5), context=8)
        expect_perplexity(got, 5.0)
        expect_equal(got[1], True, f"modes as before ({modes})")


@law("12.3", "also when the model raises, and its exception comes through")
def test_modes_after_failure(perplexity):
    for modes in ("train", "eval", "mixed"):
        got = perplexity(("failing", torch.zeros(5, 5), modes), some_ids(20, 5), context=8)
        answer, same, *_, failed = expect_results(got, "answer", "modes", "trained", "tracked", "calls", "failed")
        expect_true(failed, f"the answer {answer}", "the model's own exception")
        expect_equal(same, True, f"modes as before ({modes})")


@law("12.3", "beyond float64 it is infinite, and so it is when the model calls impossible what happened")
def test_infinite(perplexity):
    ids = torch.arange(20) % 4
    for wrong in (1e4, 3e38):
        expect_perplexity(perplexity(("table", wrong * torch.eye(4)), ids), math.inf)
    impossible = torch.zeros(4, 4)
    impossible[1, 2] = -math.inf
    expect_perplexity(perplexity(("table", impossible), ids), math.inf)
    impossible[1, 2], impossible[1, 0] = 0.0, -math.inf  # token 0 never follows 1
    expect_perplexity(perplexity(("table", impossible), ids), expected_perplexity(("table", impossible), ids))


@law("12.3", "it never falls below 1, and large logits do no harm")
def test_at_least_one(perplexity):
    ids = torch.arange(41) % 4
    sure = 3e4 * torch.eye(4).roll(1, dims=1)
    expect_perplexity(perplexity(("table", sure), ids), 1.0)
    expect_perplexity(perplexity(("table", torch.zeros(1, 1)), torch.zeros(9, dtype=torch.long)), 1.0)
    lifted = table_of(torch.linspace(-1, 1, 49)) + 1e4
    ids = some_ids(20)
    expect_perplexity(perplexity(("table", lifted), ids), expected_perplexity(("table", lifted), ids), relative=2e-4)


@law("12.3", "what is no text, no model or no window is refused")
def test_perplexity_refuses(perplexity):
    model = ("table", torch.zeros(5, 5))
    expect_raises(perplexity, TypeError, model, torch.tensor([0.0, 1.0]), naming="input_ids")
    expect_raises(perplexity, TypeError, model, torch.tensor([True, False]), naming="input_ids")
    for ids in (torch.tensor([1]), torch.tensor(1), torch.zeros(2, 1).long(), torch.zeros(0).long()):
        expect_raises(perplexity, ValueError, model, ids, naming="input_ids")
    expect_raises(perplexity, ValueError, model, torch.zeros(2, 2, 2).long(), naming="input_ids")
    for context in (1, 0, -4, 2.0, True):
        expect_raises(perplexity, ValueError, model, some_ids(9, 5), context=context, naming="context")
    expect_raises(perplexity, TypeError, ("no module",), some_ids(9, 5), naming="model")


# --- 12.4 ------------------------------------------------------------------------------------------------------------


def expected_kld(logits: Tensor, reference_logits: Tensor) -> float:
    """KL(reference || logits) by the definition, token by token, in float64."""
    found = []
    for q_row, p_row in zip(
        *(oracle.array(x).reshape(-1, x.shape[-1]) for x in (logits, reference_logits)), strict=True
    ):
        log_q, log_p = (row - np.logaddexp.reduce(row) for row in (q_row, p_row))
        terms = [math.exp(p) * (p - q) for p, q in zip(log_p, log_q, strict=True) if p > -math.inf]
        found.append(math.fsum(terms))
    return math.fsum(found) / len(found)


def moved(x: Tensor) -> Tensor:
    """Other logits of the same shape."""
    wide = x.detach().double()
    return (wide * 0.7 + torch.sin(torch.arange(wide.numel(), dtype=torch.float64).reshape(wide.shape))).to(x.dtype)


def softened(x: Tensor) -> Tensor:
    """The same values as logits of moderate size: extreme ones leave nothing between certain and impossible."""
    return (x.detach().double() / x.detach().double().abs().max().clamp(min=1e-30) * 3).to(x.dtype)


@law("12.4", "from a fair coin to three to one: log of 2 over the square root of 3")
def test_coin(mean_kld):
    fair, loaded = torch.tensor([0.0, 0.0]), torch.tensor([0.0, math.log(3.0)])
    expect_close(mean_kld(loaded, fair), math.log(2 / math.sqrt(3)), "nats", absolute=1e-7)
    expect_close(mean_kld(fair, loaded), 0.75 * math.log(1.5) + 0.25 * math.log(0.5), "nats", absolute=1e-7)


@law("12.4", "against a uniform model it is the log of the vocabulary minus the reference's entropy")
def test_uniform_model(mean_kld):
    for vocabulary in (2, 10, 1000):
        sure = torch.full((vocabulary,), -math.inf)
        sure[1] = 0.0
        expect_close(mean_kld(torch.zeros(vocabulary), sure), math.log(vocabulary), "nats", relative=1e-7)
        half = torch.full((vocabulary,), -math.inf)
        half[: vocabulary // 2] = 0.0
        expect_close(mean_kld(torch.zeros(vocabulary), half), math.log(2), "nats", relative=1e-7)


@law("12.4", "it is the sum over the vocabulary of p * (log p - log q), p from the reference")
@cases(*inputs.ORDINARY, *inputs.ONE_SIDED, inputs.float16, inputs.bfloat16, inputs.float64, inputs.constant)
def test_kld(mean_kld, x):
    x = softened(x)
    expect_close(mean_kld(moved(x), x), expected_kld(moved(x), x), "nats", absolute=KLD_ERROR)


@law("12.4", "which of the two is the reference matters")
def test_not_symmetric(mean_kld):
    one, other = torch.tensor([[3.0, 0.0, -1.0], [0.5, 0.2, 4.0]]), torch.tensor([[0.0, 0.0, 0.0], [2.0, -3.0, 0.0]])
    expect_close(mean_kld(one, other), expected_kld(one, other), "nats", absolute=KLD_ERROR)
    expect_close(mean_kld(other, one), expected_kld(other, one), "nats", absolute=KLD_ERROR)


@law("12.4", "equal predictions have divergence 0")
@cases(*inputs.ORDINARY, inputs.all_zero, inputs.one_element, inputs.bfloat16, inputs.huge)
def test_equal(mean_kld, x):
    expect_close(mean_kld(x.clone(), x), 0.0, "nats", absolute=1e-12)


@law("12.4", "a number added to all logits of a token changes nothing")
def test_shift_of_logits(mean_kld):
    x = torch.tensor([[1.0, -2.0, 0.5, 0.0], [3.0, 3.0, -1.0, 2.0]], dtype=torch.float64)
    for shift in (7.0, -300.0, torch.tensor([[1000.0], [-5.0]], dtype=torch.float64)):
        expect_close(mean_kld(x + shift, x), 0.0, "nats", absolute=1e-9)
        expect_close(mean_kld(moved(x), x + shift), expected_kld(moved(x), x), "nats", absolute=1e-9)


@law("12.4", "the mean is over tokens, in any number of dimensions, and not over the vocabulary")
def test_mean(mean_kld):
    x = torch.linspace(-2, 2, 120)
    for shape in ((120,), (12, 10), (3, 4, 10), (2, 3, 2, 10), (120, 1), (1, 120)):
        one = x.reshape(shape)
        expect_close(mean_kld(moved(one), one), expected_kld(moved(one), one), "nats", absolute=KLD_ERROR)
    token = torch.tensor([[0.0, 1.0, 2.0]])
    many = token.expand(1000, 3)
    expect_close(mean_kld(moved(token).expand(1000, 3), many), expected_kld(moved(token), token), "nats")


@law("12.4", "one token among equal ones counts its share")
def test_one_token(mean_kld):
    reference = torch.zeros(4, 2)
    logits = torch.zeros(4, 2)
    logits[2, 1] = math.log(3.0)
    expect_close(mean_kld(logits, reference), math.log(2 / math.sqrt(3)) / 4, "nats", absolute=1e-7)


@law("12.4", "it is never negative")
@cases(*inputs.ORDINARY, *inputs.ONE_SIDED)
def test_not_negative(mean_kld, x):
    for factor in (1.0, 1e-3, 1e-6):
        reference = softened(x)
        got = expect_number(mean_kld(reference + factor * torch.cos(reference), reference), "nats")
        expect_at_most(-got, 1e-12, "-nats")


@law("12.4", "a divergence of a millionth of a nat is not lost in rounding")
def test_small(mean_kld):
    reference = torch.sin(torch.arange(6000, dtype=torch.float32)).reshape(3, 2000) * 4
    for factor in (1e-2, 1e-3, 1e-4):
        logits = reference + factor * torch.cos(3 * torch.arange(6000, dtype=torch.float32)).reshape(3, 2000)
        expect_close(mean_kld(logits, reference), expected_kld(logits, reference), "nats", relative=1e-3)


@law("12.4", "tokens that the reference calls impossible count nothing")
def test_impossible(mean_kld):
    reference = torch.tensor([[0.0, 1.0, -math.inf], [2.0, -math.inf, 0.0]])
    logits = torch.tensor([[0.5, 1.0, -math.inf], [2.0, 3.0, 1.0]])
    expect_close(mean_kld(logits, reference), expected_kld(logits, reference), "nats", absolute=KLD_ERROR)
    expect_close(mean_kld(reference.clone(), reference), 0.0, "nats", absolute=1e-12)
    far = torch.tensor([[0.0, 1e5, -1e5]])
    expect_close(mean_kld(far.clone(), far), 0.0, "nats", absolute=1e-12)


@law("12.4", "it is infinite where the model calls impossible what the reference does not")
def test_infinite_kld(mean_kld):
    reference = torch.tensor([[0.0, 1.0, 0.0], [2.0, 0.0, 0.0]])
    logits = torch.tensor([[0.0, 1.0, 0.0], [2.0, 0.0, -math.inf]])
    expect_equal(mean_kld(logits, reference), math.inf, "nats")


@law("12.4", "confident models are compared without overflow")
def test_large(mean_kld):
    reference = torch.tensor([[1000.0, 0.0, 990.0], [-1000.0, -995.0, 0.0]])
    logits = torch.tensor([[1000.0, 500.0, 995.0], [-1000.0, -5.0, 0.0]])
    expect_close(mean_kld(logits, reference), expected_kld(logits, reference), "nats", relative=1e-6)
    far = torch.tensor([[0.0, 300.0], [300.0, 0.0]])
    expect_close(mean_kld(far.flip(-1), far), 300.0, "nats", relative=1e-6)


@law("12.4", "any layout and dtype will do, nothing that is handed in changes, and the answer is a plain number")
@cases(*inputs.LAYOUTS, inputs.bfloat16, inputs.float16, inputs.float64, inputs.three_dim)
def test_kld_is_clean(mean_kld, x):
    other = moved(x).requires_grad_(x.requires_grad)
    reply = mean_kld.reply(other, x)
    expect_clean(reply)
    expect_close(reply.value, expected_kld(other, x), "nats", relative=1e-6, absolute=KLD_ERROR)


@law("12.4", "two dtypes may be compared")
def test_two_dtypes(mean_kld):
    reference = torch.linspace(-2, 2, 12).reshape(3, 4)
    for dtype in (torch.bfloat16, torch.float16, torch.float64):
        logits = moved(reference).to(dtype)
        expect_close(mean_kld(logits, reference), expected_kld(logits, reference), "nats", absolute=KLD_ERROR)


@law("12.4", "what cannot be compared is refused")
def test_kld_refuses(mean_kld):
    x = torch.tensor([[1.0, 2.0]])
    expect_raises(mean_kld, TypeError, torch.tensor([[1, 2]]), x, naming="logits")
    expect_raises(mean_kld, TypeError, x, torch.tensor([[1, 2]]), naming="reference_logits")
    expect_raises(mean_kld, ValueError, x, torch.tensor([1.0, 2.0]), naming="logits")
    expect_raises(mean_kld, ValueError, x, torch.tensor([[1.0, 2.0, 3.0]]), naming="logits")
    expect_raises(mean_kld, ValueError, x[:0], x[:0], naming="logits")
    expect_raises(mean_kld, ValueError, torch.tensor([[1.0, math.nan]]), x, naming="logits")
    expect_raises(mean_kld, ValueError, x, torch.tensor([[1.0, math.nan]]), naming="reference_logits")
