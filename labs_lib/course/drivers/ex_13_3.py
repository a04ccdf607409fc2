"""Driver of 13.3: writes a folder as ``save_quantized`` does, damages it if told to, and tells what is loaded."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from ..exercise import implementation
from .ex_13_1 import layers_of
from .made import Made, forgiving, settings
from .small_models import known_to_transformers, logits, names_of_modules, names_of_tensors, quantized, quiet

Facts = tuple[tuple[str, Any], ...]
CONFIG, WEIGHTS, GENERATION = "config.json", "model.safetensors", "generation_config.json"
PICKLE = "pytorch_model.bin"
CODES = ("q_weight", "packed_weight")
MAPS = Path("/proc/self/maps")  # which file lies where in memory; Linux has it


def drive(scenario: str, model: str, **options: Any) -> Facts:
    """Load a model that was saved, and say what came of it in pairs of a name and a fact.

    Args:
        scenario: one of ``SCENARIOS``.
        model: a description, see ``small_models``.
        options: of the scenario.
    """
    report: Callable[..., Facts] = SCENARIOS[scenario]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary, known_to_transformers(), quiet():
        return report(Path(temporary), model, **options)


def load(folder: Path, model: str, text: bool = False) -> Facts:
    """The loaded model beside the one that was saved."""
    saved = written(folder, model)
    before = settings()
    with Made() as made:
        loaded = implementation("13.3")(str(folder) if text else folder)
    if not isinstance(loaded, nn.Module):
        return (("class", type(loaded).__name__),)
    after = settings()
    saved.eval()
    return (
        ("class", type(loaded).__name__),
        ("on meta", tuple(name for name, tensor in tensors_of(loaded) if tensor.is_meta)),
        ("training", tuple(name or "the model" for name, module in loaded.named_modules() if module.training)),
        ("made", made.numbers),
        ("saved", tuple((name, tensor.detach()) for name, tensor in tensors_of(saved))),
        ("loaded", tuple((name, tensor.detach()) for name, tensor in tensors_of(loaded))),
        ("ties", (ties(saved), ties(loaded))),
        ("same", (names_of_modules(saved), names_of_modules(loaded))),
        ("trainable", (trainable(saved), trainable(loaded))),
        ("not mapped", not_in_a_file(loaded)),
        ("generation", generation_of(loaded)),
        ("settings", after == before),
        ("logits", () if "PackedLinear" in model else (logits(saved), answer_of(loaded))),  # lesson 16 makes it answer
    )


def change(folder: Path, model: str) -> Facts:
    """Load twice, and overwrite all that the first model holds: what becomes of the second, and of the file?"""
    written(folder, model)
    before = (folder / WEIGHTS).read_bytes()
    first, second = implementation("13.3")(folder), implementation("13.3")(folder)
    expected = answer_of(second)
    with torch.no_grad():
        for _, tensor in tensors_of(first):
            tensor.zero_()
    return ("file kept", (folder / WEIGHTS).read_bytes() == before), ("logits", (expected, answer_of(second)))


def damage(folder: Path, model: str, how: str, **words: Any) -> Facts:
    """Load from a folder after something was done to it. The class that comes, if nobody minded."""
    written(folder, model)
    DAMAGES[how](folder, **words)
    return (("class", type(implementation("13.3")(folder)).__name__),)


def pickle_instead(folder: Path, model: str) -> Facts:
    """Whether a pickle that lies where the weights should lie was run, with every error forgiven."""
    written(folder, model)
    offer_a_pickle(folder)
    with forgiving():
        implementation("13.3")(folder)
    return (("the pickle was run", (folder / "marker").exists()),)


def revision(folder: Path, model: str) -> Facts:
    """Ask for a version of a folder."""
    written(folder, model)
    return (("class", type(implementation("13.3")(folder, revision="main")).__name__),)


def no_folder(folder: Path, model: str) -> Facts:
    return (("class", type(implementation("13.3")(folder / "nothing" / "here")).__name__),)


SCENARIOS = {
    report.__name__.replace("_", " "): report for report in (load, change, damage, pickle_instead, revision, no_folder)
}


def written(folder: Path, description: str) -> Any:
    """Write what ``save_quantized`` writes, without it. Returns the model."""
    model = quantized(description)
    state: dict[str, Tensor] = {}
    for names in names_of_tensors(model):
        state[names[0]] = model.state_dict()[names[0]].contiguous()
    safetensors.torch.save_file(state, folder / WEIGHTS, metadata={"format": "pt"})
    align(folder / WEIGHTS)
    config = json.loads(model.config.to_json_string())
    config["architectures"], config["dtype"] = [type(model).__name__], str(model.dtype).removeprefix("torch.")
    layers = {name: dict(form) for name, form in layers_of(model)}
    config["quantization_config"] = {"quant_method": "labs", "version": 1, "layers": layers}
    (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    if model.can_generate():
        model.generation_config.save_pretrained(folder)
    return model


def align(path: Path) -> None:
    """Let the numbers begin at a multiple of 64 bytes."""
    raw = path.read_bytes()
    start = 8 + int.from_bytes(raw[:8], "little")
    spaces = -start % 64
    path.write_bytes((start - 8 + spaces).to_bytes(8, "little") + raw[8:start] + b" " * spaces + raw[start:])


def cut(folder: Path, keep: float) -> None:
    """Only a share of the weights' file arrived; of a whole number, so many bytes less than all."""
    raw = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(raw[: int(keep * len(raw)) if 0 <= keep < 1 else len(raw) - int(keep)])


