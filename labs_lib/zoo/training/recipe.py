"""What tiny-lm is: its tokenizer, its shape, and the numbers of its training."""

from __future__ import annotations

from transformers import LlamaConfig, PreTrainedTokenizerFast

VOCABULARY = 2048
END = "<|end|>"  # between documents; the text has none, so it also serves as padding
CONTEXT = 256  # tokens

BATCH = 8  # windows of CONTEXT tokens a step
WARM_UP = 100  # steps in which the learning rate rises
LEARNING_RATE = 2e-3
LAST_LEARNING_RATE = 5e-5
WEIGHT_DECAY = 0.1
CLIP = 1.0  # norm of the gradient
SEED = 0

STEPS = 5000  # of the final checkpoint: about nine times through the text
EARLY = 500  # the step of the early checkpoint

OUTLIER_STEPS = 800  # more, from the final checkpoint on
OUTLIER_CHANNELS = (19, 92, 201)  # of the residual stream; any three would do
OUTLIER_GAIN = 16.0  # their norm gains are multiplied by this once, and then held
OUTLIER_LEARNING_RATE = 1e-3


def config() -> LlamaConfig:
    """A Llama of 3.5 million parameters whose widths are all multiples of 64, head and embedding tied."""
    return LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=256,
        intermediate_size=640,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=CONTEXT,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
    )


def tokenizer(text: str) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer of 2048 tokens, learned from a text."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=[END], initial_alphabet=alphabet)
    inner.train_from_iterator(text.split("\n"), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token=END, eos_token=END, pad_token=END, model_max_length=CONTEXT
    )
