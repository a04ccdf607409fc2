"""The helpers of lessons: ids of the held-out text, greedy continuation, likeliest next tokens."""

from __future__ import annotations

import pytest
import torch

from labs_lib.zoo import load, measuring, text

PROMPT = "She was very much"


@pytest.fixture(scope="module")
def tiny():
    return load("tiny-lm")


def test_the_ids_spell_the_validation_text(tiny):
    ids = measuring.validation_ids(tiny.tokenizer)
    assert ids.dtype == torch.int64
    assert ids.dim() == 1
    assert tiny.tokenizer.decode(ids) == text.validation_text()
    assert tiny.tokenizer.eos_token_id not in ids


def test_the_first_tokens_are_a_beginning(tiny):
    assert torch.equal(measuring.validation_ids(tiny.tokenizer, 100), measuring.validation_ids(tiny.tokenizer)[:100])


@pytest.mark.parametrize("tokens", [0, -1, 10**9])
def test_more_tokens_than_there_are(tiny, tokens):
    with pytest.raises(ValueError, match=rf"tokens must be from 1 to \d+ with this tokenizer, got {tokens}"):
        measuring.validation_ids(tiny.tokenizer, tokens)


def test_a_long_paragraph_draws_no_warning(tiny, capfd):
    assert len(measuring.token_ids(tiny.tokenizer, "It was so. " * 500)) > 1000
    assert capfd.readouterr() == ("", "")


def test_a_continuation_takes_the_likeliest_token_each_time(tiny):
    ids = measuring.token_ids(tiny.tokenizer, PROMPT).tolist()
    length = len(ids)
    with torch.no_grad():
        for _ in range(8):  # the plain way, without a cache
            ids.append(int(tiny.model(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
    assert measuring.continuation(*tiny, PROMPT, tokens=8) == tiny.tokenizer.decode(ids[length:])


def test_a_continuation_ends_at_the_end_token(tiny):
    class Ends(torch.nn.Module):
        def forward(self, input_ids, **options):
            answer = tiny.model(input_ids=input_ids, **options)
            answer.logits[..., tiny.tokenizer.eos_token_id] = 1e9
            return answer

    assert measuring.continuation(Ends(), tiny.tokenizer, PROMPT) == ""


def test_next_tokens_are_the_likeliest_with_their_probabilities(tiny):
    found = measuring.next_tokens(*tiny, PROMPT)
    with torch.no_grad():
        logits = tiny.model(input_ids=measuring.token_ids(tiny.tokenizer, PROMPT)[None]).logits[0, -1].double()
    probabilities = logits.exp() / logits.exp().sum()
    order = probabilities.argsort(descending=True)[:5]
    assert [token for token, _ in found] == [tiny.tokenizer.decode([token]) for token in order]
    assert [p for _, p in found] == pytest.approx(probabilities[order].tolist(), rel=1e-4)
    assert len(measuring.next_tokens(*tiny, PROMPT, count=9)) == 9


def test_an_empty_prompt_is_refused(tiny):
    for function in (measuring.continuation, measuring.next_tokens):
        with pytest.raises(ValueError, match="prompt must have at least one token, got ''"):
            function(*tiny, "")


def test_the_number_of_threads_changes_nothing(tiny):
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = measuring.next_tokens(*tiny, PROMPT)
        torch.set_num_threads(2)
        assert measuring.next_tokens(*tiny, PROMPT) == one
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
