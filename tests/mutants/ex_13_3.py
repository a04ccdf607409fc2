"""Wrong answers to 13.3, and what to say about each."""

from __future__ import annotations

import json

import safetensors.torch
import torch

from labs_lib.course import checked
from labs_lib.course.load import newest
from labs_lib.course.standins import mutant

from .siblings import meta_skeleton

LOGITS = "the loaded model answers what the saved one answered, to the bit"
TENSORS = "every tensor is that of the saved model, to the bit, also in half precision"
TABLES = "nothing is left on the meta device, and the tables that no file holds have their values"
TIES = "names that shared a tensor share one again: a tied head, T5's four names, BERT's bias"
UNTIED = "a head with a weight of its own keeps it, whatever the config says: quantized, or untied by hand"
EVAL = "the model is in eval mode, every part of it: no dropout"
TRAINABLE = "codes and scales cannot be trained, and what could be trained still can"
MAPPED = "the codes lie in the mapped file: they are not copied"
NOTHING_MADE = "no float weight is made on the way, not even for a moment"
GENERATION = "the settings of generate come back"
INDEPENDENT = "two models of one folder are two: what is written into one reaches neither the other nor the file"
CUT = "a file that is cut short is refused by name, wherever it was cut"
MISSING_OR_EXTRA = "a missing tensor is refused by name, and so is one too many"
SHAPES = "a tensor of another shape is refused by name"
KINDS = "codes of another kind of number are refused, and whole numbers in the place of real ones"
MISSING_FILES = "a folder without config or without weights is refused, and so is one that is not there"
RUNS_NO_PICKLE = "a pickle is never run"
OTHER_RECIPES = "another method, another version and a config without a recipe are refused"
REVISIONS = "a folder has no revisions: to ask for one is refused"


def skeleton_of(source, revision):
    """The first steps, which most of these get right: the folder, and the empty model."""
    hub = newest("hub")
    folder = hub.local_folder(source, revision)
    config = hub.read_config(folder)
    return folder, meta_skeleton(config, config.quantization_config)


def tensors_for(model, folder):
    path = folder / newest("hub").WEIGHTS
    return checked.matching(checked.stored(path), model, path)


def finish(model, folder, tensors):
    hub = newest("hub")
    hub.restore_ties(model, tensors)
    hub.rebuild_buffers(model)
    hub.load_beside(model, folder)


