"""A quantized model on its way from one process through the Hub into another, and what may be wrong when it comes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch

from labs_lib.course import modes
from labs_lib.course.drivers import small_models
from labs_lib.course.root import ROOT
from labs_lib.hub import load_quantized, meta_skeleton, save_quantized
from labs_lib.zoo.local_hub import Hub, environment, local_hub, using

REPO = "labs/tiny-lm-4bit"
WEIGHTS = "model.safetensors"
MEGABYTE = 1_000_000
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),  # the client's own way to send a large file
]

START = """
import hashlib, sys, torch
from labs_lib.hub import build, load_quantized, meta_skeleton, save_quantized

def fingerprint(model):
    with torch.no_grad():
        logits = model.eval()(torch.arange(2000, 2048)[None]).logits
    return hashlib.sha256(logits.numpy().tobytes()).hexdigest()
"""
PUSH = """
import huggingface_hub
from labs_lib.models import quantize_model
from labs_lib.packing import PackedLinear
from labs_lib.zoo import load

model, tokenizer = load("tiny-lm")
quantize_model(model, layer=PackedLinear)
folder = save_quantized(model, sys.argv[2], tokenizer=tokenizer)
huggingface_hub.create_repo(sys.argv[1])
huggingface_hub.upload_folder(repo_id=sys.argv[1], folder_path=folder)
print(fingerprint(model))
"""
# What is imported when it is first needed is in memory before the watch begins: a model from the Hub, a small skeleton.
PULL = """
from transformers import AutoTokenizer, OPTConfig
from labs_lib.zoo.memory import Watch

print(fingerprint(load_quantized(sys.argv[1])), len(AutoTokenizer.from_pretrained(sys.argv[1])))

def opt(layers):
    sizes = {"hidden_size": 1024, "ffn_dim": 4096, "num_attention_heads": 16, "word_embed_proj_dim": 512}
    config = OPTConfig(vocab_size=50272, num_hidden_layers=layers, architectures=["OPTForCausalLM"], **sizes)
    form = {"class": "W8A16Linear", "bias": True, "dtype": "float32"}
    widths = {f"self_attn.{name}_proj": (1024, 1024) for name in ("q", "k", "v", "out")}
    widths |= {"fc1": (1024, 4096), "fc2": (4096, 1024)}
    layers = {
        f"model.decoder.layers.{i}.{name}": {**form, "in_features": inputs, "out_features": outputs}
        for i in range(layers) for name, (inputs, outputs) in widths.items()
    }
    return config, {"quant_method": "labs", "version": 1, "layers": layers}

meta_skeleton(*opt(1))
watch, wanted = Watch(), opt(24)
with watch.stage("skeleton"):
    skeleton = meta_skeleton(*wanted)
watch = {"skeleton": watch, "load": Watch()}
with watch["load"].stage("load"):
    model = load_quantized(sys.argv[2])
    touched = sum(int(buffer.amax()) for buffer in model.buffers() if not buffer.is_floating_point())
for stage, one in watch.items():
    readings = one.stages[stage]
    print(max(reading.anonymous for reading in readings), max(reading.mapped for reading in readings))
