"""The seeds of hidden cases: secret, one for each learner and exercise, and the same again with the same key."""

from __future__ import annotations

import itertools
import stat

import pytest

from labs_lib.grading import seeds

KEY = b"a key that is long enough"


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    monkeypatch.delenv(seeds.VARIABLE, raising=False)


def test_a_grade_can_be_replayed():
    assert seeds.seed_of(KEY, "ada", "03.2") == seeds.seed_of(KEY, "ada", "03.2") == 16_526_681_715_859_765_812


def test_every_learner_and_every_exercise_has_its_own():
    names = ("ada", "ada:03", "3:ada", "", "Ada", "ad", "ada\udcff", "åda")
    made = [
        seeds.seed_of(KEY, name, exercise) for name, exercise in itertools.product(names, ("03.2", "03.3", ":03.2"))
    ]
    assert len(set(made)) == len(made)
    assert all(0 <= seed < 2**64 for seed in made)


def test_another_key_makes_other_seeds():
    assert seeds.seed_of(KEY, "ada", "03.2") != seeds.seed_of(KEY + b"!", "ada", "03.2")


def test_the_id_of_a_key_tells_keys_apart_and_nothing_else():
    assert seeds.seed_id(KEY) == seeds.seed_id(KEY) != seeds.seed_id(KEY + b"!")
    assert KEY.hex()[:8] not in seeds.seed_id(KEY)


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    kept = tmp_path / "results" / ".course-key"
    made = seeds.key_from(None, kept)
    assert len(made) >= 64
    assert seeds.key_from(None, kept) == made
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_two_runs_make_two_keys(tmp_path):
    assert seeds.key_from(None, tmp_path / "a") != seeds.key_from(None, tmp_path / "b")


def test_a_file_comes_before_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv(seeds.VARIABLE, "of the environment, and long")
    file = tmp_path / "key"
    file.write_text("of the file, and long enough\n", encoding="utf-8")
    assert seeds.key_from(file, tmp_path / "kept") == b"of the file, and long enough"
    assert seeds.key_from(None, tmp_path / "kept") == b"of the environment, and long"
    assert not (tmp_path / "kept").exists()


def test_a_short_key_is_refused(tmp_path):
    file = tmp_path / "key"
    file.write_text("guess me", encoding="utf-8")
    with pytest.raises(ValueError, match="16 characters or more, got 8"):
        seeds.key_from(file, tmp_path / "kept")
