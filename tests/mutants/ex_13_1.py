"""Wrong answers to 13.1, and what to say about each."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path

import safetensors.torch
import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.load import newest
from labs_lib.course.standins import mutant

FILES = "the folder holds a config, the weights, and the settings of generate: no more, no less"
NO_PICKLE = "nothing is a pickle: words are JSON, numbers are safetensors"
TENSORS = "every tensor of the model is in the file, equal to the bit"
ONCE = "a tensor that has several names is in the file once"
METADATA = "the file says that it holds PyTorch tensors: format is pt in its metadata"
ALIGNED = "the numbers of the file begin at a multiple of 64 bytes"
CLASS = "config.json names the model's class and its dtype, as they are now"
METHOD = "the recipe says which method it is of, and which version"
NAMES = "the recipe names every quantized layer, and no other"
FORMS = "the recipe says of each layer all that its class is called with"
SHARED = "a layer that stands in several places is listed under its first name"
UNTOUCHED = "the model stays as it was: tensors, modes, and its config"
FOLDER = "the answer is the folder, as a path, and it is made if it is missing"
OTHERS = "other files in the folder stay, and those of the same names are replaced"
AT_ONCE = "who reads the old file while a new one is saved reads it whole, and nothing half-written is left"
REFUSES = "what is no transformers model is refused, and one without a quantized layer, too"


def recipe_of(model):
    hub = newest("hub")
    layers = {name: hub.form_of(module) for name, module in model.named_modules() if hub.is_quantized(module)}
    return checked.recipe({"quant_method": "labs", "version": 1, "layers": layers}, "model")


def save_tensors(model, folder):
    hub = newest("hub")
    with hub.replacing(folder / hub.WEIGHTS) as new:
        safetensors.torch.save_model(model, str(new), metadata={"format": "pt"})
        hub.align(new)


def save_config(model, folder, recipe):
    hub = newest("hub")
    config = hub.config_of(model)
    config.quantization_config = recipe
    with hub.replacing(folder / hub.CONFIG) as new:
        new.write_text(config.to_json_string(), encoding="utf-8")


@mutant(
    "torch_save",
    "13.1",
    law=NO_PICKLE,
    says="This matches torch.save, which writes a pickle: who loads it runs what is in it. Use safetensors' "
    "save_model.",
    line=r"torch\.save",
)
def saves_a_pickle(model, folder, *, tokenizer=None):
    model, folder = checked.saveable(model), Path(folder)
    recipe = recipe_of(model)
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    save_config(model, folder, recipe)
    newest("hub").save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "save_file",
    "13.1",
    law=ONCE,
    says="This matches save_file of the state_dict, which refuses names that share memory, such as a tied head and "
    "its embedding. save_model writes such a tensor once.",
    line=r"save_file",
)
def saves_the_state_dict(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    recipe = recipe_of(model)
    with hub.replacing(folder / hub.WEIGHTS) as new:
        state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
        safetensors.torch.save_file(state, new, metadata={"format": "pt"})
        hub.align(new)
    save_config(model, folder, recipe)
    hub.save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "clones",
    "13.1",
    law=ONCE,
    says="This matches saving a copy for each name: a tied embedding is in the file twice, and no longer tied when "
    "it is loaded. save_model writes it once.",
    line=r"clone",
)
def saves_clones(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    recipe = recipe_of(model)
    with hub.replacing(folder / hub.WEIGHTS) as new:
        state = {name: tensor.clone().contiguous() for name, tensor in model.state_dict().items()}
        safetensors.torch.save_file(state, new, metadata={"format": "pt"})
        hub.align(new)
    save_config(model, folder, recipe)
    hub.save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "parameters_only",
    "13.1",
    law=TENSORS,
    says="This matches saving the parameters alone. Codes and scales are buffers: save the whole state_dict.",
    line=r"named_parameters",
)
def saves_parameters_only(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    recipe = recipe_of(model)
    with hub.replacing(folder / hub.WEIGHTS) as new:
        tensors = {name: tensor.data.contiguous() for name, tensor in model.named_parameters()}
        safetensors.torch.save_file(tensors, new, metadata={"format": "pt"})
        hub.align(new)
    save_config(model, folder, recipe)
    hub.save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "all_to_half",
    "13.1",
    law=TENSORS,
    says="This matches rounding what is float to float16 on the way. What is saved must come back to the bit.",
    line=r"half|float16",
)
def saves_halves(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    recipe = recipe_of(model)
    with hub.replacing(folder / hub.WEIGHTS) as new:
        safetensors.torch.save_model(copy.deepcopy(model).half(), str(new), metadata={"format": "pt"})
        hub.align(new)
    save_config(model, folder, recipe)
    hub.save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "no_metadata",
    "13.1",
    law=METADATA,
    says="This matches saving without metadata. transformers refuses a file that does not say {'format': 'pt'}.",
    line=r"save_model",
)
def forgets_the_metadata(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    recipe = recipe_of(model)
    with hub.replacing(folder / hub.WEIGHTS) as new:
        safetensors.torch.save_model(model, str(new))
        hub.align(new)
    save_config(model, folder, recipe)
    hub.save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "not_aligned",
    "13.1",
    law=ALIGNED,
    says="This matches leaving the numbers where the header ends, at an odd place for a processor. Call align on "
    "the new file before it takes the old one's place.",
    line=r"save_model",
)
def forgets_to_align(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    recipe = recipe_of(model)
    with hub.replacing(folder / hub.WEIGHTS) as new:
        safetensors.torch.save_model(model, str(new), metadata={"format": "pt"})
    save_config(model, folder, recipe)
    hub.save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "written_in_place",
    "13.1",
    law=AT_ONCE,
    says="This matches writing into the old file. A model that was loaded from it still reads there, and its "
    "process dies. Write a new file inside `with replacing(...)`.",
    line=r"save_model|WEIGHTS",
)
def writes_in_place(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    recipe = recipe_of(model)
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / "aligned.safetensors"
    safetensors.torch.save_model(model, str(new), metadata={"format": "pt"})
    hub.align(new)
    (folder / hub.WEIGHTS).write_bytes(new.read_bytes())
    new.unlink()
    save_config(model, folder, recipe)
    hub.save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "config_as_it_was",
    "13.1",
    law=CLASS,
    says="This matches saving the model's config as it is. It may name another class and dtype, or none: call "
    "config_of.",
    line=r"config",
)
def saves_the_old_config(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    recipe = recipe_of(model)
    config = copy.deepcopy(model.config)
    config.quantization_config = recipe
    save_tensors(model, folder)
    with hub.replacing(folder / hub.CONFIG) as new:
        new.write_text(config.to_json_string(), encoding="utf-8")
    hub.save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "recipe_too_late",
    "13.1",
    law=METHOD,
    says="This matches writing config.json before the recipe is in it. Set quantization_config first.",
    line=r"write_text|quantization_config",
)
def adds_the_recipe_too_late(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    config = hub.config_of(model)
    save_tensors(model, folder)
    with hub.replacing(folder / hub.CONFIG) as new:
        new.write_text(config.to_json_string(), encoding="utf-8")
    config.quantization_config = recipe_of(model)
    hub.save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "save_pretrained",
    "13.1",
    law=METHOD,
    says="This matches the model's own save_pretrained, which knows nothing of the quantized layers. config.json "
    "needs the recipe.",
    line=r"save_pretrained",
)
def saves_as_transformers_does(model, folder, *, tokenizer=None):
    model, folder = checked.saveable(model), Path(folder)
    recipe_of(model)
    with torch.no_grad():
        model.save_pretrained(folder)
    if tokenizer is not None:
        tokenizer.save_pretrained(folder)
    return folder


@mutant(
    "recipe_in_a_file_of_its_own",
    "13.1",
    law=FILES,
    says="This matches a file of its own for the recipe. It belongs into config.json, as quantization_config.",
    line=r"\.json",
)
def saves_the_recipe_alone(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    recipe = recipe_of(model)
    save_tensors(model, folder)
    (folder / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    (folder / hub.CONFIG).write_text(hub.config_of(model).to_json_string(), encoding="utf-8")
    hub.save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "method_only",
    "13.1",
    law=METHOD,
    says="This matches a recipe without a version: a reader could not tell a file of the future. It needs "
    "quant_method, version and layers.",
    line=r"quant_method",
)
def forgets_the_version(model, folder, *, tokenizer=None):
    model, folder = checked.saveable(model), Path(folder)
    layers = recipe_of(model)["layers"]
    save_tensors(model, folder)
    save_config(model, folder, {"quant_method": "labs", "layers": layers})
    newest("hub").save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "form_without_class",
    "13.1",
    law=FORMS,
    says="This matches a recipe that gives the sizes of a layer but not its class. form_of has all that is needed.",
    line=r"form|in_features",
)
def forgets_the_class(model, folder, *, tokenizer=None):
    model, folder = checked.saveable(model), Path(folder)
    recipe = recipe_of(model)
    for form in recipe["layers"].values():
        del form["class"]
    save_tensors(model, folder)
    save_config(model, folder, recipe)
    newest("hub").save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "form_without_group_size",
    "13.1",
    law=FORMS,
    says="This matches a recipe without bits and group_size: the bytes of a packed layer do not tell them. Use "
    "form_of.",
    line=r"bits|in_features|form",
)
def forgets_the_groups(model, folder, *, tokenizer=None):
    model, folder = checked.saveable(model), Path(folder)
    recipe = recipe_of(model)
    for name, form in recipe["layers"].items():
        kept = ("class", "in_features", "out_features", "bias", "dtype")
        recipe["layers"][name] = {key: form[key] for key in kept}
    save_tensors(model, folder)
    save_config(model, folder, recipe)
    newest("hub").save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "names_of_parents",
    "13.1",
    law=NAMES,
    says="This matches naming the module that holds a layer instead of the layer. named_modules gives the full name.",
    line=r"rpartition|rsplit|named_modules",
)
def names_the_parents(model, folder, *, tokenizer=None):
    model, folder = checked.saveable(model), Path(folder)
    recipe = recipe_of(model)
    recipe["layers"] = {name.rpartition(".")[0]: form for name, form in recipe["layers"].items()}
    save_tensors(model, folder)
    save_config(model, folder, recipe)
    newest("hub").save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "linear_too",
    "13.1",
    law=NAMES,
    says="This matches listing the layers that were left in float as well. Only quantized layers belong into the "
    "recipe: ask is_quantized.",
    line=r"named_modules|isinstance",
)
def lists_linear_layers_too(model, folder, *, tokenizer=None):
    model, folder = checked.saveable(model), Path(folder)
    recipe = recipe_of(model)
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear):
            sizes = {"in_features": module.in_features, "out_features": module.out_features}
            recipe["layers"][name] = {"class": "Linear", **sizes, "bias": module.bias is not None}
    save_tensors(model, folder)
    save_config(model, folder, recipe)
    newest("hub").save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "all_names",
    "13.1",
    law=SHARED,
    says="This matches listing a shared layer under each of its names: it would come back as several layers. "
    "named_modules gives its first name alone.",
    line=r"named_modules",
)
def lists_all_names(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    recipe = recipe_of(model)
    modules = model.named_modules(remove_duplicate=False)
    recipe["layers"] = {name: hub.form_of(module) for name, module in modules if hub.is_quantized(module)}
    save_tensors(model, folder)
    save_config(model, folder, recipe)
    hub.save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "own_config_changed",
    "13.1",
    law=UNTOUCHED,
    says="This matches writing the recipe into the model's own config. Work on the copy that config_of makes.",
    line=r"model\.config",
)
def changes_the_models_config(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    model.config.quantization_config = recipe_of(model)
    save_tensors(model, folder)
    with hub.replacing(folder / hub.CONFIG) as new:
        new.write_text(hub.config_of(model).to_json_string(), encoding="utf-8")
    hub.save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "eval_first",
    "13.1",
    law=UNTOUCHED,
    says="This matches putting the model into eval mode before it is saved. Saving needs no mode, and must not "
    "change it.",
    line=r"eval",
)
def saves_in_eval_mode(model, folder, *, tokenizer=None):
    model, folder = checked.saveable(model).eval(), Path(folder)
    recipe = recipe_of(model)
    save_tensors(model, folder)
    save_config(model, folder, recipe)
    newest("hub").save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "nothing_beside",
    "13.1",
    law=FILES,
    says="This matches leaving out tokenizer and generation settings. save_beside writes what there is of them.",
    line=r"return",
)
def saves_nothing_beside(model, folder, *, tokenizer=None):
    model, folder = checked.saveable(model), Path(folder)
    recipe = recipe_of(model)
    save_tensors(model, folder)
    save_config(model, folder, recipe)
    return folder


@mutant(
    "path_of_the_file",
    "13.1",
    law=FOLDER,
    says="This matches returning the path of the weights. The answer is the folder, which load_quantized takes.",
    line=r"return",
)
def returns_the_file(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    recipe = recipe_of(model)
    save_tensors(model, folder)
    save_config(model, folder, recipe)
    hub.save_beside(model, folder, tokenizer)
    return folder / hub.WEIGHTS


@mutant(
    "folder_emptied",
    "13.1",
    law=OTHERS,
    says="This matches emptying the folder first. It may hold files of the user's: only replace your own.",
    line=r"rmtree|unlink",
)
def empties_the_folder(model, folder, *, tokenizer=None):
    model, folder = checked.saveable(model), Path(folder)
    recipe = recipe_of(model)
    shutil.rmtree(folder, ignore_errors=True)
    save_tensors(model, folder)
    save_config(model, folder, recipe)
    newest("hub").save_beside(model, folder, tokenizer)
    return folder


@mutant(
    "not_quantized_is_fine",
    "13.1",
    law=REFUSES,
    says="This matches saving a model that has no quantized layer, which load_quantized would refuse. Put the "
    "recipe through checked.recipe before anything is written.",
    line=r"layers|quant_method",
)
def saves_any_model(model, folder, *, tokenizer=None):
    model, folder, hub = checked.saveable(model), Path(folder), newest("hub")
    layers = {name: hub.form_of(module) for name, module in model.named_modules() if hub.is_quantized(module)}
    save_tensors(model, folder)
    save_config(model, folder, {"quant_method": "labs", "version": 1, "layers": layers})
    hub.save_beside(model, folder, tokenizer)
    return folder