@mutant(
    "no_assign",
    "13.3",
    law=LOGITS,
    says="This matches load_state_dict without assign=True. It copies values into tensors that have no place for "
    "them: everything stays on meta, and only warnings say so.",
    line=r"load_state_dict",
)
def does_not_assign(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    tensors = tensors_for(model, folder)
    model.load_state_dict(tensors)
    newest("hub").restore_ties(model, tensors)
    newest("hub").load_beside(model, folder)
    return model.eval()


@mutant(
    "load_model",
    "13.3",
    law=LOGITS,
    says="This matches safetensors' load_model, which copies into the tensors of the model. On meta there is "
    "nothing to copy into: use load_state_dict with assign=True.",
    line=r"load_model",
)
def loads_with_safetensors(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    safetensors.torch.load_model(model, folder / newest("hub").WEIGHTS)
    newest("hub").load_beside(model, folder)
    return model.eval()


@mutant(
    "not_strict",
    "13.3",
    law=MISSING_OR_EXTRA,
    says="This matches strict=False with no check: a tensor too few or too many passes in silence. checked.matching "
    "says which.",
    line=r"strict",
)
def is_not_strict(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    hub = newest("hub")
    model.load_state_dict(checked.stored(folder / hub.WEIGHTS), strict=False, assign=True)
    model.tie_weights()
    hub.rebuild_buffers(model)
    hub.load_beside(model, folder)
    return model.eval()


@mutant(
    "not_matched",
    "13.3",
    law=TIES,
    says="This matches handing the file's tensors to load_state_dict as they are. A tied weight is in the file "
    "under one of its names only: checked.matching gives it all of them.",
    line=r"stored|load_state_dict",
)
def does_not_match(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    tensors = checked.stored(folder / newest("hub").WEIGHTS)
    model.load_state_dict(tensors, assign=True)
    finish(model, folder, tensors)
    return model.eval()


@mutant(
    "left_to_load_state_dict",
    "13.3",
    law=KINDS,
    says="This matches leaving every check to load_state_dict. It compares names and shapes, not kinds of numbers, "
    "and its errors do not name the file: use checked.matching.",
    line=r"load_state_dict",
)
def leaves_the_checks_to_torch(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    stored, state = checked.stored(folder / newest("hub").WEIGHTS), model.state_dict(keep_vars=True)
    held = {id(state[name]): tensor for name, tensor in stored.items() if name in state}
    tensors = {name: held[id(empty)] for name, empty in state.items() if id(empty) in held} | stored
    model.load_state_dict(tensors, assign=True)
    finish(model, folder, tensors)
    return model.eval()


@mutant(
    "ties_lost",
    "13.3",
    law=TIES,
    says="This matches leaving the names of a shared weight as separate parameters: assign makes one for each name. "
    "Call restore_ties.",
    line=r"load_state_dict",
)
def loses_the_ties(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    hub, tensors = newest("hub"), tensors_for(model, folder)
    model.load_state_dict(tensors, assign=True)
    hub.rebuild_buffers(model)
    hub.load_beside(model, folder)
    return model.eval()


@mutant(
    "tie_weights",
    "13.3",
    law=UNTIED,
    says="This matches transformers' tie_weights, which believes the config: it ties a head that has a weight of "
    "its own. restore_ties goes by the file.",
    line=r"tie_weights",
)
def ties_by_the_config(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    hub, tensors = newest("hub"), tensors_for(model, folder)
    model.load_state_dict(tensors, assign=True)
    model.tie_weights()
    hub.rebuild_buffers(model)
    hub.load_beside(model, folder)
    return model.eval()


@mutant(
    "tables_on_meta",
    "13.3",
    law=TABLES,
    says="This matches leaving on meta the tables that no file holds, such as a Llama's rotary frequencies. Call "
    "rebuild_buffers.",
    line=r"load_state_dict",
)
def leaves_tables_on_meta(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    hub, tensors = newest("hub"), tensors_for(model, folder)
    model.load_state_dict(tensors, assign=True)
    hub.restore_ties(model, tensors)
    hub.load_beside(model, folder)
    return model.eval()


@mutant(
    "tables_of_zeros",
    "13.3",
    law=TABLES,
    says="This matches filling the tables that no file holds with zeros. Rotary frequencies of zero turn nothing: "
    "rebuild_buffers computes them.",
    line=r"zeros|to_empty",
)
def fills_tables_with_zeros(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    hub, tensors = newest("hub"), tensors_for(model, folder)
    model.load_state_dict(tensors, assign=True)
    hub.restore_ties(model, tensors)
    for name, buffer in list(model.named_buffers()):
        if buffer.is_meta:
            hub.put(model, name, torch.zeros_like(buffer, device="cpu"))
    hub.load_beside(model, folder)
    return model.eval()


@mutant(
    "still_training",
    "13.3",
    law=EVAL,
    says="This matches a model in training mode: a new module trains until somebody says eval, and dropout throws "
    "away a tenth of what it computes.",
    line=r"return",
)
def still_trains(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    tensors = tensors_for(model, folder)
    model.load_state_dict(tensors, assign=True)
    finish(model, folder, tensors)
    return model


@mutant(
    "flag_of_the_model",
    "13.3",
    law=EVAL,
    says="This matches switching the training flag of the outermost module only. Dropout looks at its own: call eval.",
    line=r"training",
)
def sets_one_flag(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    tensors = tensors_for(model, folder)
    model.load_state_dict(tensors, assign=True)
    finish(model, folder, tensors)
    model.training = False
    return model


@mutant(
    "skeleton_with_memory",
    "13.3",
    law=NOTHING_MADE,
    says="This matches building the float model first, random numbers and all, and then exchanging its layers. That "
    "needs the memory that quantization saves: start from meta_skeleton.",
    line=r"build|from_config",
)
def builds_the_float_model(source, *, revision=None):
    hub = newest("hub")
    folder = hub.local_folder(source, revision)
    config = hub.read_config(folder)
    model = hub.build(config)
    for name, form in checked.known(config.quantization_config["layers"], dict(model.named_modules())).items():
        model.set_submodule(name, hub.layer_of(form))
    model.load_state_dict(tensors_for(model, folder))
    hub.load_beside(model, folder)
    return model.eval()


@mutant(
    "copied",
    "13.3",
    law=MAPPED,
    says="This matches copying the file into memory of its own. The mapped pages can be the tensors: nothing has to "
    "be read before it is used.",
    line=r"clone|copy|read_bytes",
)
def copies_the_file(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    path = folder / newest("hub").WEIGHTS
    stored = {name: tensor.clone() for name, tensor in checked.stored(path).items()}
    tensors = checked.matching(stored, model, path)
    model.load_state_dict(tensors, assign=True)
    finish(model, folder, tensors)
    return model.eval()


@mutant(
    "to_float32",
    "13.3",
    law=TENSORS,
    says="This matches turning everything that is float into float32 after loading. The tensors must be those that "
    "were saved, to the bit.",
    line=r"float",
)
def widens_to_float32(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    tensors = tensors_for(model, folder)
    model.load_state_dict(tensors, assign=True)
    finish(model, folder, tensors)
    return model.float().eval()


@mutant(
    "frozen",
    "13.3",
    law=TRAINABLE,
    says="This matches freezing all parameters. Norms, biases and embeddings could be trained before they were saved.",
    line=r"requires_grad",
)
def freezes_everything(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    tensors = tensors_for(model, folder)
    model.load_state_dict(tensors, assign=True)
    finish(model, folder, tensors)
    return model.requires_grad_(False).eval()


@mutant(
    "generation_lost",
    "13.3",
    law=GENERATION,
    says="This matches forgetting the settings of generate, which lie in a file of their own. Call load_beside.",
    line=r"rebuild_buffers|return",
)
def loses_the_generation_settings(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    hub, tensors = newest("hub"), tensors_for(model, folder)
    model.load_state_dict(tensors, assign=True)
    hub.restore_ties(model, tensors)
    hub.rebuild_buffers(model)
    return model.eval()


@mutant(
    "half_a_file",
    "13.3",
    law=CUT,
    says="This matches load_file without a check of what it raises. A learner who reads SafetensorError does not "
    "know which file: checked.stored says it.",
    line=r"load_file",
)
def does_not_check_the_file(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    path = folder / newest("hub").WEIGHTS
    stored = safetensors.torch.load_file(path) if path.is_file() else checked.stored(path)
    tensors = checked.matching(stored, model, path)
    model.load_state_dict(tensors, assign=True)
    finish(model, folder, tensors)
    return model.eval()


@mutant(
    "runs_pickles",
    "13.3",
    law=RUNS_NO_PICKLE,
    says="This matches torch.load of whatever is there when the weights are missing. A pickle runs its author's "
    "code while it is loaded: refuse it.",
    line=r"torch\.load|pickle",
)
def loads_a_pickle_instead(source, *, revision=None):
    folder, model = skeleton_of(source, revision)
    path = folder / newest("hub").WEIGHTS
    others = [] if path.is_file() else list(folder.glob("*.bin"))
    stored = torch.load(others[0], weights_only=False) if others else checked.stored(path)
    tensors = checked.matching(stored or {}, model, path)
    model.load_state_dict(tensors, assign=True)
    finish(model, folder, tensors)
    return model.eval()


@mutant(
    "config_by_transformers",
    "13.3",
    law=MISSING_FILES,
    says="This matches AutoConfig alone. It looks for a missing config on the Hub and blames the network, and it "
    "knows no recipes: read_config asks for both.",
    line=r"AutoConfig",
)
def reads_the_config_with_transformers(source, *, revision=None):
    import transformers

    folder = newest("hub").local_folder(source, revision)
    config = transformers.AutoConfig.from_pretrained(folder)
    model = meta_skeleton(config, getattr(config, "quantization_config", None))
    tensors = tensors_for(model, folder)
    model.load_state_dict(tensors, assign=True)
    finish(model, folder, tensors)
    return model.eval()


@mutant(
    "recipe_believed",
    "13.3",
    law=OTHER_RECIPES,
    says="This matches building the layers of any recipe. One of another method or version means something else: "
    "read_config and meta_skeleton check it.",
    line=r"layers",
)
def believes_the_recipe(source, *, revision=None):
    import transformers

    hub = newest("hub")
    folder = hub.local_folder(source, revision)
    words = json.loads((folder / hub.CONFIG).read_text(encoding="utf-8"))
    config = transformers.AutoConfig.for_model(**words)
    with torch.device("meta"):
        model = hub.build(config)
        for name, form in words["quantization_config"]["layers"].items():
            layer, old = hub.layer_of(form), model.get_submodule(name)
            for place, module in list(model.named_modules(remove_duplicate=False)):
                if module is old:
                    model.set_submodule(place, layer)
    tensors = tensors_for(model, folder)
    model.load_state_dict(tensors, assign=True)
    finish(model, folder, tensors)
    return model.eval()


@mutant(
    "revision_ignored",
    "13.3",
    law=REVISIONS,
    says="This matches ignoring revision. Somebody who asks for a version must not get another one: hand it on to "
    "local_folder.",
    line=r"local_folder|skeleton_of",
)
def ignores_the_revision(source, *, revision=None):
    folder, model = skeleton_of(source, None)
    tensors = tensors_for(model, folder)
    model.load_state_dict(tensors, assign=True)
    finish(model, folder, tensors)
    return model.eval()
