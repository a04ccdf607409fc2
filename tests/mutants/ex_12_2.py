"""Wrong answers to 12.2, and what to say about each."""

from __future__ import annotations

import copy

from torch import nn

from labs_lib.course import checked
from labs_lib.course.load import newest
from labs_lib.course.standins import mutant
from labs_lib.layers import W8A16Linear

from .siblings import is_excluded, replace_linears

DECODER = "every linear layer but the head becomes a W8A16Linear"
EXCLUDE = "patterns decide what is left alone, the head too"
CONV1D = "GPT-2's Conv1D layers are quantized too"
EXCLUDED_CONV1D = "a Conv1D that a pattern names stays the layer that it was"
CODES = "the codes are those of the old weights, one scale a row, each within half a step"
ANSWERS = "the model answers as before, up to rounding"
TIED = "weights that are tied stay tied, and the report says so"
REST = "what cannot be quantized is reported: embeddings, convolutions, stacked experts, raw parameters"
EXCLUDED_REST = "a pattern that names an embedding or a parameter puts it among the excluded"
SIZES = "every weight stands in the report once, and the sizes add up to the model"
LAYER = "the class that is handed in is the one that is put in"
IN_PLACE = "the model itself changes, module by module, and each keeps its mode"


def conv1d_to_linear(model, exclude):
    """The given function, from the file as it was last run."""
    newest("models").conv1d_to_linear(model, exclude)


def add_the_rest(report, model, exclude):
    newest("models").add_the_rest(report, model, exclude)


