"""The picture of the loss curves says what training.json says."""

from __future__ import annotations

import json
import math

import pytest

from labs_lib.zoo import places
from labs_lib.zoo.training import curves, recipe


@pytest.fixture
def folder(tmp_path):
    for name, perplexity in (("early", 50.0), ("final", 30.0), ("outlier", 31.5)):
        points = [
            {"step": step, "train_loss": 5 - step / 100, "validation_perplexity": math.exp(4.5)} for step in (100, 200)
        ]
        (tmp_path / name).mkdir()
        facts = {"validation_perplexity": perplexity, "curve": points}
        (tmp_path / name / "training.json").write_text(json.dumps(facts))
    return tmp_path


def test_the_outlier_run_goes_on_where_the_final_one_ends(folder):
    data = curves.curves(folder)
    assert data.final.steps.tolist() == [100, 200]
    assert data.outlier.steps.tolist() == [recipe.STEPS + 100, recipe.STEPS + 200]
    assert data.final.train.tolist() == [4, 3]
    assert data.final.validation.tolist() == pytest.approx([4.5, 4.5])


def test_the_title_has_the_three_perplexities(folder):
    assert curves.curves(folder).finding == (
        f"Perplexity on the whole validation text: 50.0 after {recipe.EARLY:,} steps, "
        f"30.0 after {recipe.STEPS:,}, 31.5 after {recipe.OUTLIER_STEPS:,} more with held outliers"
    )


def test_the_picture_is_written_beside_the_checkpoints(folder):
    curves.main(folder)
    assert (folder / curves.PICTURE).read_bytes().startswith(b"\x89PNG")


def test_the_shipped_curves_are_whole():
    data = curves.curves(places.FILES / "tiny-lm")
    assert data.early.steps[-1] == recipe.EARLY
    assert data.final.steps[-1] == recipe.STEPS
    assert data.outlier.steps[-1] == recipe.STEPS + recipe.OUTLIER_STEPS
    assert data.final.steps[: len(data.early.steps)].tolist() == data.early.steps.tolist()
    assert data.final.train[: len(data.early.train)] == pytest.approx(data.early.train, rel=0.05)
    assert (places.FILES / "tiny-lm" / curves.PICTURE).is_file()
