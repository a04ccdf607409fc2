"""Driver of 13.1: has a small model saved into a temporary folder, and says what lies in the folder then."""

from __future__ import annotations

import itertools
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from ..exercise import implementation
from .small_models import config_of, names_of_tensors, plain, quantized, quiet

Facts = tuple[tuple[str, Any], ...]
WEIGHTS = "model.safetensors"
OTHERS = {"notes.txt": "mine", "config.json": "an old one", "deeper/more.txt": "mine, too"}
FORM = ("in_features", "out_features", "bits", "group_size")


class Tokenizer:
    """As much of a tokenizer as is saved."""

    def save_pretrained(self, folder: str | Path) -> None:
        (Path(folder) / "tokenizer.json").write_text("{}", encoding="utf-8")


def drive(scenario: str, model: str, **options: Any) -> Facts:
    """Save a model, and say what came of it in pairs of a name and a fact.

    Args:
        scenario: one of the functions below.
        model: a description, see ``small_models``, or one of ``REFUSED``.
        options: of the scenario.
    """
    report: Callable[..., Facts] = SCENARIOS[scenario]
    with quiet():
        return report(model, **options)


def save(model: str, folder: str = "saved", *, tokenizer: bool = False, text: bool = False) -> Facts:
    """The folder, the files, and what became of the model.

    Args:
        folder: below a temporary one. ``"full"`` holds files already.
        tokenizer: whether one is handed in.
        text: whether the folder is handed in as a string.
    """
    built = quantized(model)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary) / folder
        if folder == "full":
            fill(place)
        before = state_of(built)
        more = {"tokenizer": Tokenizer()} if tokenizer else {}
        returned = implementation("13.1")(built, str(place) if text else place, **more)
        after, files = state_of(built), files_of(place)
        return (
            ("returned", "the folder" if isinstance(returned, Path) and returned == place else type(returned).__name__),
            ("files", files),
            ("kinds", tuple((name, kind_of(place / name)) for name in files)),
            ("kept", tuple(name for name, words in OTHERS.items() if text_of(place / name) == words)),
            ("config", text_of(place / "config.json")),
            ("generation", text_of(place / "generation_config.json")),
            *facts_of_file(place / WEIGHTS),
            ("state", tuple((names, built.state_dict()[names[0]].clone()) for names in names_of_tensors(built))),
            ("layers", layers_of(built)),
            ("model config", built.config.to_json_string(use_diff=False)),
            ("class", type(built).__name__),
            ("changed", tuple(name for name in {**before, **after} if not same(before.get(name), after.get(name)))),
        )


def save_again(model: str) -> Facts:
    """Save two models into one folder while somebody reads it, then a model that was loaded from that folder."""
    first, second = quantized(model), quantized(f"{model}, untied by hand")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        place = Path(temporary)
        implementation("13.1")(first, place)
        old = place / WEIGHTS
        written = old.read_bytes() if old.is_file() else b""
        survives = False
        if written:
            with old.open("rb") as reader:
                implementation("13.1")(second, place)
                survives = reader.read() == written
        facts = (("the reader's file is whole", survives), ("files", files_of(place)), *facts_of_file(old))
        if not survives or not is_safetensors(old):
            return (*facts, ("saved over itself", ()))  # not tried: a mapped file that is cut ends the whole process
        second.load_state_dict(safetensors.torch.load_file(old), strict=False, assign=True)
        implementation("13.1")(second, place)
        return (*facts, ("saved over itself", dict(facts_of_file(old))["tensors"]))


def refuse(model: str) -> Facts:
    """Save what cannot be saved. The files that are left, if nobody minded."""
    with tempfile.TemporaryDirectory() as temporary:
        implementation("13.1")(REFUSED[model](), Path(temporary) / "saved")
        return (("files", files_of(Path(temporary))),)


SCENARIOS = {report.__name__.replace("_", " "): report for report in (save, save_again, refuse)}


def fill(folder: Path) -> None:
    for name, text in OTHERS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def files_of(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def kind_of(path: Path) -> str:
    """What a file holds, whatever it is called."""
    start = path.read_bytes()[:2]
    if zipfile.is_zipfile(path) or start[:1] == b"\x80":
        return "pickle"
    if is_safetensors(path):
        return "safetensors"
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return "another"
    return "JSON"


def is_safetensors(path: Path) -> bool:
    try:
        with safetensors.safe_open(path, framework="pt"):
            return True
    except (OSError, ValueError, safetensors.SafetensorError):
        return False


def facts_of_file(path: Path) -> Facts:
    """The tensors of a safetensors file, its metadata, and where its numbers begin."""
    if not path.is_file() or not is_safetensors(path):
        return ("tensors", ()), ("metadata", ()), ("start", 0)
    with safetensors.safe_open(path, framework="pt") as file:
        tensors = tuple((name, file.get_tensor(name).clone()) for name in sorted(file.keys()))
        metadata = tuple(sorted((file.metadata() or {}).items()))
    with path.open("rb") as raw:
        return ("tensors", tensors), ("metadata", metadata), ("start", 8 + int.from_bytes(raw.read(8), "little"))


def layers_of(model: nn.Module) -> Facts:
    """What each quantized layer is, by its first name, as pairs: all that its class is called with."""
    found = []
    for name, layer in model.named_modules():
        if type(layer).__name__ not in ("W8A16Linear", "PackedLinear"):
            continue
        is_packed = type(layer).__name__ == "PackedLinear"
        sizes = [(size, getattr(layer, size)) for size in FORM if hasattr(layer, size)]
        scales: Any = layer.scales
        dtypes = [("dtype", dtype_name(layer.dtype))] + [("scale_dtype", dtype_name(scales.dtype))] * is_packed
        form = [("class", type(layer).__name__), ("bias", layer.bias is not None), *sizes, *dtypes]
        found.append((name, tuple(sorted(form))))
    return tuple(found)


def dtype_name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def state_of(model: Any) -> dict[str, Any]:
    """All of a model that saving must leave alone."""
    tensors = itertools.chain(
        *(named(remove_duplicate=False) for named in (model.named_parameters, model.named_buffers))
    )
    config = model.config
    return {
        **{name: (id(tensor), tensor.requires_grad, tensor.detach().clone()) for name, tensor in tensors},
        "modules": tuple((name, id(module), module.training) for name, module in model.named_modules()),
        "config": (id(config), config.to_json_string(use_diff=False), vars(config).get("quantization_config")),
    }


def same(one: Any, other: Any) -> bool:
    """Of tensors: the same object with the same values."""
    if one is None or other is None or not isinstance(one[-1], Tensor):
        return bool(one == other)
    return bool(one[:-1] == other[:-1] and one[-1].dtype == other[-1].dtype and torch.equal(one[-1], other[-1]))


REFUSED = {
    "no module": lambda: {"weight": 1},
    "no transformer": lambda: nn.Sequential(nn.Linear(2, 2)),
    "a config alone": lambda: config_of("llama"),
    "not quantized": lambda: plain("llama"),
}
