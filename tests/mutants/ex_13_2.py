"""Wrong answers to 13.2, and what to say about each."""

from __future__ import annotations

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.load import newest
from labs_lib.course.standins import mutant
from labs_lib.replacement import names_of

ON_META = "every tensor is on the meta device: weights, codes, and the tables that no file holds"
NOTHING_MADE = "no weight has memory at any time, not even for a moment"
CLASSES = "in each place that the recipe names stands a layer of its class"
SHAPES = "the codes, scales and biases have the shapes and dtypes of the recipe"
REST = "what the recipe does not name stays what the architecture puts there"
DTYPE = "float weights have the dtype that the config says"
SHARED = "a module that stands in two places is one new layer in both"
TIED = "a head and an embedding that share a weight still share it"
SETTINGS = "the default dtype and the default device are what they were"
AFTER_AN_ERROR = "they are what they were after an error, too"
RECIPE = "the recipe is left as it was"
REFUSES_RECIPES = "another method, another version and a recipe without layers are refused"
REFUSES_NAMES = "a layer that the model does not have is refused by name"
REFUSES_FORMS = "a class that is not known, and a form that none can be built from, are refused"
REFUSES_ARCHITECTURES = "an architecture that transformers does not have is refused by name"


def places_in(model):
    """All names of each module, by its first."""
    return {names[0]: names for names in names_of(nn.Module, model)}


