"""Other right answers to 13.2."""

from __future__ import annotations

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.load import newest
from labs_lib.course.standins import equivalent


@equivalent("13.2")
def walks_through_the_children(config, recipe):
    """Goes through the tree, with a note of what was exchanged for what."""
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
        checked.known(layers, dict(model.named_modules()))
        new = {model.get_submodule(name): hub.layer_of(form) for name, form in layers.items()}
        for parent in list(model.modules()):
            for name, child in list(parent._modules.items()):
                if child in new:
                    setattr(parent, name, new[child])
    return model


@equivalent("13.2")
def sets_the_default_device(config, recipe):
    """With the default device instead of a block, put back whatever happens."""
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    before = torch.get_default_device()
    torch.set_default_device("meta")
    try:
        model = hub.build(config)
        modules = dict(model.named_modules(remove_duplicate=False))
        for name, form in checked.known(layers, modules).items():
            layer = hub.layer_of(form)
            for place in [place for place, module in modules.items() if module is modules[name]]:
                model.set_submodule(place, layer)
    finally:
        torch.set_default_device(None if before == torch.device("cpu") else before)
    return model


@equivalent("13.2")
def checks_first(config, recipe):
    """Two blocks: the float model, then the layers, which are made before the first is exchanged."""
    recipe, hub = checked.recipe(recipe), newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
    places = {}
    for name, module in model.named_modules(remove_duplicate=False):
        places.setdefault(module, []).append(name)
    first = {names[0]: names for names in places.values()}
    with torch.device("meta"):
        made = {name: hub.layer_of(dict(form)) for name, form in checked.known(recipe["layers"], first).items()}
    for name, layer in made.items():
        for place in first[name]:
            parent, _, last = place.rpartition(".")
            nn.Module.__setattr__(model.get_submodule(parent), last, layer)
    return model
