"""Wrong answers to 12.4, and what to say about each."""

from __future__ import annotations

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import mutant

COIN = "from a fair coin to three to one: log of 2 over the square root of 3"
UNIFORM = "against a uniform model it is the log of the vocabulary minus the reference's entropy"
DEFINITION = "it is the sum over the vocabulary of p * (log p - log q), p from the reference"
SYMMETRIC = "which of the two is the reference matters"
MEAN = "the mean is over tokens, in any number of dimensions, and not over the vocabulary"
SMALL = "a divergence of a millionth of a nat is not lost in rounding"
IMPOSSIBLE = "tokens that the reference calls impossible count nothing"
INFINITE = "it is infinite where the model calls impossible what the reference does not"
LARGE = "confident models are compared without overflow"


def checked_pair(logits, reference_logits):
    logits, reference_logits = (
        checked.floating("logits", logits),
        checked.floating("reference_logits", reference_logits),
    )
    checked.same_shape("logits", logits, "reference_logits", reference_logits)
    return logits.double(), reference_logits.double()


def divergences(logits, reference_logits, dim=-1):
    """Nats, along ``dim``."""
    log_p, log_q = reference_logits.log_softmax(dim), logits.log_softmax(dim)
    return torch.where(log_p > -torch.inf, log_p.exp() * (log_p - log_q), 0.0).sum(dim)


