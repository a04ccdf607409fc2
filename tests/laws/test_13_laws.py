"""Lesson 13: a quantized model on disk, its skeleton without memory, and the way back."""

from __future__ import annotations

import json
from typing import Any

from torch import Tensor

from labs_lib.course.laws import expect_at_most, expect_equal, expect_raises, expect_true, law

WEIGHTS, CONFIG, GENERATION = "model.safetensors", "config.json", "generation_config.json"
CHANGED = ("architectures", "dtype", "quantization_config", "transformers_version", "_name_or_path")
TABLE = 256  # numbers: more than any table that must be computed anew, less than any weight of these models


def described(got: Any) -> dict[str, Any]:
    """The driver's facts, by name."""
    return dict(got)


# --- 13.1 ------------------------------------------------------------------------------------------------------------


def saved(save_quantized: Any, model: str, **options: Any) -> dict[str, Any]:
    return described(save_quantized("save", model, **options))


def config_in(facts: dict[str, Any]) -> dict[str, Any]:
    """What ``config.json`` holds."""
    text = facts["config"]
    try:
        config = json.loads(text)
    except ValueError:
        config = None
    expect_true(isinstance(config, dict), f"{CONFIG} = {text[:80]!r}", "a JSON object")
    return config


def recipe_in(facts: dict[str, Any]) -> dict[str, Any]:
    recipe = config_in(facts).get("quantization_config")
    expect_true(isinstance(recipe, dict), f"quantization_config = {recipe!r}", "an object with the recipe")
    return recipe


def expect_file_of(tensors: tuple[tuple[str, Tensor], ...], state: tuple[tuple[tuple[str, ...], Tensor], ...]) -> None:
    """Each tensor of the model, once, under one of its names, to the bit; and nothing else."""
    found = dict(tensors)
    expect_true(found, f"no tensors in {WEIGHTS}", "the tensors of the model in a safetensors file")
    for names, tensor in state:
        held = [name for name in names if name in found]
        expect_true(held, f"no tensor {names[0]!r} in the file", "every tensor of the model's state_dict")
        for name in held:
            expect_equal(found.pop(name), tensor, name)
    expect_equal(tuple(found), (), "tensors that the model's state_dict does not have")


@law("13.1", "the folder holds a config, the weights, and the settings of generate: no more, no less")
def test_files(save_quantized):
    expect_equal(saved(save_quantized, "llama")["files"], tuple(sorted((CONFIG, GENERATION, WEIGHTS))), "files")
    expect_equal(saved(save_quantized, "bert")["files"], (CONFIG, WEIGHTS), "files")


@law("13.1", "nothing is a pickle: words are JSON, numbers are safetensors")
def test_no_pickle(save_quantized):
    for name, kind in saved(save_quantized, "tied llama")["kinds"]:
        expect_equal(kind, "safetensors" if name.endswith(".safetensors") else "JSON", f"the format of {name}")


@law("13.1", "every tensor of the model is in the file, equal to the bit")
def test_tensors(save_quantized):
    for model in ("llama", "llama, PackedLinear", "bert, float16", "codegen, bfloat16, PackedLinear"):
        facts = saved(save_quantized, model)
        expect_file_of(facts["tensors"], facts["state"])


@law("13.1", "a tensor that has several names is in the file once")
def test_ties(save_quantized):
    for model in ("tied llama", "gpt2", "t5", "bert"):
        facts = saved(save_quantized, model)
        expect_file_of(facts["tensors"], facts["state"])
        names = [name for name, _ in facts["tensors"]]
        for group, _ in facts["state"]:
            held = tuple(name for name in group if name in names)
            expect_equal(len(held), 1, f"tensors for {' = '.join(group)}")


@law("13.1", "a weight that lies in memory by columns is saved like any other")
def test_layout(save_quantized):
    facts = saved(save_quantized, "llama, transposed head")
    expect_file_of(facts["tensors"], facts["state"])


@law("13.1", "the file says that it holds PyTorch tensors: format is pt in its metadata")
def test_metadata(save_quantized):
    expect_equal(dict(saved(save_quantized, "llama")["metadata"]).get("format"), "pt", "format in the metadata")


