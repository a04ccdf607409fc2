"""``quantize_model`` on the transformers library: a sample in the quick loop, all of it under the ``slow`` mark."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from labs_lib.course import modes

from . import make_table
from .architectures import ARCHITECTURES, AUTO, Architecture
from .building import answer, build, inputs, model_class
from .left_out import NOT_BUILT, SAME_CLASS

# One of each kind: tied heads, Conv1D, state spaces, experts, latent attention, convolutions, a choice, a code table.
SAMPLE = (
    "llama",
    "gpt2",
    "mamba",
    "mixtral",
    "deepseek_v3",
    "bert",
    "t5",
    "vit",
    "detr",
    "wav2vec2",
    "whisper",
    "falcon",
)

pytestmark = pytest.mark.filterwarnings("ignore")  # what transformers warns about is not ours


@pytest.fixture(autouse=True)
def the_reference() -> Iterator[None]:
    from transformers.utils import logging

    logging.set_verbosity_error()
    with modes.using(modes.Mode("solutions")):
        yield


def named(architectures: tuple[Architecture, ...]) -> list[object]:
    """One test an architecture; slow, unless it is in the sample."""
    slow = pytest.mark.slow
    return [pytest.param(one, id=str(one), marks=[] if one.name in SAMPLE else [slow]) for one in architectures]


@pytest.mark.parametrize("architecture", named(ARCHITECTURES))
def test_it_is_quantized_and_its_row_is_in_the_table(architecture: Architecture) -> None:
    assert make_table.line(architecture) in make_table.PATH.read_text(encoding="utf-8").splitlines(), (
        "run python -m tests.models.make_table"
    )


def test_the_page_is_what_the_generator_writes() -> None:
    text = make_table.PATH.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ") and " % | " in line]
    assert [line.split(" | ")[0] for line in lines] == [f"| {architecture.name}" for architecture in ARCHITECTURES]
    assert make_table.page(lines) == text, "run python -m tests.models.make_table"


def test_every_model_type_of_transformers_is_swept_or_has_a_reason() -> None:
    from transformers.models.auto import modeling_auto

    known = {name for table in AUTO.values() for name in getattr(modeling_auto, table)}
    swept = [architecture.name for architecture in ARCHITECTURES]
    assert len(swept) == len(set(swept))
    assert {*swept, *SAME_CLASS, *NOT_BUILT} == known
    assert len(swept) + len(SAME_CLASS) + len(NOT_BUILT) == len(known), "a name stands in two tables"


@pytest.mark.parametrize(("name", "other"), SAME_CLASS.items())
def test_what_is_left_out_as_the_same_is_the_same(name: str, other: str) -> None:
    swept = next(architecture for architecture in ARCHITECTURES if architecture.name == other)
    assert model_class(swept._replace(name=name)) == model_class(swept)


@pytest.mark.slow
@pytest.mark.parametrize("name", NOT_BUILT)
def test_what_is_left_out_still_cannot_be_built(name: str) -> None:
    task, _, error = NOT_BUILT[name]
    architecture = Architecture(task, name)
    with pytest.raises(Exception, match=re.escape(error)):
        answer(build(architecture), inputs(architecture))