@mutant(
    "zero_times_infinity",
    "12.4",
    law=IMPOSSIBLE,
    says="This matches 0 * inf where the reference calls a token impossible, and that is NaN. Such a term is 0: "
    "use torch.where.",
    line=r"exp|kl_div",
)
def multiplies_zero_by_infinity(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    log_p, log_q = reference_logits.log_softmax(-1), logits.log_softmax(-1)
    return float((log_p.exp() * (log_p - log_q)).sum(-1).mean())


@mutant(
    "nan_to_num",
    "12.4",
    law=INFINITE,
    says="This matches nan_to_num, which also turns an infinite term into a large number. Only terms with p = 0 are 0.",
    line=r"nan_to_num",
)
def turns_infinity_into_a_number(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    log_p, log_q = reference_logits.log_softmax(-1), logits.log_softmax(-1)
    return float((log_p.exp() * (log_p - log_q)).nan_to_num().sum(-1).mean())


@mutant(
    "I05",
    "12.4",
    law=SYMMETRIC,
    says="This matches swapped arguments, KL(model || reference). The divergence is not symmetric: p is the reference.",
    line=r"exp|kl_div|divergences",
)
def swaps_the_models(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    return float(divergences(reference_logits, logits).mean())


@mutant(
    "I07",
    "12.4",
    law=COIN,
    says="This matches kl_div given probabilities. Its first argument must be log-probabilities: log_softmax.",
    line=r"softmax|kl_div",
)
def hands_probabilities_to_kl_div(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    q, p = logits.softmax(-1), reference_logits.softmax(-1)
    return float(nn.functional.kl_div(q, p, reduction="none").sum(-1).mean())


@mutant(
    "log_target",
    "12.4",
    law=COIN,
    says="This matches kl_div with two log-probabilities and without log_target=True: it takes the second for "
    "probabilities.",
    line=r"kl_div",
)
def forgets_log_target(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    log_q, log_p = logits.log_softmax(-1), reference_logits.log_softmax(-1)
    return float(nn.functional.kl_div(log_q, log_p, reduction="none").sum(-1).mean())


@mutant(
    "no_softmax",
    "12.4",
    law=COIN,
    says="This matches taking logits for log-probabilities. Apply log_softmax over the vocabulary first.",
    line=r"exp|kl_div",
)
def forgets_the_softmax(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    return float((reference_logits.exp() * (reference_logits - logits)).sum(-1).mean())


@mutant(
    "bits",
    "12.4",
    law=COIN,
    says="This matches bits, the logarithm to base 2. The answer is in nats: natural logarithms.",
    line=r"log2|log\(.*2",
)
def answers_in_bits(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    return float(divergences(logits, reference_logits).mean() / torch.log(torch.tensor(2.0, dtype=torch.float64)))


@mutant(
    "cross_entropy",
    "12.4",
    law=COIN,
    says="This matches the cross-entropy -sum(p log q). It is not 0 for equal models: subtract the reference's "
    "entropy, with p * (log p - log q).",
    line=r"cross_entropy|log_q|return",
)
def forgets_the_entropy(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    return float(-(reference_logits.softmax(-1) * logits.log_softmax(-1)).sum(-1).mean())


@mutant(
    "sign",
    "12.4",
    law=COIN,
    says="This matches p * (log q - log p), which is never positive. Turn the difference round.",
    line=r"log_q|-",
)
def has_the_wrong_sign(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    return float(-divergences(logits, reference_logits).mean())


@mutant(
    "mean_of_all",
    "12.4",
    law=COIN,
    says="This matches a mean over the vocabulary too. Sum over the vocabulary, then the mean over tokens.",
    line=r"mean",
)
def averages_over_the_vocabulary(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    return float(divergences(logits, reference_logits).mean() / logits.shape[-1])


@mutant(
    "sum",
    "12.4",
    law=MEAN,
    says="This matches the sum over all tokens. Take the mean: a longer text is not a worse model.",
    line=r"sum",
)
def adds_up_the_tokens(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    return float(divergences(logits, reference_logits).sum())


@mutant(
    "batchmean",
    "12.4",
    law=MEAN,
    says='This matches reduction="batchmean", which divides by the first dimension only. With (texts, tokens, '
    "vocabulary) that is the number of texts: divide by the number of tokens.",
    line=r"batchmean|len\(|shape\[0\]",
)
def divides_by_the_first_dimension(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    texts = logits.shape[0] if logits.dim() > 1 else 1
    return float(divergences(logits, reference_logits).sum() / texts)


@mutant(
    "wrong_axis",
    "12.4",
    law=DEFINITION,
    says="This matches a softmax over the first axis. Predictions lie along the last one, the vocabulary.",
    line=r"softmax\((dim=)?[01]|, dim=[01]|, [01]\)",
)
def takes_the_softmax_over_tokens(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    return float(divergences(logits, reference_logits, dim=0).mean())


@mutant(
    "symmetric",
    "12.4",
    law=COIN,
    says="This matches the mean of both directions. Only one is asked for: p from the reference.",
    line=r"/ 2|0\.5|\+",
)
def averages_both_directions(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    both = divergences(logits, reference_logits) + divergences(reference_logits, logits)
    return float(both.mean() / 2)


@mutant(
    "absolute",
    "12.4",
    law=COIN,
    says="This matches adding up magnitudes |p (log p - log q)|. Terms of both signs belong to the sum.",
    line=r"abs",
)
def adds_up_magnitudes(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    log_p, log_q = reference_logits.log_softmax(-1), logits.log_softmax(-1)
    terms = torch.where(log_p > -torch.inf, log_p.exp() * (log_p - log_q), 0.0)
    return float(terms.abs().sum(-1).mean())


@mutant(
    "epsilon",
    "12.4",
    law=INFINITE,
    says="This matches adding a small number to the probabilities. It makes the impossible merely unlikely: use "
    "log_softmax, which needs no such help.",
    line=r"1e-|eps",
)
def adds_epsilon(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    p, q = reference_logits.softmax(-1), logits.softmax(-1)
    return float((p * ((p + 1e-10).log() - (q + 1e-10).log())).sum(-1).mean())


@mutant(
    "log_of_softmax",
    "12.4",
    law=LARGE,
    says="This matches the log of a softmax, which is minus infinity as soon as a probability underflows. log_softmax "
    "stays exact: use it, in float64.",
    line=r"softmax",
)
def takes_the_log_of_a_softmax(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    p, q = reference_logits.float().softmax(-1), logits.float().softmax(-1)
    return float(torch.where(p > 0, p * (p.log() - q.log()), 0.0).sum(-1).mean())


@mutant(
    "float32",
    "12.4",
    law=SMALL,
    says="This matches float32 arithmetic. A divergence is a small difference of large sums: compute in float64.",
    line=r"log_softmax|float\(\)",
)
def stays_in_float32(logits, reference_logits):
    logits, reference_logits = (x.float() for x in checked_pair(logits, reference_logits))
    return float(divergences(logits, reference_logits).mean())


@mutant(
    "last_token",
    "12.4",
    law=MEAN,
    says="This matches the divergence of the last token only. Take the mean over all of them.",
    line=r"\[-1\]|\[\.\.\., -1, :\]",
)
def takes_the_last_token(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    return float(divergences(logits, reference_logits).flatten()[-1])


@mutant(
    "worst_token",
    "12.4",
    law=MEAN,
    says="This matches the largest divergence. Take the mean over tokens.",
    line=r"max",
)
def takes_the_worst_token(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    return float(divergences(logits, reference_logits).max())


@mutant(
    "mean_prediction",
    "12.4",
    law=MEAN,
    says="This matches averaging the predictions first and comparing once. Opposite errors would cancel: compare token "
    "by token, then take the mean.",
    line=r"mean",
)
def averages_predictions_first(logits, reference_logits):
    logits, reference_logits = (x.reshape(-1, x.shape[-1]) for x in checked_pair(logits, reference_logits))
    p, q = (x.softmax(-1).mean(0) for x in (reference_logits, logits))
    return float(divergences(q.log(), p.log()))


@mutant(
    "tensor",
    "12.4",
    law=COIN,
    says="This matches a tensor of one element. The answer is a plain number: float(...).",
    line=r"return",
)
def answers_with_a_tensor(logits, reference_logits):
    logits, reference_logits = checked_pair(logits, reference_logits)
    return divergences(logits, reference_logits).mean()
