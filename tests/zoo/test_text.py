"""The bundled text: what is held out is held out, and nothing is lost."""

from __future__ import annotations

from labs_lib.zoo import text


def test_the_text_is_the_six_novels():
    novels = text.novels()
    assert 3_900_000 < len(novels) < 4_100_000
    for name in ("Emma Woodhouse", "Fanny Price", "Miss Morland", "Anne Elliot", "Mr. Darcy", "Elinor"):
        assert name in novels
    assert "\n\n" not in novels
    assert "  " not in novels


def test_no_held_out_paragraph_of_any_length_is_trained_on():
    trained = text.training_text()
    held_out = [paragraph for paragraph in text.validation_text().splitlines() if len(paragraph) > 100]
    assert len(held_out) > 300
    assert not [paragraph for paragraph in held_out if paragraph in trained]


def test_one_twentieth_is_held_out_and_nothing_is_lost():
    trained, held_out = text.training_text(), text.validation_text()
    assert len(trained) + len(held_out) == len(text.novels())
    assert 0.04 < len(held_out) / len(text.novels()) < 0.06
    assert "".join(text._blocks()) == text.novels()


def test_held_out_blocks_come_from_several_novels_and_end_with_paragraphs():
    blocks = [block for number, block in enumerate(text._blocks()) if number % 20 == text.HELD_OUT]
    assert len(blocks) == 4
    assert all(block.endswith("\n") for block in blocks)
    names = ("Elinor", "Elizabeth", "Fanny", "Emma", "Catherine", "Anne")
    heroines = {max(names, key=block.count) for block in blocks}
    assert len(heroines) >= 3