@law("13.1", "the numbers of the file begin at a multiple of 64 bytes")
def test_alignment(save_quantized):
    for model in ("llama", "gpt2, PackedLinear"):
        start = saved(save_quantized, model)["start"]
        expect_true(start > 0 and start % 64 == 0, f"numbers that begin at byte {start}", "a multiple of 64")


@law("13.1", "config.json holds the model's config: whoever reads it can build the same model")
def test_config(save_quantized):
    for model in ("llama", "opt"):
        facts = saved(save_quantized, model)
        written, own = config_in(facts), json.loads(facts["model config"])
        for key in ("model_type", "vocab_size", "bos_token_id", "hidden_size", "num_attention_heads"):
            expect_equal(written.get(key), own[key], f"{key} in {CONFIG}")
        for key, value in written.items():
            if key not in CHANGED:
                expect_equal(json.dumps(value), json.dumps(own.get(key)), f"{key} in {CONFIG}")


@law("13.1", "config.json names the model's class and its dtype, as they are now")
def test_class_and_dtype(save_quantized):
    for model, dtype in (("llama", "float32"), ("gpt2, bfloat16", "bfloat16"), ("llama, outdated config", "float32")):
        facts = saved(save_quantized, model)
        config = config_in(facts)
        expect_equal(json.dumps(config.get("architectures")), json.dumps([facts["class"]]), "architectures")
        expect_equal(config.get("dtype"), dtype, f"dtype in {CONFIG}")


@law("13.1", "the recipe says which method it is of, and which version")
def test_method(save_quantized):
    recipe = recipe_in(saved(save_quantized, "llama"))
    expect_equal(recipe.get("quant_method"), "labs", "quant_method")
    expect_equal(recipe.get("version"), 1, "version")


@law("13.1", "the recipe names every quantized layer, and no other")
def test_layer_names(save_quantized):
    for model in ("llama", "gpt2", "tied llama, PackedLinear, head too"):
        facts = saved(save_quantized, model)
        names = tuple(sorted(dict(recipe_in(facts).get("layers") or {})))
        expect_equal(names, tuple(sorted(name for name, _ in facts["layers"])), "names in the recipe")


@law("13.1", "the recipe says of each layer all that its class is called with")
def test_forms(save_quantized):
    for model in ("llama, bfloat16", "gpt2, PackedLinear", "opt, PackedLinear, float16"):
        facts = saved(save_quantized, model)
        layers = dict(recipe_in(facts).get("layers") or {})
        for name, form in facts["layers"]:
            written = layers.get(name)
            expect_true(isinstance(written, dict), f"{name} = {written!r}", "an object")
            expect_equal(tuple(sorted(written.items())), form, name)


@law("13.1", "a layer that stands in several places is listed under its first name")
def test_shared_layer(save_quantized):
    facts = saved(save_quantized, "twice")
    names = tuple(sorted(dict(recipe_in(facts).get("layers") or {})))
    expect_equal(names, tuple(sorted(name for name, _ in facts["layers"])), "names in the recipe")
    expect_file_of(facts["tensors"], facts["state"])


@law("13.1", "the model stays as it was: tensors, modes, and its config")
def test_model_is_untouched(save_quantized):
    for model in ("tied llama", "gpt2, outdated config", "llama, in eval mode"):
        expect_equal(saved(save_quantized, model)["changed"], (), "changed")


@law("13.1", "the answer is the folder, as a path, and it is made if it is missing")
def test_folder(save_quantized):
    for options in ({}, {"text": True}, {"folder": "not yet/there, größer"}):
        facts = saved(save_quantized, "llama", **options)
        expect_equal(facts["returned"], "the folder", "the answer")
        expect_equal(facts["files"], tuple(sorted((CONFIG, GENERATION, WEIGHTS))), "files")


