"""In a process of its own: what happens without the import and with it, and how much memory quantizing takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from labs_lib.course import modes
from labs_lib.course.root import ROOT
from labs_lib.hub import save_quantized
from labs_lib.zoo.local_hub import environment, local_hub, using
from labs_lib.zoo.plugin import LabsConfig

from .conftest import load, logits

pytestmark = pytest.mark.slow

CODE = """
import io, json, logging, sys, torch, transformers
from transformers import AutoModelForCausalLM

said = io.StringIO()
transformers.logging.disable_progress_bar()
transformers.logging.disable_default_handler()
transformers.logging.add_handler(logging.StreamHandler(said))
try:
    AutoModelForCausalLM.from_pretrained(sys.argv[1])
    raised = "nothing"
except ValueError as error:
    raised = str(error)
without = [AutoModelForCausalLM.from_pretrained(sys.argv[2]) for _ in range(2)]
weights = [model.model.layers[0].mlp.up_proj.weight for model in without]

from labs_lib.zoo.plugin import LabsConfig
from labs_lib.zoo.memory import Watch

model = AutoModelForCausalLM.from_pretrained(sys.argv[1])
watch = Watch()
with watch.stage("quantize"):
    large = AutoModelForCausalLM.from_pretrained(sys.argv[3], quantization_config=LabsConfig(bits=4, group_size=32))
print(json.dumps({
    "raised": raised,
    "said": said.getvalue(),
    "class": type(without[0].model.layers[0].mlp.up_proj).__name__,
    "largest": float(weights[0].abs().max()),
    "twice the same": torch.equal(*weights),
    "logits": model(torch.arange(12).view(1, 12)).logits.tolist(),
    "peak": max(reading.anonymous for reading in watch.stages["quantize"]),
    "share": large.hf_quantizer.report.share,
}))
"""
NO_HEAP = {"MALLOC_MMAP_THRESHOLD_": "65536"}  # what is given back leaves the process at once, and is not counted


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A float model of 85 MB."""
    sizes = {"hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 8, "num_attention_heads": 8}
    folder = tmp_path_factory.mktemp("large")
    config = transformers.LlamaConfig(vocab_size=256, **sizes)
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def packed(floats: dict[str, Path]) -> Any:
    """A small model in 4 bits."""
    with modes.using(modes.Mode("solutions")):
        return load(floats["tied"], LabsConfig(bits=4, group_size=32))


@pytest.fixture(scope="module")
def found(packed: Any, large: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a fresh process says of the small model, pushed with the real client to a Hub, of the same model as
    ``save_quantized`` stores it, and of the large one.
    """
    unguarded = save_quantized(packed, tmp_path_factory.mktemp("unguarded"))
    with local_hub(tmp_path_factory.mktemp("hub")) as hub:
        with using(hub):
            packed.push_to_hub("labs/tiny-packed")
        done = subprocess.run(
            [sys.executable, "-c", CODE, "labs/tiny-packed", str(unguarded), str(large)],
            env={**os.environ, **environment(hub), "HF_HUB_OFFLINE": "0", "LABS_MODE": "solutions", **NO_HEAP},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_1_without_the_import_a_pushed_model_is_refused_with_a_word_of_advice(found: dict[str, Any]) -> None:
    assert found["raised"] == "Unknown fusion type: import labs_lib.zoo.plugin to load this model"


def test_1_without_the_import_and_the_guard_weights_are_random_and_two_warnings_say_so(
    found: dict[str, Any],
) -> None:
    """Random, but never raw codes: no quantized tensor has the name of a float weight."""
    assert "Unknown quantization type, got labs" in found["said"]
    assert "up_proj.weight" in found["said"] and "MISSING" in found["said"]
    assert found["class"] == "Linear" and found["largest"] < 1 and not found["twice the same"]


def test_1_with_the_import_a_pushed_model_answers_the_same_elsewhere(found: dict[str, Any], packed: Any) -> None:
    assert torch.equal(torch.tensor(found["logits"]), logits(packed))


def test_quantizing_while_loading_needs_little_memory(found: dict[str, Any], large: Path) -> None:
    """One float weight at a time: the peak is the codes and what ``from_linear`` makes on the way for one layer."""
    size = (large / "model.safetensors").stat().st_size
    assert found["share"] > 0.95
    assert found["peak"] < size / 2
