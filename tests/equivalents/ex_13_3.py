"""Other right answers to 13.3."""

from __future__ import annotations

from collections import defaultdict

from torch import nn

from labs_lib.course import checked
from labs_lib.course.load import newest
from labs_lib.course.standins import equivalent

from ..mutants.siblings import meta_skeleton


def start(source, revision):
    hub = newest("hub")
    folder = hub.local_folder(source, revision)
    config = hub.read_config(folder)
    model = meta_skeleton(config, config.quantization_config)
    path = folder / hub.WEIGHTS
    return hub, folder, model, checked.matching(checked.stored(path), model, path)


@equivalent("13.3")
def puts_each_tensor(source, *, revision=None):
    """Without load_state_dict: makes the parameters itself, one for each tensor, under all of its names."""
    hub, folder, model, tensors = start(source, revision)
    names = defaultdict(list)
    for name, tensor in tensors.items():
        names[id(tensor)].append(name)
    parameters = dict(model.named_parameters(remove_duplicate=False))
    for name, *others in names.values():
        tensor = tensors[name]
        if name in parameters:
            tensor = nn.Parameter(tensor, requires_grad=parameters[name].requires_grad)
        for place in (name, *others):
            hub.put(model, place, tensor)
    hub.rebuild_buffers(model)
    hub.load_beside(model, folder)
    return model.eval()


@equivalent("13.3")
def loads_module_by_module(source, *, revision=None):
    """Each module gets the tensors that are its own, in the middle of which the flags are set."""
    hub, folder, model, tensors = start(source, revision)
    for name, module in model.named_modules():
        module.training = False
        prefix = f"{name}." if name else ""
        own = {key: tensors[f"{prefix}{key}"] for key, _ in own_tensors(module) if f"{prefix}{key}" in tensors}
        module.load_state_dict(own, strict=False, assign=True)
    hub.restore_ties(model, tensors)
    hub.rebuild_buffers(model)
    hub.load_beside(model, folder)
    return model


def own_tensors(module):
    return [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]


@equivalent("13.3")
def finishes_in_another_order(source, *, revision=None):
    """Tables and settings first, the tensors last; a copy of the folder's path as a string."""
    hub, folder, model, tensors = start(str(source), revision)
    hub.load_beside(model, folder)
    result = model.eval().load_state_dict(dict(reversed(tensors.items())), strict=True, assign=True)
    assert not result.missing_keys
    hub.restore_ties(model, dict(reversed(tensors.items())))
    hub.rebuild_buffers(model)
    return model
