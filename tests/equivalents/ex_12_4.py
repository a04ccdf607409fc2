"""Other right answers to 12.4."""

from __future__ import annotations

import math

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import equivalent


def checked_pair(logits, reference_logits):
    logits, reference_logits = (
        checked.floating("logits", logits),
        checked.floating("reference_logits", reference_logits),
    )
    checked.same_shape("logits", logits, "reference_logits", reference_logits)
    return logits, reference_logits


@equivalent("12.4")
def with_kl_div(logits, reference_logits):
    """torch's own, on log-probabilities, after impossible tokens are taken out of both."""
    logits, reference_logits = checked_pair(logits, reference_logits)
    log_q, log_p = (x.reshape(-1, x.shape[-1]).double().log_softmax(-1) for x in (logits, reference_logits))
    possible = log_p.exp() > 0
    log_q = torch.where(possible, log_q, 0.0)
    return float(nn.functional.kl_div(log_q, log_p.exp(), reduction="batchmean"))


@equivalent("12.4")
def cross_entropy_minus_entropy(logits, reference_logits):
    """What q pays for a text of p's, less what p itself pays."""
    logits, reference_logits = checked_pair(logits, reference_logits)
    p = reference_logits.double().softmax(-1)
    surprises = [-x.double().log_softmax(-1).masked_fill(p == 0, 0.0) for x in (logits, reference_logits)]
    by_q, by_p = ((p * surprise).sum(-1) for surprise in surprises)
    return max(0.0, float((by_q - by_p).mean()))


@equivalent("12.4")
def token_by_token(logits, reference_logits):
    """In Python's own numbers, each token after its largest logit is taken away."""
    logits, reference_logits = checked_pair(logits, reference_logits)
    rows = zip(*(x.double().reshape(-1, x.shape[-1]).tolist() for x in (logits, reference_logits)), strict=True)
    found = []
    for q_row, p_row in rows:
        log_q, log_p = (log_probabilities(row) for row in (q_row, p_row))
        found.append(math.fsum(math.exp(p) * (p - q) for p, q in zip(log_p, log_q, strict=True) if p > -745))
    return math.fsum(found) / len(found)


def log_probabilities(row):
    top = max(row)
    total = top + math.log(math.fsum(math.exp(value - top) for value in row))
    return [value - total for value in row]


@equivalent("12.4")
def with_distributions(logits, reference_logits):
    """torch.distributions knows the divergence of two categorical distributions."""
    logits, reference_logits = checked_pair(logits, reference_logits)
    p, q = (torch.distributions.Categorical(logits=x.double(), validate_args=False) for x in (reference_logits, logits))
    return float(torch.distributions.kl_divergence(p, q).mean())