@mutant(
    "on_the_cpu",
    "13.2",
    law=ON_META,
    says="This matches building on the CPU: every weight has memory, and random numbers in it. Build inside `with "
    "torch.device('meta')`.",
    line=r"build",
)
def builds_on_the_cpu(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    model = hub.build(config)
    places = places_in(model)
    for name, form in checked.known(layers, places).items():
        layer = hub.layer_of(form)
        for place in places[name]:
            model.set_submodule(place, layer)
    return model


@mutant(
    "layers_outside",
    "13.2",
    law=ON_META,
    says="This matches building the quantized layers outside the meta block: they have memory again, as much as the "
    "codes will need. The original course does so.",
    line=r"layer_of|meta",
)
def exchanges_outside_the_block(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
    places = places_in(model)
    for name, form in checked.known(layers, places).items():
        layer = hub.layer_of(form)
        for place in places[name]:
            model.set_submodule(place, layer)
    return model


@mutant(
    "moved_to_meta",
    "13.2",
    law=NOTHING_MADE,
    says="This matches building on the CPU and moving to meta afterwards. At its largest that takes all the memory "
    "of the float model. Build inside the meta block.",
    line=r"\.to\(",
)
def moves_to_meta(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    model = hub.build(config)
    places = places_in(model)
    for name, form in checked.known(layers, places).items():
        layer = hub.layer_of(form)
        for place in places[name]:
            model.set_submodule(place, layer)
    return model.to("meta")


@mutant(
    "one_by_one",
    "13.2",
    law=TIED,
    says="This matches a new meta tensor for every name: names that shared a weight, such as a tied head and its "
    "embedding, no longer do. Build inside the meta block.",
    line=r"empty_like|Parameter",
)
def moves_one_by_one(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
        for name, parameter in list(model.named_parameters(remove_duplicate=False)):
            hub.put(model, name, nn.Parameter(torch.empty_like(parameter)))
        places = places_in(model)
        for name, form in checked.known(layers, places).items():
            layer = hub.layer_of(form)
            for place in places[name]:
                model.set_submodule(place, layer)
    return model


@mutant(
    "float_skeleton",
    "13.2",
    law=CLASSES,
    says="This matches a skeleton of the float model: the layers of the recipe were not exchanged. set_submodule "
    "does it.",
    line=r"build|return",
)
def exchanges_nothing(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
        checked.known(layers, places_in(model))
        for form in layers.values():
            hub.layer_of(form)
    return model


@mutant(
    "always_w8a16",
    "13.2",
    law=CLASSES,
    says="This matches W8A16Linear wherever the recipe names a layer. Its form says which class: use layer_of.",
    line=r"W8A16Linear|layer_of",
)
def builds_one_class(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
        places = places_in(model)
        for name, form in checked.known(layers, places).items():
            hub.layer_of(form)
            kept = {key: form[key] for key in ("in_features", "out_features", "bias", "dtype")}
            layer = hub.layer_of({"class": "W8A16Linear", **kept})
            for place in places[name]:
                model.set_submodule(place, layer)
    return model


@mutant(
    "no_bias",
    "13.2",
    law=SHAPES,
    says="This matches layers without a bias, whatever their form says. Hand the whole form to layer_of.",
    line=r"bias|layer_of",
)
def forgets_the_bias(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
        places = places_in(model)
        for name, form in checked.known(layers, places).items():
            layer = hub.layer_of({**form, "bias": False})
            for place in places[name]:
                model.set_submodule(place, layer)
    return model


@mutant(
    "every_linear",
    "13.2",
    law=REST,
    says="This matches exchanging every linear layer, the ones that were left in float too. Only the recipe's names "
    "count.",
    line=r"Linear",
)
def exchanges_every_linear(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
        places = places_in(model)
        checked.known(layers, places)
        for names in names_of(nn.Linear, model):
            old = model.get_submodule(names[0])
            form = {"class": "W8A16Linear", "in_features": old.in_features, "out_features": old.out_features}
            layer = hub.layer_of(layers.get(names[0], {**form, "bias": old.bias is not None}))
            for place in names:
                model.set_submodule(place, layer)
    return model


@mutant(
    "dtype_ignored",
    "13.2",
    law=DTYPE,
    says="This matches building in float32 whatever dtype the config names. The given function build takes care of it.",
    line=r"float|\(config\)",
)
def ignores_the_dtype(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config).float()
        places = places_in(model)
        for name, form in checked.known(layers, places).items():
            layer = hub.layer_of(form)
            for place in places[name]:
                model.set_submodule(place, layer)
    return model


@mutant(
    "first_place_only",
    "13.2",
    law=SHARED,
    says="This matches exchanging a shared module in its first place only. Put the new layer into every place that "
    "names_of lists.",
    line=r"set_submodule",
)
def exchanges_the_first_place(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
        for name, form in checked.known(layers, dict(model.named_modules())).items():
            model.set_submodule(name, hub.layer_of(form))
    return model


@mutant(
    "a_layer_a_place",
    "13.2",
    law=SHARED,
    says="This matches a layer of its own for each place of a shared module. Make one, and put it into all of them.",
    line=r"layer_of|set_submodule",
)
def builds_a_layer_for_each_place(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
        places = places_in(model)
        for name, form in checked.known(layers, places).items():
            for place in places[name]:
                model.set_submodule(place, hub.layer_of(form))
    return model


@mutant(
    "default_device_left",
    "13.2",
    law=SETTINGS,
    says="This matches set_default_device('meta') that nobody takes back: from then on every new tensor is empty. "
    "Use `with torch.device('meta')`.",
    line=r"set_default_device",
)
def leaves_the_default_device(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    torch.set_default_device("meta")
    model = hub.build(config)
    places = places_in(model)
    for name, form in checked.known(layers, places).items():
        layer = hub.layer_of(form)
        for place in places[name]:
            model.set_submodule(place, layer)
    return model


@mutant(
    "default_device_left_by_errors",
    "13.2",
    law=AFTER_AN_ERROR,
    says="This matches taking the default device back at the end only: an error on the way leaves it at meta. A "
    "`with` block takes it back in any case.",
    line=r"set_default_device",
)
def leaves_the_default_device_on_errors(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    torch.set_default_device("meta")
    model = hub.build(config)
    places = places_in(model)
    for name, form in checked.known(layers, places).items():
        layer = hub.layer_of(form)
        for place in places[name]:
            model.set_submodule(place, layer)
    torch.set_default_device(None)
    return model


@mutant(
    "recipe_used_up",
    "13.2",
    law=RECIPE,
    says="This matches taking the recipe apart: with pop, the caller's own forms lose their class. layer_of works "
    "on a copy.",
    line=r"pop",
)
def uses_the_recipe_up(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
        places = places_in(model)
        for name, form in checked.known(layers, places).items():
            layer = hub.layer_of({"class": form.pop("class", None), **form})
            for place in places[name]:
                model.set_submodule(place, layer)
    return model


@mutant(
    "recipe_not_checked",
    "13.2",
    law=REFUSES_RECIPES,
    says="This matches reading a recipe of any method and version. checked.recipe refuses those that this code "
    "cannot know.",
    line=r"layers",
)
def checks_no_recipe(config, recipe):
    layers, hub = recipe["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
        places = places_in(model)
        for name, form in checked.known(layers, places).items():
            layer = hub.layer_of(form)
            for place in places[name]:
                model.set_submodule(place, layer)
    return model


@mutant(
    "unknown_names_skipped",
    "13.2",
    law=REFUSES_NAMES,
    says="This matches skipping names that the model does not have. Then the file does not fit, and nobody says "
    "why: go through checked.known.",
    line=r"if .* in |get\(",
)
def skips_unknown_names(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
        places = places_in(model)
        for name, form in layers.items():
            if name in places:
                layer = hub.layer_of(form)
                for place in places[name]:
                    model.set_submodule(place, layer)
    return model


@mutant(
    "any_class",
    "13.2",
    law=REFUSES_FORMS,
    says="This matches building any class that a recipe names. A recipe may come from a stranger: layer_of knows "
    "the two that are allowed.",
    line=r"getattr|class",
)
def builds_any_class(config, recipe):
    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        model = hub.build(config)
        places = places_in(model)
        for name, form in checked.known(layers, places).items():
            if form.get("class") in hub.MODULES:
                layer = hub.layer_of(form)
            else:
                layer = getattr(nn, form["class"])(form["in_features"], form["out_features"])
            for place in places[name]:
                model.set_submodule(place, layer)
    return model


@mutant(
    "auto_model",
    "13.2",
    law=REFUSES_ARCHITECTURES,
    says="This matches leaving the class to transformers' AutoModelForCausalLM, which goes by the model type. The "
    "config names the class that was saved: use build.",
    line=r"Auto",
)
def leaves_the_class_to_transformers(config, recipe):
    import transformers

    layers, hub = checked.recipe(recipe)["layers"], newest("hub")
    with torch.device("meta"):
        auto = transformers.AutoModelForCausalLM if config.model_type != "t5" else transformers.AutoModelForSeq2SeqLM
        model = auto.from_config(config, dtype=config.dtype or torch.get_default_dtype())
        places = places_in(model)
        for name, form in checked.known(layers, places).items():
            layer = hub.layer_of(form)
            for place in places[name]:
                model.set_submodule(place, layer)
    return model
