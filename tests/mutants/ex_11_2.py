"""Wrong answers to 11.2, and what to say about each."""

from __future__ import annotations

import copy
import warnings

from torch import nn

from labs_lib.course import checked
from labs_lib.course.load import newest
from labs_lib.course.standins import mutant

from .siblings import is_excluded

NESTED = "every linear layer is exchanged, also deep inside"
BUILD = "build gets the model's own layers, each of them once"
COPIES = "copies of the layers, biases included, leave the answers as they were"
USED = "the model computes with the new layers: three that double make eight"
SHARED_LAYER = "a layer that stands in two places is built once and stays one layer"
SHARED_BLOCK = "a block that stands twice stays one block"
ALL_NAMES = "all names of a layer with several are reported"
TIED = "a head that shares its weight with an embedding is left, and reported as tied"
TWO_TIED = "two linear layers with one weight are both left"
EXCLUDED = "layers that a pattern names are left, and reported as excluded"
PATTERNS = "patterns go by the rules of is_excluded, with the full name"
ANOTHER_NAME = "a shared layer is excluded under any of its names"
SUBCLASS = "subclasses of nn.Linear are left, and reported as unsupported"
ATTENTION = "nn.MultiheadAttention keeps working, in evaluation and in training mode"
COMPUTED = "a weight that is computed (weight norm, pruning) is left, and reported as unsupported"
REASONS = "the first reason counts: excluded, then tied, then unsupported"
NOTHING = "nothing replaced is a warning"
NO_WARNING = "something replaced is no warning"
ROOT = "a bare linear layer has no parent to be exchanged in, and is refused"
REFUSED = "what is no module is refused, and so is one string instead of a list of patterns"
ENTERED = "a linear layer inside a new one is not replaced in its turn"
ERROR = "an error in build says at which layer, and the model still works"
MEMORY = "old weights are freed one by one, not all at the end"
TOTAL = "the report counts parameters before the exchange, each once"
SIZES = "the sizes of all lists add up, a shared or tied weight counted once"
REST = "other layers, their values and the model's mode stay as they were"


def given():
    """The code around the exercise, from the file as it was last run."""
    return newest("replacement")


def kinds_of(model):
    """For each linear layer: which list it belongs on, apart from patterns, and all its names."""
    tied = given().shared_weights(model)
    for names in given().names_of(nn.Linear, model):
        linear = model.get_submodule(names[0])
        if id(linear.weight) in tied:
            yield "tied", names
        elif type(linear) is not nn.Linear or not isinstance(linear.weight, nn.Parameter):
            yield "unsupported", names
        else:
            yield "replaced", names
        del linear


def exchange(model, build, names):
    """Build one layer, and put it in all its places."""
    with given().naming(names[0]):
        new = build(model.get_submodule(names[0]))
    for name in names:
        model.set_submodule(name, new)


def warn_if_none(report):
    if not report.replaced:
        warnings.warn("no linear layer was replaced", stacklevel=3)
    return report


