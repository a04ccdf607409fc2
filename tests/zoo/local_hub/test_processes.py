"""Fresh processes, as a learner's terminals are: transformers, the ``hf`` commands, and no network afterwards."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs_lib.zoo.local_hub import Hub, environment, local_hub

from .conftest import DEADLINE, SMALL, run

pytestmark = pytest.mark.slow

MODEL = """
import sys, torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

def logits(model):
    with torch.no_grad():
        return model.eval()(torch.arange(12)[None]).logits
"""
PUSH = """
torch.manual_seed(0)
config = LlamaConfig(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, vocab_size=64)
model = LlamaForCausalLM(config)
print(model.push_to_hub("labs/tiny").oid)
torch.save(logits(model), sys.argv[1])
with torch.no_grad():
    model.lm_head.weight.zero_()
print(model.push_to_hub("labs/tiny").oid)
"""
PULL = """
first = torch.load(sys.argv[1])
for revision in sys.argv[2:]:
    model = AutoModelForCausalLM.from_pretrained("labs/tiny", revision=revision)
    print(torch.equal(logits(model), first))
"""
HF = shutil.which("hf", path=str(Path(sys.executable).parent))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("processes")


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Hub]:
    """A hub that all tests of this file share, with small limits: the weights go by the LFS protocol."""
    with local_hub(folder / "hub", limits=SMALL) as running:
        yield running


@pytest.fixture(scope="module")
def pushed(served: Hub, folder: Path) -> list[str]:
    """Two revisions of a model, pushed by a process that is gone; the first one's logits are in a file."""
    done = run(served, MODEL + PUSH, str(folder / "logits.pt"))
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def pull(hub: Hub, *arguments: str, **variables: str) -> list[str]:
    done = run(hub, MODEL + PULL, *arguments, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_pushed_model_loads_with_identical_logits(served: Hub, pushed: list[str], folder: Path) -> None:
    first, second = pushed
    assert pull(served, str(folder / "logits.pt"), first, "main", second) == ["True", "False", "False"]


def test_offline_afterwards_the_cache_answers(served: Hub, pushed: list[str], folder: Path) -> None:
    home = str(folder / "offline")
    warm = run(
        served, f"import huggingface_hub as hf; hf.snapshot_download('labs/tiny', revision={pushed[0]!r})", HF_HOME=home
    )
    assert warm.returncode == 0, warm.stderr
    nowhere = {"HF_HUB_OFFLINE": "1", "HF_ENDPOINT": "http://127.0.0.1:1", "HF_HOME": home}
    assert pull(served, str(folder / "logits.pt"), pushed[0], **nowhere) == ["True"]


def test_with_xet_switched_on_small_files_still_go(tmp_path: Path) -> None:
    code = """
from huggingface_hub import create_repo, upload_folder, list_repo_files, constants
from huggingface_hub.utils._runtime import is_xet_available
create_repo("labs/plain")
upload_folder(repo_id="labs/plain", folder_path="labs_lib/zoo/local_hub", allow_patterns="*.py")
print(is_xet_available(), len(list_repo_files("labs/plain")))
"""
    with local_hub(tmp_path / "hub") as hub:
        done = run(hub, code, HF_HUB_DISABLE_XET="0")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[1]) >= 10  # a folder of this course, whether or not hf_xet is installed


@pytest.mark.skipif(HF is None, reason="the hf command is not installed")
def test_the_hf_commands(served: Hub, tmp_path: Path) -> None:
    def command(*arguments: str) -> str:
        done = subprocess.run(
            [str(HF), *arguments], env=environment(served), capture_output=True, text=True, timeout=2 * DEADLINE
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    source = tmp_path / "source"
    source.mkdir()
    (source / "config.json").write_text("{}")
    (source / "weights.bin").write_bytes(bytes(5_000))
    assert "labs" in command("auth", "whoami")
    command("repos", "create", "labs/commands")
    assert f"{served.endpoint}/labs/commands" in command("upload", "labs/commands", str(source), ".")
    command("download", "labs/commands", "--local-dir", str(tmp_path / "copy"))
    assert (tmp_path / "copy" / "weights.bin").read_bytes() == bytes(5_000)
    assert "labs/commands" in command("models", "ls", "--author", "labs", "-q")


def test_the_environment_holds_nothing_of_the_usual_account(served: Hub, tmp_path: Path) -> None:
    usual = {"HF_TOKEN": "secret", "HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": "/usual", "HUGGINGFACE_HUB_CACHE": "/usual"}
    made = environment(served, tmp_path, base={**usual, "PATH": "/bin", "https_proxy": "http://proxy:1"})
    assert made["HF_TOKEN"] == served.token and made["HF_HOME"] == str(tmp_path)
    assert not {"HF_HUB_OFFLINE", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"} & made.keys()
    assert made["PATH"] == "/bin" and "127.0.0.1" in made["NO_PROXY"]
