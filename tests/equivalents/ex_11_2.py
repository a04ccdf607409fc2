"""Other right answers to 11.2."""

from __future__ import annotations

import warnings
from collections import Counter

from torch import nn

from labs_lib.course import checked
from labs_lib.course.load import newest
from labs_lib.course.standins import equivalent

from ..mutants.siblings import is_excluded


def given():
    """The code around the exercise, from the file as it was last run."""
    return newest("replacement")


@equivalent("11.2")
def child_by_child(model, build, *, exclude=()):
    """Goes down the tree by itself, and takes down all the places of a layer before it exchanges any."""
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report, tied = given().ReplacementReport.of(model), given().shared_weights(model)
    all_names = {id(model.get_submodule(names[0])): names for names in given().names_of(nn.Linear, model)}
    places = {}  # where the layers stand that are to be exchanged: parents and last names, by the layer's id

    def kind_of(linear):
        if any(is_excluded(name, exclude) for name in all_names[id(linear)]):
            return "excluded"
        if id(linear.weight) in tied:
            return "tied"
        plain = type(linear) is nn.Linear and "weight" in linear._parameters
        return "replaced" if plain else "unsupported"

    def go_down(parent, front):
        for name, child in parent._modules.items():
            if not isinstance(child, nn.Linear):
                if child is not None:
                    go_down(child, f"{front}{name}.")
                continue
            kind = kind_of(child)
            getattr(report, kind).append(front + name)
            if kind == "replaced":
                places.setdefault(id(child), []).append((parent, name))
            else:
                go_down(child, f"{front}{name}.")

    go_down(model, "")
    for spots in places.values():
        parent, name = spots[0]
        old = parent._modules[name]
        with given().naming(all_names[id(old)][0]):
            new = build(old)
        del old
        for parent, name in spots:
            parent._modules[name] = new
    if len(report.replaced) == 0:
        warnings.warn("nothing was replaced", RuntimeWarning, stacklevel=2)
    return report


@equivalent("11.2")
def names_first(model, build, *, exclude=()):
    """Sorts all names into the lists first, then exchanges what is on one of them."""
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    users = Counter(id(own) for module in model.modules() for own in module._parameters.values() if own is not None)
    groups = given().names_of(nn.Linear, model)
    lists = {"replaced": [], "excluded": [], "tied": [], "unsupported": []}
    for group in groups:
        linear = model.get_submodule(group[-1])
        own = linear._parameters.get("weight")
        if True in (is_excluded(name, exclude) for name in group):
            lists["excluded"].append(group)
        elif own is not None and users[id(own)] >= 2:
            lists["tied"].append(group)
        elif own is None or linear.__class__ != nn.Linear:
            lists["unsupported"].append(group)
        else:
            lists["replaced"].append(group)
        del linear, own
    report = given().ReplacementReport.of(model)
    for kind, found in lists.items():
        getattr(report, kind).extend(name for group in found for name in group)
    for group in lists["replaced"]:
        try:
            new = build(model.get_submodule(group[0]))
        except Exception as error:
            error.add_note(f"at {group[0]}")
            raise
        for name in group:
            front, _, last = name.rpartition(".")
            setattr(model.get_submodule(front), last, new)
    if not lists["replaced"]:
        warnings.warn("no layer replaced", stacklevel=2)
    return report


@equivalent("11.2")
def one_after_the_other(model, build, *, exclude=()):
    """Looks for the next layer anew each time, as somebody does who does not trust a model that changes."""
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    report = given().ReplacementReport.of(model)
    counts = Counter(weight for module in model.modules() for weight in map(id, module.parameters(recurse=False)))
    todo = [names for names in given().names_of(nn.Linear, model)]
    while todo:
        names = todo.pop(0)
        where = [(model.get_submodule(name.rpartition(".")[0]), name.rpartition(".")[2]) for name in names]
        old = getattr(*where[0])
        reason = None
        if not isinstance(old.weight, nn.Parameter) or type(old) is not nn.Linear:
            reason = "unsupported"
        if counts[id(old.weight)] > 1:
            reason = "tied"
        if any([is_excluded(name, exclude) for name in names]):
            reason = "excluded"
        if reason is None:
            with given().naming(", ".join(names)):
                new = build(old)
            for parent, last in where:
                setattr(parent, last, new)
        getattr(report, reason or "replaced").extend(names)
        old = new = None
    if report.replaced == []:
        warnings.warn(f"none of {len(report.sizes)} linear layers was replaced", stacklevel=2)
    return report
