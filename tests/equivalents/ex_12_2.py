"""Other right answers to 12.2."""

from __future__ import annotations

from torch import nn

from labs_lib.course import checked
from labs_lib.course.load import newest
from labs_lib.course.standins import equivalent
from labs_lib.layers import W8A16Linear

from ..mutants.siblings import is_excluded, replace_linears


@equivalent("12.2")
def counts_the_rest_itself(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    """Looks for what was left before anything is exchanged, and builds each new layer with a function of its own."""
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    newest("models").conv1d_to_linear(model, exclude)
    weights = [(name, p) for name, p in model.named_parameters() if p.dim() >= 2]
    report = replace_linears(model, lambda linear: layer.from_linear(linear), exclude=exclude)
    listed = {*report.replaced, *report.excluded, *report.tied, *report.unsupported}
    left = listed - {*report.replaced}
    shared = {id(model.get_submodule(name).weight) for name in left}
    for parameter_name, weight in weights:
        name = parameter_name.removesuffix(".weight")
        if name not in listed:
            which = report.excluded if is_excluded(name, exclude) else report.unsupported
            which.append(name)
            report.sizes[name] = weight.numel() * (id(weight) not in shared)
    return report


@equivalent("12.2")
def converts_conv1d_itself(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    """Puts linear layers with copied weights in the place of Conv1D, child by child."""
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    users: dict[int, int] = {}
    for module in model.modules():
        for weight in module.parameters(recurse=False):
            users[id(weight)] = users.get(id(weight), 0) + 1

    def convert(parent, path):
        for name, child in parent.named_children():
            full = f"{path}.{name}" if path else name
            if type(child).__name__ != "Conv1D":
                convert(child, full)
            elif users[id(child.weight)] == 1 and not is_excluded(full, exclude):
                inputs, outputs = child.weight.shape
                linear = nn.Linear(inputs, outputs)
                linear.weight = nn.Parameter(child.weight.detach().T.contiguous())
                linear.bias = child.bias
                setattr(parent, name, linear.train(child.training))

    convert(model, "")
    report = replace_linears(model, layer.from_linear, exclude=exclude)
    newest("models").add_the_rest(report, model, exclude)
    return report


@equivalent("12.2")
def lists_in_another_order(model, *, layer=W8A16Linear, exclude=("lm_head",)):
    """The same names, sorted."""
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    given = newest("models")
    given.conv1d_to_linear(model, exclude)
    report = replace_linears(model, build=layer.from_linear, exclude=list(exclude))
    given.add_the_rest(report, model, list(exclude))
    for names in (report.replaced, report.excluded, report.tied, report.unsupported):
        names.sort(reverse=True)
    return report