@law("13.1", "other files in the folder stay, and those of the same names are replaced")
def test_full_folder(save_quantized):
    facts = saved(save_quantized, "llama", folder="full")
    expect_equal(facts["kept"], ("notes.txt", "deeper/more.txt"), "files that were left alone")
    expect_equal(config_in(facts).get("model_type"), "llama", f"model_type in {CONFIG}")


@law("13.1", "a tokenizer is saved beside the model, if there is one")
def test_tokenizer(save_quantized):
    files = saved(save_quantized, "llama", tokenizer=True)["files"]
    expect_equal(files, tuple(sorted((CONFIG, GENERATION, WEIGHTS, "tokenizer.json"))), "files")


@law("13.1", "the settings of generate are saved as they are")
def test_generation(save_quantized):
    text = saved(save_quantized, "llama, seven tokens")["generation"]
    expect_true('"max_new_tokens": 7' in text, f"{GENERATION} = {text[:80]!r}", "max_new_tokens 7 in it")


@law("13.1", "who reads the old file while a new one is saved reads it whole, and nothing half-written is left")
def test_replaced_at_once(save_quantized):
    facts = described(save_quantized("save again", "llama"))
    expect_true(facts["the reader's file is whole"], "an old file that changed under its reader", "a new file")
    expect_equal(facts["files"], tuple(sorted((CONFIG, GENERATION, WEIGHTS))), "files")


@law("13.1", "a model may be saved into the folder that it was loaded from")
def test_saved_over_itself(save_quantized):
    facts = described(save_quantized("save again", "llama"))
    expect_true(facts["saved over itself"], "an old file that changes under its reader", "a new file")
    expect_equal(facts["saved over itself"], facts["tensors"], "the tensors afterwards")


@law("13.1", "what is no transformers model is refused, and one without a quantized layer, too")
def test_save_refuses(save_quantized):
    for model in ("no module", "no transformer", "a config alone"):
        expect_raises(save_quantized, TypeError, "refuse", model, naming="model")
    expect_raises(save_quantized, ValueError, "refuse", "not quantized", naming="model")


# --- 13.2 ------------------------------------------------------------------------------------------------------------

UP, DOWN, QUERY = "model.layers.0.mlp.up_proj", "model.layers.0.mlp.down_proj", "model.layers.1.self_attn.q_proj"
HEAD = "lm_head"


def skeleton(meta_skeleton: Any, *args: Any, **options: Any) -> dict[str, Any]:
    facts = described(meta_skeleton(*args, **options))
    is_model = "modules" in facts or options.get("broken")
    expect_true(is_model, f"the answer is of class {facts.get('class')}", "a model")
    return facts


def form(inputs: int, outputs: int, dtype: str = "float32", bias: bool = False) -> dict[str, Any]:
    return {"class": "W8A16Linear", "in_features": inputs, "out_features": outputs, "bias": bias, "dtype": dtype}


def packed_form(inputs: int, outputs: int, bits: int, group_size: int, scale_dtype: str = "float32") -> dict[str, Any]:
    sizes = {"bits": bits, "group_size": group_size, "scale_dtype": scale_dtype}
    return {**form(inputs, outputs), "class": "PackedLinear", **sizes}


def recipe_of(layers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"quant_method": "labs", "version": 1, "layers": layers, **changes}


RECIPE = recipe_of({UP: form(32, 48), QUERY: form(32, 32)})
MIXED = recipe_of(
    {QUERY: packed_form(32, 32, 2, 7, "float16"), DOWN: form(48, 32, bias=True), UP: packed_form(32, 48, 4, 32)}
)


