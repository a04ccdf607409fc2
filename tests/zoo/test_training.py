"""The training of tiny-lm, on a net of a few hundred parameters: schedule, groups, outliers, stopping, publishing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from labs_lib.zoo import text
from labs_lib.zoo.loading import read
from labs_lib.zoo.measuring import token_ids
from labs_lib.zoo.training import checkpoints, recipe, run

STEPS = 12


@pytest.fixture(autouse=True)
def small(monkeypatch):
    for name, value in {"CONTEXT": 8, "BATCH": 2, "WARM_UP": 3}.items():
        monkeypatch.setattr(recipe, name, value)
    monkeypatch.setattr(run, "SAVE_EVERY", 4)
    monkeypatch.setattr(run, "MEASURE_EVERY", 2)
    monkeypatch.setattr(run, "tqdm", lambda steps, **options: Bar(steps))


class Bar(list):
    def set_postfix(self, **shown):
        pass


def net() -> LlamaForCausalLM:
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    return LlamaForCausalLM(LlamaConfig(vocab_size=32, tie_word_embeddings=True, **shape))


def training(folder: Path, model: LlamaForCausalLM | None = None) -> run.Training:
    tokens = torch.arange(200).remainder(7)
    return run.Training(model or net(), tokens, tokens[:40], folder / "training.pt", peak=1e-2, steps=STEPS)


def state(trained: run.Training) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in trained.model.state_dict().items()}


@pytest.fixture(scope="module")
def tokenizer():
    return recipe.tokenizer(text.validation_text())


class TestRecipe:
    def test_the_net_is_a_llama_of_widths_that_64_divides(self):
        with torch.device("meta"):
            model = LlamaForCausalLM(recipe.config())
        assert model.num_parameters() == 3_541_248
        assert all(width % 64 == 0 for parameter in model.parameters() for width in parameter.shape)

    @pytest.mark.parametrize(
        "piece", ["Emma Woodhouse, handsome, clever.\n", " two  spaces", "naïve £5 — 数\t\x00", ""]
    )
    def test_the_tokenizer_gives_every_text_back(self, tokenizer, piece):
        assert tokenizer.decode(tokenizer(piece)["input_ids"]) == piece

    def test_the_end_token_is_not_in_the_text(self, tokenizer):
        assert tokenizer.eos_token_id == tokenizer.pad_token_id == 0
        assert recipe.END not in text.novels()

    def test_training_reads_the_ids_that_the_plain_call_gives(self, tokenizer):
        prose = text.validation_text()[:3000]
        lines = tokenizer(prose.splitlines(keepends=True))["input_ids"]
        assert token_ids(tokenizer, prose).tolist() == [token for line in lines for token in line]


class TestLearningRate:
    def test_it_rises_to_the_peak_and_falls_to_the_last_one(self):
        rates = [run.learning_rate(step, 1e-2, STEPS) for step in range(STEPS + 1)]
        assert rates[0] == pytest.approx(1e-2 / 3)
        assert max(rates) == rates[2] == rates[3] == 1e-2
        assert rates[-1] == pytest.approx(recipe.LAST_LEARNING_RATE)
        assert rates[3:] == sorted(rates[3:], reverse=True)

    def test_half_way_down_it_is_half_way(self):
        low = recipe.LAST_LEARNING_RATE
        assert run.learning_rate(recipe.WARM_UP + 50, 1.0, recipe.WARM_UP + 100) == pytest.approx((1 + low) / 2)


def test_matrices_decay_and_gains_do_not():
    model = net()
    decaying, free = run.groups(model)
    assert {parameter.dim() for parameter in decaying["params"]} == {2}
    assert {parameter.dim() for parameter in free["params"]} == {1}
    assert (decaying["weight_decay"], free["weight_decay"]) == (recipe.WEIGHT_DECAY, 0.0)
    assert len(decaying["params"]) + len(free["params"]) == len(list(model.parameters()))


class TestRun:
    def test_it_learns(self, tmp_path):
        trained = training(tmp_path)
        trained.go(until=STEPS)
        assert [point["step"] for point in trained.curve] == [2, 4, 6, 8, 10, 12]
        assert trained.curve[-1]["validation_perplexity"] < 0.8 * trained.curve[0]["validation_perplexity"]
        assert trained.model.training

    def test_it_may_be_run_in_parts(self, tmp_path):
        whole, parts = training(tmp_path / "a.pt"), training(tmp_path / "b.pt")
        for one in (whole, parts):
            one.file.parent.mkdir()
        whole.go(until=STEPS)
        parts.go(until=5)
        assert parts.step == 5
        parts.go(until=STEPS)
        assert whole.curve == parts.curve
        assert all(torch.equal(value, state(parts)[name]) for name, value in state(whole).items())

    def test_stopped_and_taken_up_again_it_ends_with_the_same_weights(self, tmp_path, monkeypatch):
        (tmp_path / "whole").mkdir()
        whole = training(tmp_path / "whole")
        whole.go(until=STEPS)

        stopped = training(tmp_path)
        steps = iter(range(STEPS))
        one_step = stopped.one_step

        def ctrl_c() -> float:
            if next(steps) == 6:
                raise KeyboardInterrupt
            return one_step()

        monkeypatch.setattr(stopped, "one_step", ctrl_c)
        with pytest.raises(KeyboardInterrupt):
            stopped.go(until=STEPS)

        again = training(tmp_path)
        assert again.step == 4  # the last one that was saved
        again.go(until=STEPS)
        assert again.curve == whole.curve
        assert all(torch.equal(value, state(again)[name]) for name, value in state(whole).items())

    def test_ctrl_c_while_saving_leaves_the_last_save(self, tmp_path, monkeypatch):
        trained = training(tmp_path)
        trained.go(until=4)
        saved = trained.file.read_bytes()

        def half(state, file):
            file.write_bytes(saved[:100])
            raise KeyboardInterrupt

        monkeypatch.setattr(torch, "save", half)
        with pytest.raises(KeyboardInterrupt):
            trained.go(until=8)
        assert trained.file.read_bytes() == saved
        assert training(tmp_path).step == 4

    def test_the_loss_is_measured_in_eval_mode_over_whole_windows(self):
        model = net()
        tokens = torch.arange(20).remainder(7)
        windows = tokens[:16].view(2, 8)
        expected = model(input_ids=windows, labels=windows).loss.item()
        assert run.measure(model, tokens) == pytest.approx(expected, rel=1e-6)
        assert model.training


class TestOutliers:
    @pytest.fixture(autouse=True)
    def channels(self, monkeypatch):
        monkeypatch.setattr(recipe, "OUTLIER_CHANNELS", (1, 5))

    def test_the_gains_are_large_and_stay_so_while_the_rest_learns(self, tmp_path):
        model = net()
        checkpoints.hold_outliers(model)
        before = {name: value.clone() for name, value in model.state_dict().items()}
        gains = [name for name in before if name.endswith("layernorm.weight")]
        expected = torch.ones(16)
        expected[[1, 5]] = recipe.OUTLIER_GAIN
        assert len(gains) == 2
        assert all(torch.equal(before[name], expected) for name in gains)
        training(tmp_path, model).go(until=4)
        after = model.state_dict()
        assert [name for name in before if torch.equal(before[name], after[name])] == gains

    def test_nothing_else_is_touched(self):
        model, untouched = net(), net()
        checkpoints.hold_outliers(model)
        kept = untouched.state_dict()
        changed = [name for name, value in model.state_dict().items() if not torch.equal(value, kept[name])]
        assert all(name.endswith("layernorm.weight") for name in changed)


def test_a_published_checkpoint_is_float16_and_loads(tmp_path, capsys):
    trained = training(tmp_path)
    trained.go(until=4)
    before = state(trained)
    checkpoints.publish(trained, recipe.tokenizer("a small text"), tmp_path / "early")
    assert all(torch.equal(value, before[name]) for name, value in state(trained).items())
    assert capsys.readouterr().out.startswith("early: step 4, validation perplexity ")

    from safetensors.torch import load_file

    stored = load_file(tmp_path / "early" / "model.safetensors")
    assert {value.dtype for value in stored.values()} == {torch.float16}
    model, tokenizer = read(tmp_path / "early", local_files_only=True)
    assert model.lm_head.weight is model.model.embed_tokens.weight
    assert all(torch.equal(value, before[name].half().float()) for name, value in model.state_dict().items())
    assert tokenizer.eos_token == recipe.END
    facts = json.loads((tmp_path / "early" / "training.json").read_text())
    assert facts["curve"] == trained.curve