print(sum(p.numel() for p in (*skeleton.parameters(), *skeleton.buffers())), touched)
"""


@pytest.fixture(autouse=True)
def the_reference(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with modes.using(modes.Mode("solutions")), small_models.quiet():
        yield


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with local_hub(tmp_path / "hub") as running, using(running):
        yield running


def run(hub: Hub, code: str, *arguments: Any) -> list[str]:
    """What a fresh process prints, the words of all lines."""
    command = [sys.executable, "-c", START + code, *map(str, arguments)]
    env = {**environment(hub), "LABS_MODE": "solutions"}
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_pushed_by_one_process_and_loaded_by_another(hub: Hub, tmp_path: Path) -> None:
    """The same logits to the bit. Neither a skeleton of 350 million weights nor a mapped file takes memory."""
    pushed = run(hub, PUSH, REPO, tmp_path / "saved")
    large = tmp_path / "large"
    size = save_large(large)
    loaded, tokens, *numbers = run(hub, PULL, REPO, large)
    assert loaded == pushed[-1]
    assert tokens == "2048"
    skeleton, _, anonymous, mapped, weights, _ = map(int, numbers)
    assert weights > 330 * MEGABYTE
    if sys.platform == "linux":  # elsewhere pages of files count as anonymous
        assert skeleton < 5 * MEGABYTE
        assert anonymous < 4 * MEGABYTE
        assert 0.9 * size < mapped


def save_large(folder: Path) -> int:
    """A model of some tens of megabytes, all codes zero. Returns the bytes of its file."""
    config = small_models.kind_of("llama").config_class(
        vocab_size=64, hidden_size=1024, intermediate_size=4096, num_hidden_layers=2, num_attention_heads=8
    )
    config.architectures = ["LlamaForCausalLM"]
    widths = {f"self_attn.{name}_proj": (1024, 1024) for name in "qkvo"}
    widths |= {"mlp.gate_proj": (1024, 4096), "mlp.up_proj": (1024, 4096), "mlp.down_proj": (4096, 1024)}
    form = {"class": "W8A16Linear", "bias": False, "dtype": "float32"}
    layers = {
        f"model.layers.{i}.{name}": {**form, "in_features": inputs, "out_features": outputs}
        for i in (0, 1)
        for name, (inputs, outputs) in widths.items()
    }
    model = meta_skeleton(config, {"quant_method": "labs", "version": 1, "layers": layers}).to_empty(device="cpu")
    for tensor in (*model.parameters(), *model.buffers()):
        tensor.data.zero_()
    return (save_quantized(model, folder) / WEIGHTS).stat().st_size


def pushed(folder: Path, repo: str = REPO, model: str = "tied llama, PackedLinear") -> tuple[Any, Any]:
    """A small model in a new repository. Returns it, and the commit."""
    saved = small_models.quantized(model)
    save_quantized(saved, folder)
    huggingface_hub.create_repo(repo, exist_ok=True)
    return saved.eval(), huggingface_hub.upload_folder(repo_id=repo, folder_path=folder)


def test_a_revision_is_the_version_that_was_pushed_then(hub: Hub, tmp_path: Path) -> None:
    first, commit = pushed(tmp_path / "one")
    second, _ = pushed(tmp_path / "two", model="tied llama, untied by hand")
    assert torch.equal(small_models.logits(load_quantized(REPO)), small_models.logits(second))
    assert torch.equal(small_models.logits(load_quantized(REPO, revision=commit.oid)), small_models.logits(first))


def test_only_what_is_read_is_downloaded(hub: Hub, tmp_path: Path) -> None:
    pushed(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"anything")
    huggingface_hub.upload_folder(repo_id=REPO, folder_path=tmp_path)
    load_quantized(REPO)
    names = {path.name for path in (hub.home / "hub").rglob("*") if path.is_file()}
    assert {"config.json", WEIGHTS, "generation_config.json"} <= names
    assert "pytorch_model.bin" not in names


def test_a_damaged_upload_is_refused(hub: Hub, tmp_path: Path) -> None:
    pushed(tmp_path)
    whole = (tmp_path / WEIGHTS).read_bytes()
    for damaged, message in ((whole[:-100], "is not a whole safetensors file"), (whole[:50], WEIGHTS), (b"", WEIGHTS)):
        (tmp_path / "cut").write_bytes(damaged)
        huggingface_hub.upload_file(path_or_fileobj=tmp_path / "cut", path_in_repo=WEIGHTS, repo_id=REPO)
        with pytest.raises(ValueError, match=message):
            load_quantized(REPO)
    huggingface_hub.upload_file(path_or_fileobj=tmp_path / WEIGHTS, path_in_repo=WEIGHTS, repo_id=REPO)
    load_quantized(REPO)


def test_a_damaged_download_is_refused(hub: Hub, tmp_path: Path) -> None:
    """The cache is not looked through again: a file that was cut there stays cut until it is deleted."""
    pushed(tmp_path)
    file = Path(huggingface_hub.hf_hub_download(REPO, WEIGHTS)).resolve()
    raw = file.read_bytes()
    file.unlink()
    file.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(ValueError, match="is not a whole safetensors file"):
        load_quantized(REPO)
    shutil.rmtree(hub.home)
    load_quantized(REPO)


def test_a_repository_without_weights_or_config_is_refused(hub: Hub, tmp_path: Path) -> None:
    pushed(tmp_path)
    huggingface_hub.delete_file(WEIGHTS, repo_id=REPO)
    with pytest.raises(FileNotFoundError, match=WEIGHTS):
        load_quantized(REPO)
    huggingface_hub.delete_file("config.json", repo_id=REPO)
    with pytest.raises(FileNotFoundError, match=r"config\.json"):
        load_quantized(REPO)


def test_what_the_hub_does_not_have_is_said_in_its_own_words(hub: Hub) -> None:
    with pytest.raises(huggingface_hub.errors.RepositoryNotFoundError):
        load_quantized("labs/nothing")
    with pytest.raises(FileNotFoundError, match="no folder, and no id of the Hub"):
        load_quantized("labs/nothing/at/all")
