"""Other right answers to 12.3."""

from __future__ import annotations

import contextlib
import math

import torch
from torch import nn

from labs_lib.course import checked
from labs_lib.course.standins import equivalent


@contextlib.contextmanager
def eval_mode(model):
    modes = {module: module.training for module in model.modules()}
    try:
        with torch.inference_mode():
            yield model.eval()
    finally:
        for module, training in modes.items():
            module.training = training


def logits_of(model, ids):
    output = model(ids)
    return getattr(output, "logits", output)


@equivalent("12.3")
def window_by_window_with_log_softmax(model, input_ids, *, context=128):
    """Looks up the log-probability of each token that came, in float32, and adds up with math.fsum."""
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    found = []
    with eval_mode(model):
        for text in input_ids:
            for start in range(0, len(text) - 1, context):
                window = text[start : start + context]
                if len(window) < 2:
                    continue
                log_p = logits_of(model, window[None])[0].float().log_softmax(-1)
                found += log_p[:-1].gather(-1, window[1:, None]).flatten().double().tolist()
    mean = -sum(found) / len(found)
    return math.exp(mean) if mean < 709 else math.inf


@equivalent("12.3")
def all_windows_in_two_batches(model, input_ids, *, context=128):
    """All whole windows in one call, all rests in another."""
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    whole = input_ids.shape[1] // context * context
    batches = [input_ids[:, :whole].reshape(-1, context), input_ids[:, whole:]]
    loss, count = 0.0, 0
    with eval_mode(model):
        for batch in batches:
            if batch.shape[1] < 2 or len(batch) == 0:
                continue
            logits, following = logits_of(model, batch)[:, :-1].double(), batch[:, 1:]
            loss += float(nn.functional.cross_entropy(logits.flatten(0, 1), following.flatten(), reduction="sum"))
            count += following.numel()
    return float(torch.tensor(loss / count, dtype=torch.float64).exp())


@equivalent("12.3")
def padded_and_masked(model, input_ids, *, context=128):
    """Fills the last window up and leaves the filling out of the mean, as batched evaluations do."""
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    missing = -input_ids.shape[1] % context
    windows = nn.functional.pad(input_ids, (0, missing)).reshape(-1, context)
    real = nn.functional.pad(torch.ones_like(input_ids), (0, missing)).reshape(-1, context)
    targets = torch.where(real == 1, windows, -100)[:, 1:]
    with eval_mode(model):
        logits = logits_of(model, windows)[:, :-1].double()
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)
    return float(loss.exp())


@equivalent("12.3")
def as_a_product(model, input_ids, *, context=128):
    """The geometric mean of 1 / p, from the distance of each logit to the log of the sum."""
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    logs = []
    with eval_mode(model):
        for window in (piece for text in input_ids for piece in text.split(context) if len(piece) > 1):
            rows = logits_of(model, window[None])[0].double()
            for row, following in zip(rows, window[1:].tolist(), strict=False):
                logs.append(float(row.logsumexp(0) - row[following]))
    mean = math.fsum(logs) / len(logs) if all(map(math.isfinite, logs)) else math.inf
    return 2.0 ** (mean / math.log(2)) if mean < 700 else math.inf