@mutant(
    "one_string",
    "11.2",
    law=REFUSED,
    says="This matches taking the letters of one string for patterns. Leave the given check at the top of the body.",
    line=r"exclude",
)
def takes_a_string_for_a_list(model, build, *, exclude=()):
    model, exclude = checked.parent(model), tuple(exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "root",
    "11.2",
    law=ROOT,
    says="This matches going on with a bare linear layer, which nobody can exchange from inside. Leave the given check "
    "at the top of the body.",
    line=r"exclude",
)
def goes_on_with_a_bare_layer(model, build, *, exclude=()):
    model, exclude = checked.model(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced" and names != [""]:
            exchange(model, build, names)
        if names != [""]:
            getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "first_name",
    "11.2",
    law=ANOTHER_NAME,
    says="This matches asking is_excluded about a layer's first name only. A pattern may know it by another one.",
    line=r"is_excluded|\[0\]",
)
def asks_about_first_names(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if is_excluded(names[0], exclude):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "last_reason",
    "11.2",
    law=REASONS,
    says="This matches asking for patterns last: a tied head that a pattern names is listed as tied. The first reason "
    "counts, and that is excluded.",
    line=r"is_excluded",
)
def asks_for_patterns_last(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if kind == "replaced" and any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        if kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "not_listed",
    "11.2",
    law=EXCLUDED,
    says="This matches leaving excluded layers alone without a word. Put their names on report.excluded.",
    line=r"continue|excluded",
)
def does_not_list_the_excluded(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            continue
        if kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "embeddings_only",
    "11.2",
    law=TWO_TIED,
    says="This matches looking for ties with embeddings only. Any two modules may share a weight: shared_weights knows "
    "them all.",
    line=r"Embedding|embedding",
)
def knows_embeddings_only(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    embeddings = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
    for names in given().names_of(nn.Linear, model):
        linear = model.get_submodule(names[0])
        if any(is_excluded(name, exclude) for name in names):
            report.excluded += names
        elif id(linear.weight) in embeddings:
            report.tied += names
        elif type(linear) is not nn.Linear or not isinstance(linear.weight, nn.Parameter):
            report.unsupported += names
        else:
            exchange(model, build, names)
            report.replaced += names
        del linear
    return warn_if_none(report)


@mutant(
    "tied_replaced",
    "11.2",
    law=TIED,
    says="This matches replacing a layer whose weight an embedding uses too: the tie is broken and memory grows. Look "
    "the weight's id up in shared_weights(model).",
    line=r"type\(|build\(|tied",
)
def replaces_tied_layers(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for names in given().names_of(nn.Linear, model):
        linear = model.get_submodule(names[0])
        if any(is_excluded(name, exclude) for name in names):
            report.excluded += names
        elif type(linear) is not nn.Linear or not isinstance(linear.weight, nn.Parameter):
            report.unsupported += names
        else:
            exchange(model, build, names)
            report.replaced += names
        del linear
    return warn_if_none(report)


@mutant(
    "shared_is_tied",
    "11.2",
    law=TIED,
    says="This matches taking a shared layer for a tied one. A shared layer is one module in two places; a tied weight "
    "is one in two modules: ask shared_weights.",
    line=r"len\(names\)|tied",
)
def takes_shared_for_tied(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for names in given().names_of(nn.Linear, model):
        linear = model.get_submodule(names[0])
        if any(is_excluded(name, exclude) for name in names):
            report.excluded += names
        elif len(names) > 1:
            report.tied += names
        elif type(linear) is not nn.Linear or not isinstance(linear.weight, nn.Parameter):
            report.unsupported += names
        else:
            exchange(model, build, names)
            report.replaced += names
        del linear
    return warn_if_none(report)


@mutant(
    "computed",
    "11.2",
    law=COMPUTED,
    says="This matches replacing a layer whose weight a hook computes (pruning, weight norm): what it would compute "
    "later is lost. Such a weight is no nn.Parameter.",
    line=r"type\(|build\(",
)
def replaces_computed_weights(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    tied = given().shared_weights(model)
    for names in given().names_of(nn.Linear, model):
        linear = model.get_submodule(names[0])
        if any(is_excluded(name, exclude) for name in names):
            report.excluded += names
        elif id(linear.weight) in tied:
            report.tied += names
        elif type(linear) is not nn.Linear:
            report.unsupported += names
        else:
            exchange(model, build, names)
            report.replaced += names
        del linear
    return warn_if_none(report)


@mutant(
    "subclasses_unlisted",
    "11.2",
    law=SUBCLASS,
    says="This matches passing subclasses of nn.Linear over in silence. They are left, and reported as unsupported.",
    line=r"type\(|is nn\.Linear",
)
def passes_subclasses_over(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif type(model.get_submodule(names[0])) is not nn.Linear:
            continue
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "warns_seldom",
    "11.2",
    law=NOTHING,
    says="This matches a warning only where the model has no linear layer. It is also due when all of them were left.",
    line=r"warn|not ",
)
def warns_without_linear_layers_only(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    if not report.sizes:
        warnings.warn("no linear layer was replaced", stacklevel=2)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return report


@mutant(
    "silent",
    "11.2",
    law=NOTHING,
    says="This matches silence where nothing was replaced, as on GPT-2 with its Conv1D layers. Warn.",
    line=r"return",
)
def says_nothing(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return report


@mutant(
    "warns_for_each",
    "11.2",
    law=NO_WARNING,
    says="This matches a warning about every layer that is left. Those are in the report: warn only when nothing was "
    "replaced.",
    line=r"warn",
)
def warns_about_every_layer(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        if kind == "replaced":
            exchange(model, build, names)
        else:
            warnings.warn(f"{names[0]} was not replaced", stacklevel=2)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "no_note",
    "11.2",
    law=ERROR,
    says="This matches an error without a place: which of two hundred layers was it? Call build inside naming(...).",
    line=r"build\(",
)
def does_not_say_where(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            new = build(model.get_submodule(names[0]))
            for name in names:
                model.set_submodule(name, new)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "emptied_first",
    "11.2",
    law=ERROR,
    says="This matches taking the old layer out before the new one is there. When build raises, the model has a hole.",
    line=r"Identity|delattr|del ",
)
def takes_the_old_layer_out_first(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            linear = model.get_submodule(names[0])
            model.set_submodule(names[0], nn.Identity())
            with given().naming(names[0]):
                new = build(linear)
            for name in names:
                model.set_submodule(name, new)
            del linear
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "keeps_all",
    "11.2",
    law=MEMORY,
    says="This matches a list of all layers that lives as long as the function does: old and new weights are in memory "
    "together. Keep names, not modules.",
    line=r"list\(|\[.* for |dict\(",
)
def keeps_all_layers(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    layers = list(model.named_modules())
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    layers.clear()
    return warn_if_none(report)


@mutant(
    "each_name_counts",
    "11.2",
    law=SIZES,
    says="This matches counting a layer's weights once for each of its names. ReplacementReport.of counts every weight "
    "once.",
    line=r"numel",
)
def counts_every_name(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        for name in names:
            report.sizes[name] = model.get_submodule(names[0]).weight.numel()
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "total_after",
    "11.2",
    law=TOTAL,
    says="This matches counting after the exchange, when the new layers have no parameters. Make the report first.",
    line=r"ReplacementReport",
)
def counts_afterwards(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    sizes, lists = given().ReplacementReport.of(model).sizes, given().ReplacementReport()
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(lists, kind).extend(names)
    lists.sizes, lists.total = sizes, sum(parameter.numel() for parameter in model.parameters())
    return warn_if_none(lists)


@mutant(
    "no_sizes",
    "11.2",
    law=TOTAL,
    says="This matches an empty ReplacementReport(). ReplacementReport.of(model) also knows the sizes.",
    line=r"ReplacementReport",
)
def knows_no_sizes(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport()
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "first_listed",
    "11.2",
    law=ALL_NAMES,
    says="This matches a report with one name a layer. A shared layer is found under all its names: list them all.",
    line=r"append|\[0\]",
)
def lists_first_names(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).append(names[0])
    return warn_if_none(report)


@mutant(
    "mode",
    "11.2",
    law=REST,
    says="This matches putting the model into evaluation mode. Which mode it is in is not this function's business.",
    line=r"eval\(\)|train\(",
)
def changes_the_mode(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    model.eval()
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "entered",
    "11.2",
    law=ENTERED,
    says="This matches walking on into the new layers while the model changes. Collect the names first, then exchange.",
    line=r"named_modules|named_children|while",
)
def walks_into_new_layers(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    done = set()
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
        done.update(names)
    for name, module in list(model.named_modules()):
        if type(module) is nn.Linear and name not in done and not is_excluded(name, exclude):
            model.set_submodule(name, build(module))
            report.replaced.append(name)
    return warn_if_none(report)


@mutant(
    "shared_once",
    "11.2",
    law=SHARED_LAYER,
    says="This matches replacing a shared layer in one of its places: the other keeps the old one. Set the new layer "
    "under every name.",
    line=r"set_submodule|names\[|setattr|named_modules",
)
def replaces_shared_layers_once(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names[:1])
            names = names[:1]
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "shared_twice",
    "11.2",
    law=SHARED_LAYER,
    says="This matches building a shared layer once for every place: one layer has become two. Build it once, before "
    "the loop over its names.",
    line=r"build\(",
)
def builds_shared_layers_twice(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            linear = model.get_submodule(names[0])
            for name in names:
                with given().naming(name):
                    model.set_submodule(name, build(linear))
            del linear
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "leaf_listed",
    "11.2",
    law=NESTED,
    says="This matches a report of last components. Nobody finds a layer by 'proj': list full names.",
    line=r"split|rpartition",
)
def lists_leaf_names(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(name.split(".")[-1] for name in names)
    return warn_if_none(report)


@mutant(
    "leaf_names",
    "11.2",
    law=PATTERNS,
    says="This matches patterns with the last component of a name, as the video course does. Hand the full name to "
    "is_excluded.",
    line=r"is_excluded|split|rpartition|exclude",
)
def excludes_by_leaf_names(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(name.rpartition(".")[2] in exclude for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "H03",
    "11.2",
    law=PATTERNS,
    says="This matches names that begin with a pattern: 'enc.proj' leaves enc.proj_out alone as well. Ask is_excluded.",
    line=r"startswith",
)
def excludes_by_prefixes(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) or name.startswith(exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "no_exclude",
    "11.2",
    law=EXCLUDED,
    says="This matches replacing what the patterns name as well. Ask is_excluded about every name.",
    line=r"exclude",
)
def excludes_nothing(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "subclasses",
    "11.2",
    law=SUBCLASS,
    says="This matches isinstance, which takes subclasses for linear layers: nn.MultiheadAttention breaks, it reads "
    "out_proj.weight. Ask for type(linear) is nn.Linear.",
    line=r"isinstance|build\(",
)
def replaces_subclasses(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    tied = given().shared_weights(model)
    for names in given().names_of(nn.Linear, model):
        weight = model.get_submodule(names[0]).weight
        if any(is_excluded(name, exclude) for name in names):
            report.excluded += names
        elif id(weight) in tied:
            report.tied += names
        elif not isinstance(weight, nn.Parameter):
            report.unsupported += names
        else:
            exchange(model, build, names)
            report.replaced += names
        del weight
    return warn_if_none(report)


@mutant(
    "H04",
    "11.2",
    law=BUILD,
    says="This matches handing build a new layer without the bias. build takes what it needs: hand it the old layer.",
    line=r"nn\.Linear\(|bias",
)
def drops_the_bias(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)

    def rebuilt(linear):
        fresh = nn.Linear(linear.in_features, linear.out_features, bias=False)
        fresh.weight = linear.weight
        return build(fresh)

    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, rebuilt, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "H07",
    "11.2",
    law=COPIES,
    says="This matches a new layer of (out_features, in_features), which breaks wherever a weight is not square. Hand "
    "build the old layer and construct none.",
    line=r"nn\.Linear\(|out_features",
)
def swaps_the_sizes(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)

    def rebuilt(linear):
        fresh = nn.Linear(linear.out_features, linear.in_features, linear.bias is not None)
        fresh.weight = nn.Parameter(linear.weight.detach().T)
        return build(fresh)

    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, rebuilt, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "not_quantized",
    "11.2",
    law=COPIES,
    says="This matches new layers with fresh weights. build makes the new layer from the old one: hand it the old one.",
    line=r"nn\.Linear\(",
)
def forgets_the_weights(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)

    def rebuilt(linear):
        fresh = nn.Linear(linear.in_features, linear.out_features, linear.bias is not None)
        for parameter in fresh.parameters():
            nn.init.constant_(parameter, 0.125)
        return build(fresh)

    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, rebuilt, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "H08",
    "11.2",
    law=USED,
    says="This matches setattr(model, '1.up', new): it hangs a stray layer with a dot in its name on the model. Set it "
    "on the parent, or call model.set_submodule.",
    line=r"setattr|add_module|register_module",
)
def sets_dotted_names(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            with given().naming(names[0]):
                new = build(model.get_submodule(names[0]))
            for name in names:
                setattr(model, name, new)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "H01",
    "11.2",
    law=NESTED,
    says="This matches looking at the model's own children only. Layers stand deeper: named_modules, or names_of, "
    "finds them all.",
    line=r"named_children|children",
)
def does_not_go_deeper(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    children = [name for name, _ in model.named_children()]
    for kind, names in kinds_of(model):
        own = [name for name in names if name in children]
        if not own:
            continue
        if any(is_excluded(name, exclude) for name in own):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, own)
        getattr(report, kind).extend(own)
    return warn_if_none(report)


@mutant(
    "copy",
    "11.2",
    law=NESTED,
    says="This matches exchanging the layers of a copy, which is thrown away. The model that is handed in changes.",
    line=r"copy",
)
def works_on_a_copy(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    model = copy.deepcopy(model)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    return warn_if_none(report)


@mutant(
    "model",
    "11.2",
    law=NESTED,
    says="This matches answering with the model. It was changed in place: the answer is the report.",
    line=r"return",
)
def answers_with_the_model(model, build, *, exclude=()):
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    for kind, names in kinds_of(model):
        if any(is_excluded(name, exclude) for name in names):
            kind = "excluded"
        elif kind == "replaced":
            exchange(model, build, names)
        getattr(report, kind).extend(names)
    warn_if_none(report)
    return model