@mutant(
    "lm_head",
    "12.2",
    law=DECODER,
    says="This matches quantizing the head as well. Hand exclude on to replace_linears.",
    line=r"replace_linears",
)
def quantizes_the_head(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    conv1d_to_linear(model, exclude)
    report = replace_linears(model, layer.from_linear)
    add_the_rest(report, model, exclude)
    return report


@mutant(
    "always_lm_head",
    "12.2",
    law=EXCLUDE,
    says="This matches leaving out lm_head whatever was asked for. Use the argument exclude: lm_head is its default.",
    line=r"lm_head",
)
def always_excludes_the_head(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    exclude = (*exclude, "lm_head")
    conv1d_to_linear(model, exclude)
    report = replace_linears(model, layer.from_linear, exclude=exclude)
    add_the_rest(report, model, exclude)
    return report


@mutant(
    "conv1d_skipped",
    "12.2",
    law=CONV1D,
    says="This matches leaving out GPT-2's Conv1D, which is no nn.Linear. Call conv1d_to_linear first.",
    line=r"replace_linears",
)
def skips_conv1d(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = replace_linears(model, layer.from_linear, exclude=exclude)
    add_the_rest(report, model, exclude)
    return report


@mutant(
    "conv1d_last",
    "12.2",
    law=CONV1D,
    says="This matches turning Conv1D into linear layers after the replacement: too late. Call conv1d_to_linear first.",
    line=r"conv1d_to_linear",
)
def converts_conv1d_last(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = replace_linears(model, layer.from_linear, exclude=exclude)
    conv1d_to_linear(model, exclude)
    add_the_rest(report, model, exclude)
    return report


@mutant(
    "conv1d_ignores_exclude",
    "12.2",
    law=EXCLUDED_CONV1D,
    says="This matches converting every Conv1D, the excluded ones too. Hand exclude on to conv1d_to_linear.",
    line=r"conv1d_to_linear",
)
def converts_what_is_excluded(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    conv1d_to_linear(model, ())
    report = replace_linears(model, layer.from_linear, exclude=exclude)
    add_the_rest(report, model, exclude)
    return report


@mutant(
    "conv1d_not_transposed",
    "12.2",
    law=CODES,
    says="This matches taking a Conv1D's weight as it lies, (in, out). A linear layer wants (out, in): transpose it.",
    line=r"Conv1D|weight",
)
def forgets_to_transpose(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    for name, old in list(model.named_modules()):
        if type(old).__name__ == "Conv1D" and not is_excluded(name, exclude):
            new = nn.Linear(*reversed(old.weight.shape))
            new.weight, new.bias = nn.Parameter(old.weight.detach()), old.bias
            model.set_submodule(name, new.train(old.training))
    report = replace_linears(model, layer.from_linear, exclude=exclude)
    add_the_rest(report, model, exclude)
    return report


@mutant(
    "rest_not_reported",
    "12.2",
    law=REST,
    says="This matches a report on linear layers only. What is left behind must be in it: call add_the_rest.",
    line=r"return|replace_linears",
)
def leaves_out_the_rest(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    conv1d_to_linear(model, exclude)
    return replace_linears(model, layer.from_linear, exclude=exclude)


@mutant(
    "rest_ignores_exclude",
    "12.2",
    law=EXCLUDED_REST,
    says="This matches calling everything that is left unsupported, also what was excluded. Hand exclude on to "
    "add_the_rest.",
    line=r"add_the_rest",
)
def reports_the_excluded_as_unsupported(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    conv1d_to_linear(model, exclude)
    report = replace_linears(model, layer.from_linear, exclude=exclude)
    add_the_rest(report, model, ())
    return report


@mutant(
    "one_dimension_too",
    "12.2",
    law=REST,
    says="This matches listing biases and norms as unsupported too. They have one dimension and weigh next to nothing.",
    line=r"named_parameters|unsupported",
)
def lists_biases_too(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    conv1d_to_linear(model, exclude)
    report = replace_linears(model, layer.from_linear, exclude=exclude)
    listed = {*report.replaced, *report.excluded, *report.tied, *report.unsupported}
    for parameter_name, parameter in model.named_parameters():
        name = parameter_name.removesuffix(".weight")
        if name not in listed:
            (report.excluded if is_excluded(name, exclude) else report.unsupported).append(name)
            report.sizes[name] = parameter.numel()
    return report


@mutant(
    "layer_ignored",
    "12.2",
    law=LAYER,
    says="This matches W8A16Linear whatever class was handed in. Use layer.from_linear.",
    line=r"W8A16Linear",
)
def ignores_the_class(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    conv1d_to_linear(model, exclude)
    report = replace_linears(model, W8A16Linear.from_linear, exclude=exclude)
    add_the_rest(report, model, exclude)
    return report


@mutant(
    "copy",
    "12.2",
    law=DECODER,
    says="This matches quantizing a copy. The model that was handed in must change: the report is all that comes back.",
    line=r"copy",
)
def quantizes_a_copy(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    model = copy.deepcopy(model)
    conv1d_to_linear(model, exclude)
    report = replace_linears(model, layer.from_linear, exclude=exclude)
    add_the_rest(report, model, exclude)
    return report


@mutant(
    "answers_with_the_model",
    "12.2",
    law=DECODER,
    says="This matches returning the model. The caller has it already: return the report.",
    line=r"return",
)
def returns_the_model(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    conv1d_to_linear(model, exclude)
    report = replace_linears(model, layer.from_linear, exclude=exclude)
    add_the_rest(report, model, exclude)
    return model


@mutant(
    "no_report",
    "12.2",
    law=DECODER,
    says="This matches a function without a return. Return the report: nothing is skipped in silence.",
    line=r"add_the_rest|replace_linears",
)
def returns_nothing(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    conv1d_to_linear(model, exclude)
    report = replace_linears(model, layer.from_linear, exclude=exclude)
    add_the_rest(report, model, exclude)


@mutant(
    "eval",
    "12.2",
    law=IN_PLACE,
    says="This matches putting the model into eval mode. That is the caller's business: leave modes as they are.",
    line=r"eval\(\)",
)
def switches_to_eval(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    model.eval()
    conv1d_to_linear(model, exclude)
    report = replace_linears(model, layer.from_linear, exclude=exclude)
    add_the_rest(report, model, exclude)
    return report


@mutant(
    "any_linear",
    "12.2",
    law=TIED,
    says="This matches exchanging everything that is an nn.Linear. A weight that an embedding shares would be stored "
    "twice: replace_linears leaves it tied.",
    line=r"isinstance",
)
def exchanges_every_linear(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    conv1d_to_linear(model, exclude)
    report = replace_linears(nn.Sequential(nn.Linear(1, 1)), layer.from_linear)
    report.replaced, report.sizes, report.total = [], {}, sum(p.numel() for p in model.parameters())
    for name, old in list(model.named_modules()):
        if isinstance(old, nn.Linear):
            report.sizes[name] = old.weight.numel()
            if is_excluded(name, exclude):
                report.excluded.append(name)
            else:
                model.set_submodule(name, layer.from_linear(old))
                report.replaced.append(name)
    add_the_rest(report, model, exclude)
    return report
