"""Wrong answers to 12.3, and what to say about each."""

from __future__ import annotations

import math

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import mutant

UNIFORM = "a model that finds 50 tokens equally likely has perplexity 50"
SHIFT = "a model that is sure of the token that it has just read is wrong"
ONE_WINDOW = "one text and one window: exp of the mean loss in nats"
MEAN = "the mean is over tokens: the loss is averaged before exp, not after, and not window by window"
WINDOWS = "each window begins anew: its first token is not predicted, and what came before is forgotten"
CONTEXT = "without a context it is 128 tokens"
SHORT = "a short last window counts as much as its tokens, and one token predicts nothing"
TEXTS = "texts are apart: none runs on into the next, and all of them count"
OUTPUT = "the answer of a transformers model, logits inside an object, will do as well"
HALF = "logits in bfloat16 or float16 are turned into losses in float32 or wider"
DROPOUT = "dropout is off: the model runs in eval mode"
GRAPH = "autograd is off while the model runs, and on again afterwards"
MODES = "afterwards every module is in the mode that it was in"
FAILURE = "also when the model raises, and its exception comes through"
INFINITE = "beyond float64 it is infinite, and so it is when the model calls impossible what happened"


def logits_of(model, ids):
    """(tokens, vocabulary) for one window."""
    output = model(ids.unsqueeze(0))
    return (output if isinstance(output, torch.Tensor) else output.logits)[0]


def nats(logits, following):
    """The loss of each token."""
    return nn.functional.cross_entropy(logits.double(), following, reduction="none")