def tensors_of_form(name: str, form: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Shape and dtype of each buffer of a quantized layer, by full name."""
    inputs, outputs = form["in_features"], form["out_features"]
    wanted: dict[str, tuple[Any, ...]] = {}
    if form["class"] == "W8A16Linear":
        wanted[f"{name}.q_weight"] = (outputs, inputs), "torch.int8"
        wanted[f"{name}.scales"] = (outputs,), "torch.float32"
    else:
        groups = -(-inputs // form["group_size"])
        wanted[f"{name}.packed_weight"] = (outputs, -(-inputs * form["bits"] // 8)), "torch.uint8"
        wanted[f"{name}.scales"] = (outputs, groups), f"torch.{form['scale_dtype']}"
    if form["bias"]:
        wanted[f"{name}.bias"] = (outputs,), f"torch.{form['dtype']}"
    return wanted


@law("13.2", "every tensor is on the meta device: weights, codes, and the tables that no file holds")
def test_all_on_meta(meta_skeleton):
    mlp = {"transformer.h.0.mlp.fc_in": form(32, 128, bias=True)}
    for model, recipe in (("llama", RECIPE), ("codegen", recipe_of(mlp)), ("tied llama", MIXED)):
        facts = skeleton(meta_skeleton, model, recipe)
        expect_equal(facts["off meta"], (), "tensors with memory")


@law("13.2", "no weight has memory at any time, not even for a moment")
def test_nothing_is_made(meta_skeleton):
    for model, recipe in (("llama", RECIPE), ("tied llama", MIXED)):
        facts = skeleton(meta_skeleton, model, recipe)
        expect_at_most(facts["made"], TABLE, "numbers in the largest tensor that was made on the way")


@law("13.2", "in each place that the recipe names stands a layer of its class")
def test_classes(meta_skeleton):
    for recipe in (RECIPE, MIXED):
        modules = dict(skeleton(meta_skeleton, "llama", recipe)["modules"])
        for name, one in recipe["layers"].items():
            expect_equal(modules.get(name), one["class"], name)


@law("13.2", "the codes, scales and biases have the shapes and dtypes of the recipe")
def test_shapes(meta_skeleton):
    for recipe in (RECIPE, MIXED):
        tensors = {name: found for name, *found, _ in skeleton(meta_skeleton, "llama", recipe)["tensors"]}
        for name, one in recipe["layers"].items():
            wanted = tensors_of_form(name, one)
            held = tuple(sorted(tensor for tensor in tensors if tensor.startswith(f"{name}.")))
            expect_equal(held, tuple(sorted(wanted)), f"tensors of {name}")
            for tensor, facts in wanted.items():
                expect_equal(tuple(tensors[tensor]), facts, tensor)


@law("13.2", "what the recipe does not name stays what the architecture puts there")
def test_the_rest(meta_skeleton):
    for model, recipe in (("llama", RECIPE), ("tied llama", MIXED)):
        facts = skeleton(meta_skeleton, model, recipe)
        names = tuple(recipe["layers"])
        for kind in ("modules", "tensors"):
            now = tuple(one for one in facts[kind] if not is_inside(one[0], names))
            before = tuple(one for one in facts[f"float {kind}"] if not is_inside(one[0], names))
            expect_equal(now, before, f"{kind} of the other layers")


def is_inside(name: str, places: tuple[str, ...]) -> bool:
    return any(f"{name}.".startswith(f"{place}.") for place in places)


@law("13.2", "float weights have the dtype that the config says")
def test_config_dtype(meta_skeleton):
    for dtype in ("bfloat16", "float16"):
        recipe = recipe_of({UP: form(32, 48, dtype)})
        tensors = {name: found for name, _, found, _ in skeleton(meta_skeleton, f"llama, {dtype}", recipe)["tensors"]}
        expect_equal(tensors.get("lm_head.weight"), f"torch.{dtype}", "dtype of lm_head.weight")
        expect_equal(tensors.get("model.norm.weight"), f"torch.{dtype}", "dtype of model.norm.weight")


@law("13.2", "a module that stands in two places is one new layer in both")
def test_shared_place(meta_skeleton):
    facts = skeleton(meta_skeleton, "twice", RECIPE)
    places = (UP, UP.replace("layers.0", "layers.1"))
    modules = dict(facts["modules"])
    for place in places:
        expect_equal(modules.get(place), "W8A16Linear", place)
    expect_true(places in facts["same"], "two layers", f"one layer for {' and '.join(places)}")


@law("13.2", "a head and an embedding that share a weight still share it")
def test_tied_skeleton(meta_skeleton):
    pair = ("model.embed_tokens.weight", "lm_head.weight")
    facts = skeleton(meta_skeleton, "tied llama", RECIPE)
    expect_equal(facts["ties"], (pair,), "names of one tensor")
    facts = skeleton(meta_skeleton, "t5", recipe_of({"encoder.block.0.layer.0.SelfAttention.q": form(32, 32)}))
    expect_equal(len(facts["ties"][0]) if facts["ties"] else 0, 4, "names of T5's one embedding")


@law("13.2", "a tied head that the recipe names is quantized, and the embedding stays")
def test_quantized_head(meta_skeleton):
    facts = skeleton(meta_skeleton, "tied llama", recipe_of({HEAD: form(32, 64)}))
    modules = dict(facts["modules"])
    expect_equal(
        (modules.get(HEAD), modules.get("model.embed_tokens")), ("W8A16Linear", "Embedding"), "head and embedding"
    )
    names = [name for name, *_ in facts["tensors"]]
    expect_true("model.embed_tokens.weight" in names, "an embedding without a weight", "its float weight")


@law("13.2", "the default dtype and the default device are what they were")
def test_settings(meta_skeleton):
    for model in ("llama", "llama, bfloat16"):
        facts = skeleton(meta_skeleton, model, RECIPE)
        expect_true(facts["settings"], "another default dtype or device afterwards", "the ones before")


@law("13.2", "they are what they were after an error, too")
def test_settings_after_an_error(meta_skeleton):
    for recipe in (recipe_of({"nowhere": form(2, 2)}), recipe_of({UP: {**form(2, 2), "class": "Linear"}})):
        facts = skeleton(meta_skeleton, "llama, bfloat16", recipe, broken=True)
        expect_true(facts["settings"], "another default dtype or device afterwards", "the ones before")


@law("13.2", "the recipe is left as it was")
def test_recipe_is_untouched(meta_skeleton):
    for recipe in (RECIPE, MIXED):
        expect_true(skeleton(meta_skeleton, "llama", recipe)["recipe kept"], "a changed recipe", "the one before")


@law("13.2", "another method, another version and a recipe without layers are refused")
def test_refuses_recipes(meta_skeleton):
    layers = RECIPE["layers"]
    expect_raises(meta_skeleton, ValueError, "llama", recipe_of(layers, quant_method="gptq"), naming="gptq")
    expect_raises(meta_skeleton, ValueError, "llama", recipe_of(layers, version=2), naming="version")
    expect_raises(meta_skeleton, ValueError, "llama", recipe_of({}), naming="layers")
    expect_raises(meta_skeleton, ValueError, "llama", {"layers": layers}, naming="quant_method")


@law("13.2", "a layer that the model does not have is refused by name")
def test_refuses_names(meta_skeleton):
    for name in ("model.layers.7.mlp.up_proj", "model.layers.0.mlp.sideways", "up_proj"):
        expect_raises(meta_skeleton, ValueError, "llama", recipe_of({UP: form(32, 48), name: form(2, 2)}), naming=name)


@law("13.2", "a class that is not known, and a form that none can be built from, are refused")
def test_refuses_forms(meta_skeleton):
    for kind in ("Linear", "Sequential", "os.system"):
        expect_raises(meta_skeleton, ValueError, "llama", recipe_of({UP: {**form(32, 48), "class": kind}}), naming=kind)
    for wrong in ({"class": "W8A16Linear"}, {**form(32, 48), "dtype": "float33"}, {**form(32, 48), "colour": 3}):
        expect_raises(meta_skeleton, ValueError, "llama", recipe_of({UP: wrong}), naming="recipe")


@law("13.2", "an architecture that transformers does not have is refused by name")
def test_refuses_architectures(meta_skeleton):
    for names in (["NoSuchModel"], None, [], ["pipeline"]):
        naming = names[0] if names else "architecture"
        expect_raises(meta_skeleton, ValueError, "llama", RECIPE, architectures=names, naming=naming)


# --- 13.3 ------------------------------------------------------------------------------------------------------------


def loaded(load_quantized: Any, model: str, **options: Any) -> dict[str, Any]:
    facts = described(load_quantized("load", model, **options))
    expect_true("logits" in facts, f"the answer is of class {facts['class']}", "a model")
    return facts


def expect_same_logits(facts: dict[str, Any]) -> None:
    before, after = facts["logits"]
    expect_true(isinstance(after, Tensor), f"logits {after}", "logits")
    expect_equal(after, before, "logits")


@law("13.3", "the loaded model answers what the saved one answered, to the bit")
def test_logits(load_quantized):
    for model in ("llama", "opt, bfloat16", "gpt2", "bert"):
        facts = loaded(load_quantized, model)
        expect_equal(facts["class"], CLASSES[model.split(",")[0]], "class")
        expect_same_logits(facts)


CLASSES = {
    "llama": "LlamaForCausalLM",
    "opt": "OPTForCausalLM",
    "gpt2": "GPT2LMHeadModel",
    "bert": "BertForMaskedLM",
}


@law("13.3", "every tensor is that of the saved model, to the bit, also in half precision")
def test_loaded_tensors(load_quantized):
    for model in ("llama, bfloat16, PackedLinear", "opt, float16"):
        facts = loaded(load_quantized, model)
        now = dict(facts["loaded"])
        for name, tensor in facts["saved"]:
            expect_equal(now.get(name), tensor, name)
        expect_equal(tuple(sorted(now)), tuple(sorted(dict(facts["saved"]))), "names of tensors")


@law("13.3", "nothing is left on the meta device, and the tables that no file holds have their values")
def test_tables(load_quantized):
    for model in ("llama", "codegen"):
        facts = loaded(load_quantized, model)
        expect_equal(facts["on meta"], (), "on the meta device")
        now = dict(facts["loaded"])
        for name, tensor in facts["saved"]:
            expect_equal(now.get(name), tensor, name)


@law("13.3", "names that shared a tensor share one again: a tied head, T5's four names, BERT's bias")
def test_ties_are_restored(load_quantized):
    for model in ("tied llama", "t5", "bert"):
        before, now = loaded(load_quantized, model)["ties"]
        expect_equal(now, before, "names of one tensor")


@law("13.3", "a head with a weight of its own keeps it, whatever the config says: quantized, or untied by hand")
def test_untied_by_hand(load_quantized):
    for model in ("tied llama, head too", "tied llama, untied by hand"):
        facts = loaded(load_quantized, model)
        expect_equal(facts["ties"][1], (), "names of one tensor")
        expect_same_logits(facts)


@law("13.3", "a module that stands in two places is one module again")
def test_shared_module(load_quantized):
    before, now = loaded(load_quantized, "twice")["same"]
    expect_equal(now, before, "names of one module")


@law("13.3", "the model is in eval mode, every part of it: no dropout")
def test_eval(load_quantized):
    expect_equal(loaded(load_quantized, "gpt2")["training"], (), "in training mode")


@law("13.3", "codes and scales cannot be trained, and what could be trained still can")
def test_trainable(load_quantized):
    before, now = loaded(load_quantized, "tied llama")["trainable"]
    expect_equal(now, before, "can be trained")


@law("13.3", "the codes lie in the mapped file: they are not copied")
def test_mapped(load_quantized):
    expect_equal(loaded(load_quantized, "llama")["not mapped"], (), "copied")


@law("13.3", "no float weight is made on the way, not even for a moment")
def test_nothing_is_made_while_loading(load_quantized):
    made = loaded(load_quantized, "tied llama, PackedLinear")["made"]
    expect_at_most(made, TABLE, "numbers in the largest float tensor that was made on the way")


@law("13.3", "the settings of generate come back")
def test_generation_settings(load_quantized):
    expect_equal(loaded(load_quantized, "gpt2, seven tokens")["generation"], 7, "max_new_tokens")


@law("13.3", "the folder may be a path or a string, and the default dtype and device are what they were")
def test_source(load_quantized):
    facts = loaded(load_quantized, "opt, bfloat16", text=True)
    expect_same_logits(facts)
    expect_true(facts["settings"], "another default dtype or device afterwards", "the ones before")


@law("13.3", "two models of one folder are two: what is written into one reaches neither the other nor the file")
def test_independent(load_quantized):
    facts = described(load_quantized("change", "tied llama"))
    expect_true(facts["file kept"], "a changed file", "the file as it was")
    expect_same_logits(facts)


def expect_refused(load_quantized: Any, kind: type[Exception], how: str, *naming: str, **words: Any) -> None:
    """Loading a damaged llama raises, and the message names all of these."""
    expect_raises(load_quantized, kind, "damage", "llama", how=how, naming=naming[0], **words)
    text = load_quantized.calls[-1].reply.raised.text
    for name in naming[1:]:
        expect_true(name in text, f"{kind.__name__}: {text}", f"a message that names {name!r}, too")


@law("13.3", "a file that is cut short is refused by name, wherever it was cut")
def test_refuses_cut_files(load_quantized):
    for keep in (1, 0.6, 0.01, 0.0):  # one byte less; in the numbers, in the header, before it
        expect_refused(load_quantized, ValueError, "cut", WEIGHTS, keep=keep)


@law("13.3", "a missing tensor is refused by name, and so is one too many")
def test_refuses_missing_and_extra(load_quantized):
    for tensor in ("lm_head.weight", f"{UP}.q_weight", f"{UP}.scales"):
        expect_refused(load_quantized, ValueError, "drop", tensor, WEIGHTS, tensor=tensor)
    for tensor in ("model.layers.2.mlp.up_proj.q_weight", f"{UP}.weight"):
        expect_refused(load_quantized, ValueError, "add", tensor, WEIGHTS, tensor=tensor)


@law("13.3", "a tensor of another shape is refused by name")
def test_refuses_shapes(load_quantized):
    for tensor in ("model.norm.weight", f"{UP}.scales"):
        expect_refused(load_quantized, ValueError, "reshape", tensor, WEIGHTS, tensor=tensor)
    expect_refused(load_quantized, ValueError, "transpose", f"{UP}.q_weight", tensor=f"{UP}.q_weight")


@law("13.3", "codes of another kind of number are refused, and whole numbers in the place of real ones")
def test_refuses_kinds(load_quantized):
    for tensor, dtype in ((f"{UP}.q_weight", "float32"), (f"{UP}.q_weight", "uint8"), ("model.norm.weight", "int32")):
        expect_refused(load_quantized, ValueError, "cast", tensor, tensor=tensor, dtype=dtype)


@law("13.3", "a folder without config or without weights is refused, and so is one that is not there")
def test_refuses_missing_files(load_quantized):
    for file in (CONFIG, WEIGHTS):
        expect_refused(load_quantized, FileNotFoundError, "remove", file, file=file)
    expect_raises(load_quantized, FileNotFoundError, "no folder", "llama")


@law("13.3", "a pickle in the place of the weights is refused")
def test_refuses_pickles(load_quantized):
    expect_refused(load_quantized, FileNotFoundError, "offer a pickle", WEIGHTS)


@law("13.3", "a pickle is never run")
def test_runs_no_pickle(load_quantized):
    facts = described(load_quantized("pickle instead", "llama"))
    expect_true(not facts["the pickle was run"], "a pickle that ran its code", "a pickle that is left alone")


@law("13.3", "another method, another version and a config without a recipe are refused")
def test_refuses_other_recipes(load_quantized):
    expect_refused(load_quantized, ValueError, "set in recipe", "version", "2", key="version", value=2)
    expect_refused(load_quantized, ValueError, "set in recipe", "version", key="version")
    expect_refused(load_quantized, ValueError, "set in recipe", "gptq", key="quant_method", value="gptq")
    expect_refused(load_quantized, ValueError, "set in config", "quantization_config", key="quantization_config")


@law("13.3", "a folder has no revisions: to ask for one is refused")
def test_refuses_revisions_of_folders(load_quantized):
    expect_raises(load_quantized, ValueError, "revision", "llama", naming="revision")