def reshape(folder: Path, tensor: str) -> None:
    with tensors_in(folder) as tensors:
        tensors[tensor] = tensors[tensor].flatten()[:-1].contiguous()


def drop(folder: Path, tensor: str) -> None:
    with tensors_in(folder) as tensors:
        del tensors[tensor]


def add(folder: Path, tensor: str) -> None:
    with tensors_in(folder) as tensors:
        tensors[tensor] = torch.zeros(3)


def cast(folder: Path, tensor: str, dtype: str) -> None:
    with tensors_in(folder) as tensors:
        tensors[tensor] = tensors[tensor].to(getattr(torch, dtype))


def transpose(folder: Path, tensor: str) -> None:
    with tensors_in(folder) as tensors:
        tensors[tensor] = tensors[tensor].T.contiguous()


def remove(folder: Path, file: str) -> None:
    (folder / file).unlink()


def offer_a_pickle(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    with (folder / PICKLE).open("wb") as file:
        pickle.dump(Bomb(folder / "marker"), file)


def set_in_recipe(folder: Path, key: str, value: Any = None) -> None:
    """Change what the config says of the quantization; without a value the key is taken out."""
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    config["quantization_config"].pop(key)
    if value is not None:
        config["quantization_config"][key] = value
    (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")


def set_in_config(folder: Path, key: str, value: Any = None) -> None:
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    config.pop(key)
    if value is not None:
        config[key] = value
    (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")


DAMAGES: dict[str, Callable[..., None]] = {
    one.__name__.replace("_", " "): one
    for one in (cut, reshape, transpose, drop, add, cast, remove, offer_a_pickle, set_in_recipe, set_in_config)
}


class Bomb:
    """What a hostile pickle holds: whoever loads it makes a folder. A real one would do worse."""

    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.marker,)


@contextlib.contextmanager
def tensors_in(folder: Path) -> Iterator[dict[str, Tensor]]:
    """The tensors of the file, to be changed."""
    tensors = {name: tensor.clone() for name, tensor in safetensors.torch.load_file(folder / WEIGHTS).items()}
    yield tensors
    (folder / WEIGHTS).unlink()  # a new file: nobody's mapping is cut
    safetensors.torch.save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})


def tensors_of(model: nn.Module) -> list[tuple[str, Tensor]]:
    """Every parameter and buffer under each of its names, also those that no file holds."""
    return [*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False)]


def ties(model: nn.Module) -> tuple[tuple[str, ...], ...]:
    return tuple(names for names in names_of_tensors(model) if len(names) > 1)


def trainable(model: nn.Module) -> tuple[str, ...]:
    return tuple(name for name, tensor in tensors_of(model) if tensor.requires_grad)


def generation_of(model: Any) -> Any:
    return getattr(getattr(model, "generation_config", None), "max_new_tokens", None)


def answer_of(model: nn.Module) -> Any:
    """The logits, if there is something to compute with."""
    on_meta = [name for name, tensor in tensors_of(model) if tensor.is_meta]
    return f"none: {on_meta[0]} is on the meta device" if on_meta else logits(model)


def not_in_a_file(model: nn.Module) -> tuple[str, ...]:
    """The names of codes that lie somewhere else than in a mapped file. Empty where the system does not tell."""
    if not MAPS.exists():
        return ()
    ranges = []
    for line in MAPS.read_text(encoding="utf-8").splitlines():
        if WEIGHTS in line:
            ranges.append(tuple(int(end, 16) for end in line.split()[0].split("-")))
    codes = [(name, one.data_ptr()) for name, one in tensors_of(model) if name.endswith(CODES) and not one.is_meta]
    return tuple(name for name, place in codes if not any(start <= place < end for start, end in ranges))