def run_quietly(model, call):
    """``call`` in eval mode without autograd; every mode as before afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            return call()
    finally:
        for module, training in modes:
            module.training = training


def windows_of(input_ids, context):
    return [window for text in input_ids for window in text.split(context) if len(window) > 1]


def losses_of(model, input_ids, context):
    """One tensor of losses a window."""

    def call():
        return [nats(logits_of(model, w)[:-1], w[1:]) for w in windows_of(input_ids, context)]

    return run_quietly(model, call)


def exp_of(loss):
    return float(torch.as_tensor(loss, dtype=torch.float64).exp())


@mutant(
    "no_finally",
    "12.3",
    law=FAILURE,
    says="This matches putting the modes back only when all goes well. A model may raise: use try and finally, or the "
    "given evaluating(model).",
    line=r"training",
)
def forgets_finally(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    with torch.no_grad():
        found = [nats(logits_of(model, w)[:-1], w[1:]) for w in windows_of(input_ids, context)]
    for module, training in modes:
        module.training = training
    return exp_of(torch.cat(found).mean())


@mutant(
    "one_flag",
    "12.3",
    law=MODES,
    says="This matches putting back the model's own flag, which train(...) hands on to all its parts. A part that was "
    "frozen in eval mode now trains: each module has a flag of its own.",
    line=r"train\(|training",
)
def puts_one_flag_back(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            found = [nats(logits_of(model, w)[:-1], w[1:]) for w in windows_of(input_ids, context)]
    finally:
        model.train(training)
    return exp_of(torch.cat(found).mean())


@mutant(
    "graph_off_forever",
    "12.3",
    law=GRAPH,
    says="This matches switching autograd off for good. torch.no_grad() does it for one block.",
    line=r"set_grad_enabled",
)
def switches_autograd_off(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    loss = torch.cat(losses_of(model, input_ids, context)).mean()
    torch.set_grad_enabled(False)
    return exp_of(loss)


@mutant(
    "always_128",
    "12.3",
    law=WINDOWS,
    says="This matches windows of 128 tokens whatever was asked for. 128 is only the default of context.",
    line=r"128",
)
def takes_128_always(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return exp_of(torch.cat(losses_of(model, input_ids, 128)).mean())


@mutant(
    "I02",
    "12.3",
    law=UNIFORM,
    says="This matches 2 to the power of the loss. Cross-entropy is in nats: use exp.",
    line=r"2 \*\*|exp2|2\*\*",
)
def takes_a_power_of_two(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return float(2 ** torch.cat(losses_of(model, input_ids, context)).mean())


@mutant(
    "loss",
    "12.3",
    law=UNIFORM,
    says="This matches the mean loss itself. The perplexity is exp of it.",
    line=r"return",
)
def answers_with_the_loss(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return float(torch.cat(losses_of(model, input_ids, context)).mean())


@mutant(
    "bits",
    "12.3",
    law=UNIFORM,
    says="This matches a loss in bits under exp. Either nats and exp, or bits and a power of two.",
    line=r"log2|math\.log\(2|ln2",
)
def measures_bits_and_takes_exp(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return exp_of(torch.cat(losses_of(model, input_ids, context)).mean() / math.log(2))


@mutant(
    "mean_of_windows",
    "12.3",
    law=MEAN,
    says="This matches the mean over windows of their mean losses. A short window would count as much as a long one: "
    "add up losses and tokens, and divide once.",
    line=r"mean",
)
def averages_windows(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return exp_of(torch.stack([loss.mean() for loss in losses_of(model, input_ids, context)]).mean())


@mutant(
    "mean_of_perplexities",
    "12.3",
    law=MEAN,
    says="This matches the mean of the windows' perplexities. Average the losses first and take exp once.",
    line=r"exp",
)
def averages_perplexities(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    found = [exp_of(loss.mean()) for loss in losses_of(model, input_ids, context)]
    return sum(found) / len(found)


@mutant(
    "mean_of_exp",
    "12.3",
    law=ONE_WINDOW,
    says="This matches averaging 1/p over the tokens. Average the losses first, then take exp.",
    line=r"exp",
)
def averages_after_exp(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return float(torch.cat(losses_of(model, input_ids, context)).exp().mean())


@mutant(
    "mean_probability",
    "12.3",
    law=ONE_WINDOW,
    says="This matches one over the mean probability. The mean is of the logarithms: one hopeless token must weigh.",
    line=r"softmax|mean",
)
def averages_probabilities(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return float(1 / (-torch.cat(losses_of(model, input_ids, context))).exp().mean())


@mutant(
    "I04",
    "12.3",
    law=SHIFT,
    says="This matches targets that are not shifted: a token is predicted from itself. Logits [:-1] go with ids [1:].",
    line=r"cross_entropy|logits_of",
)
def predicts_the_token_itself(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)

    def call():
        return [nats(logits_of(model, w), w) for w in windows_of(input_ids, context)]

    return exp_of(torch.cat(run_quietly(model, call)).mean())


@mutant(
    "shifted_back",
    "12.3",
    law=SHIFT,
    says="This matches a shift in the wrong direction: each token is 'predicted' from the one after it. "
    "Logits [:-1] go with ids [1:].",
    line=r"\[1:\]|\[:-1\]",
)
def predicts_the_token_before(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)

    def call():
        return [nats(logits_of(model, w)[1:], w[:-1]) for w in windows_of(input_ids, context)]

    return exp_of(torch.cat(run_quietly(model, call)).mean())


@mutant(
    "counts_first_tokens",
    "12.3",
    law=UNIFORM,
    says="This matches dividing by all tokens. The first token of a window is not predicted: n tokens are n - 1 "
    "predictions.",
    line=r"len|numel|count",
)
def divides_by_all_tokens(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    loss = torch.cat(losses_of(model, input_ids, context)).sum()
    return exp_of(loss / sum(len(window) for window in windows_of(input_ids, context)))


@mutant(
    "sum",
    "12.3",
    law=UNIFORM,
    says="This matches exp of the sum of the losses. Divide by the number of predicted tokens first.",
    line=r"sum",
)
def forgets_to_divide(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return exp_of(torch.cat(losses_of(model, input_ids, context)).sum())


@mutant(
    "I03",
    "12.3",
    law=SHORT,
    says="This matches a last window that is filled up with zeros, and the filling counted as text. Leave it short.",
    line=r"pad|zeros|new_zeros",
)
def counts_padding(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    missing = -input_ids.shape[1] % context if input_ids.shape[1] > context else 0
    input_ids = nn.functional.pad(input_ids, (0, missing))
    return exp_of(torch.cat(losses_of(model, input_ids, context)).mean())


@mutant(
    "last_window",
    "12.3",
    law=SHORT,
    says="This matches dropping the last window where it is short. Its tokens count like all others.",
    line=r"//|unfold|range",
)
def drops_the_short_window(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    if input_ids.shape[1] > context:
        input_ids = input_ids[:, : input_ids.shape[1] // context * context]
    return exp_of(torch.cat(losses_of(model, input_ids, context)).mean())


@mutant(
    "across_windows",
    "12.3",
    law=WINDOWS,
    says="This matches windows that overlap by one token, so that first tokens are predicted as well. "
    "Here windows do not overlap: the next one begins where the last one ended.",
    line=r"range|context|split",
)
def predicts_first_tokens_too(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)

    def call():
        windows = [
            text[start : start + context + 1] for text in input_ids for start in range(0, len(text) - 1, context)
        ]
        return [nats(logits_of(model, w)[:-1], w[1:]) for w in windows]

    return exp_of(torch.cat(run_quietly(model, call)).mean())


@mutant(
    "overlapping",
    "12.3",
    law=WINDOWS,
    says="This matches windows that each begin on the last token of the one before. Windows do not overlap: "
    "step by context, not by context - 1.",
    line=r"context - 1|range",
)
def steps_by_one_less(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)

    def call():
        windows = [
            text[start : start + context] for text in input_ids for start in range(0, len(text) - 1, context - 1)
        ]
        return [nats(logits_of(model, w)[:-1], w[1:]) for w in windows if len(w) > 1]

    return exp_of(torch.cat(run_quietly(model, call)).mean())


@mutant(
    "one_too_long",
    "12.3",
    law=WINDOWS,
    says="This matches windows of context + 1 tokens. The model sees context tokens, and predicts all but the first.",
    line=r"context \+ 1",
)
def takes_one_token_more(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return exp_of(torch.cat(losses_of(model, input_ids, context + 1)).mean())


@mutant(
    "one_window",
    "12.3",
    law=WINDOWS,
    says="This matches one window for the whole text. Cut it into pieces of context tokens.",
    line=r"model\(|logits_of",
)
def ignores_the_context(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return exp_of(torch.cat(losses_of(model, input_ids, input_ids.shape[1])).mean())


@mutant(
    "one_long_text",
    "12.3",
    law=TEXTS,
    says="This matches joining the texts to one. A text must not run on into the next: cut each one by itself.",
    line=r"flatten|reshape|view",
)
def joins_the_texts(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return exp_of(torch.cat(losses_of(model, input_ids.flatten().unsqueeze(0), context)).mean())


@mutant(
    "first_text",
    "12.3",
    law=TEXTS,
    says="This matches the first text only. Go through all rows of input_ids.",
    line=r"\[:?[01]\]",
)
def reads_the_first_text(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return exp_of(torch.cat(losses_of(model, input_ids[:1], context)).mean())


@mutant(
    "bare_logits",
    "12.3",
    law=OUTPUT,
    says="This matches taking the model's answer for the logits. A transformers model answers with an object: use "
    "the given logits_of.",
    line=r"model\(",
)
def takes_the_output_for_logits(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)

    def call():
        return [nats(model(w.unsqueeze(0))[0, :-1], w[1:]) for w in windows_of(input_ids, context)]

    return exp_of(torch.cat(run_quietly(model, call)).mean())


@mutant(
    "half_precision",
    "12.3",
    law=HALF,
    says="This matches losses in the dtype of the logits. bfloat16 has three digits: turn logits into float64 first.",
    line=r"cross_entropy|log_softmax",
)
def stays_in_half_precision(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)

    def call():
        found = [nn.functional.cross_entropy(logits_of(model, w)[:-1], w[1:]) for w in windows_of(input_ids, context)]
        return [loss.double().expand(len(w) - 1) for loss, w in zip(found, windows_of(input_ids, context), strict=True)]

    return exp_of(torch.cat(run_quietly(model, call)).mean())


@mutant(
    "I09",
    "12.3",
    law=DROPOUT,
    says="This matches a model in training mode, with dropout on. Run it inside the given evaluating(model).",
    line=r"model\(|logits_of|no_grad",
)
def leaves_dropout_on(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    with torch.no_grad():
        found = [nats(logits_of(model, w)[:-1], w[1:]) for w in windows_of(input_ids, context)]
    return exp_of(torch.cat(found).mean())


@mutant(
    "I10",
    "12.3",
    law=MODES,
    says="This matches leaving the model in eval mode. The caller may be training it: the given evaluating(model) "
    "puts every mode back.",
    line=r"eval\(\)",
)
def leaves_the_model_in_eval_mode(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    model.eval()
    with torch.no_grad():
        found = [nats(logits_of(model, w)[:-1], w[1:]) for w in windows_of(input_ids, context)]
    return exp_of(torch.cat(found).mean())


@mutant(
    "always_train",
    "12.3",
    law=MODES,
    says="This matches calling train() at the end whatever the mode was before. Put back what you found.",
    line=r"train\(\)",
)
def always_trains_afterwards(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    model.eval()
    try:
        with torch.no_grad():
            found = [nats(logits_of(model, w)[:-1], w[1:]) for w in windows_of(input_ids, context)]
    finally:
        model.train()
    return exp_of(torch.cat(found).mean())


@mutant(
    "graph",
    "12.3",
    law=GRAPH,
    says="This matches running with autograd on, which keeps all activations. Use torch.no_grad(), or the given "
    "evaluating(model).",
    line=r"model\(|logits_of",
)
def keeps_the_graph(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)

    def call():
        with torch.enable_grad():
            return [nats(logits_of(model, w)[:-1], w[1:]) for w in windows_of(input_ids, context)]

    return exp_of(torch.cat(run_quietly(model, call)).detach().mean())


@mutant(
    "overflow",
    "12.3",
    law=INFINITE,
    says="This matches math.exp, which raises where the result is beyond float64. torch's exp answers inf.",
    line=r"math\.exp",
)
def overflows(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return math.exp(torch.cat(losses_of(model, input_ids, context)).mean())


@mutant(
    "tensor",
    "12.3",
    law=UNIFORM,
    says="This matches a tensor of one element. The answer is a plain number: float(...).",
    line=r"return",
)
def answers_with_a_tensor(model, input_ids, *, context=128):
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    return torch.cat(losses_of(model, input_ids, context)).mean().exp()
