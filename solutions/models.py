"""Whole models: quantize every linear layer, and measure what that saves and what it changes. Lesson 12."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from labs_lib.course import checked
from labs_lib.course.exercise import exercise
from labs_lib.layers import W8A16Linear
from labs_lib.replacement import ReplacementReport, is_excluded, names_of, replace_linears, shared_weights


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """A model without dropout and without autograd (given). Afterwards every module trains again that did before."""
    training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module in training:
            module.training = True


def logits_of(model: nn.Module, input_ids: Tensor) -> Tensor:
    """The logits that a model answers (given), whether bare or in the ``.logits`` of a transformers output."""
    output: Any = model(input_ids)
    return output if isinstance(output, Tensor) else output.logits


def conv1d_to_linear(model: nn.Module, exclude: Iterable[str]) -> None:
    """Put an equal ``nn.Linear`` in the place of linear layers of another name that no pattern excludes (given).

    GPT-2's ``Conv1D`` is a linear layer that holds its weights as (in, out), and ``FalconLinear`` differs in nothing
    but the order of its roundings. They are known by name: to import transformers for them would take seconds. The new
    layer's weight is a view of the old one, not a copy.
    """
    tied = shared_weights(model)
    for names in names_of(nn.Module, model):
        old = model.get_submodule(names[0])
        kind, weight = type(old).__name__, getattr(old, "weight", None)
        is_transposed = kind == "Conv1D" and isinstance(weight, Tensor) and weight.dim() == 2  # no real convolution
        if not is_transposed and kind != "FalconLinear":
            continue
        if id(weight) in tied or any(is_excluded(name, exclude) for name in names):
            continue
        weight = weight.detach().T if is_transposed else weight.detach()
        with torch.device("meta"):
            new = nn.Linear(weight.shape[1], weight.shape[0], bias=old.bias is not None)
        new.weight, new.bias = nn.Parameter(weight), old.bias
        for name in names:
            model.set_submodule(name, new.train(old.training))


def add_the_rest(report: ReplacementReport, model: nn.Module, exclude: Iterable[str]) -> None:
    """List every other weight of two or more dimensions (given): embeddings, convolutions, experts, raw parameters."""
    listed = {*report.replaced, *report.excluded, *report.tied, *report.unsupported}
    counted = set()
    for name in listed - {*report.replaced}:
        weight = model.get_submodule(name).weight
        counted.add(id(weight))
        if not isinstance(weight, nn.Parameter):  # computed from parameters (weight norm), which are listed below
            report.sizes[name] = 0
    for parameter_name, parameter in model.named_parameters():
        name = parameter_name.removesuffix(".weight")
        if parameter.dim() < 2 or name in listed:
            continue
        (report.excluded if is_excluded(name, exclude) else report.unsupported).append(name)
        report.sizes[name] = 0 if id(parameter) in counted else parameter.numel()


@exercise("12.1")
def memory_footprint(model: nn.Module) -> int:
    """Count the bytes of a model's parameters and buffers, shared memory once.

    Args:
        model: any module. On the meta device it says what the model would need.

    Returns:
        Bytes, an int. Two names for one tensor count once, and so do a tensor and a view of it. What is not in
        ``parameters()`` and ``buffers()`` is not seen: activations, optimizer state, weights that something else keeps
        alive.

    Raises:
        TypeError: ``model`` is not a module.

    Example:
        >>> memory_footprint(nn.Linear(10, 4)), memory_footprint(W8A16Linear(10, 4))
        (176, 72)

    About 6 lines, 12 minutes.
    Source: transformers, ``PreTrainedModel.get_memory_footprint``, which does not look at views.
    """
    model = checked.model(model)
    storages: dict[object, int] = {}
    for tensor in itertools.chain(model.parameters(), model.buffers()):
        storage = tensor.untyped_storage()
        place = id(tensor) if tensor.is_meta else (tensor.device, storage.data_ptr())
        storages[place] = storage.nbytes()
    return sum(storages.values())


@exercise("12.2")
def quantize_model(
    model: nn.Module, *, layer: type[nn.Module] = W8A16Linear, exclude: Iterable[str] = ("lm_head",)
) -> ReplacementReport:
    """Quantize every linear layer of a model in place, GPT-2's Conv1D included, and report what was left and why.

    Args:
        model: any model but a bare linear layer. Modified.
        layer: the class to put in, with a method ``from_linear``; or another object that has one.
        exclude: patterns of layers to leave alone, see ``is_excluded``.

    Returns:
        The report. Its ``unsupported`` lists every weight with two or more dimensions that is not in a linear layer
        (embeddings, convolutions, stacked experts): by module name, or by parameter name where it is not ``weight``.

    Raises:
        TypeError: ``model`` is not a module, or ``exclude`` is one string.
        ValueError: ``model`` itself is a linear layer; weights that are not finite.

    Example:
        >>> model = nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 4), nn.Linear(4, 5))
        >>> report = quantize_model(model, exclude=["2"])
        >>> report.replaced, report.excluded, report.unsupported
        (['1'], ['2'], ['0'])

    About 4 lines, 10 minutes.
    Source: the idea of ``torchao.quantize_`` and of bitsandbytes in transformers.
    """
    model, exclude = checked.parent(model), checked.patterns("exclude", exclude)
    conv1d_to_linear(model, exclude)
    report = replace_linears(model, layer.from_linear, exclude=exclude)
    add_the_rest(report, model, exclude)
    return report


@exercise("12.3")
def perplexity(model: nn.Module, input_ids: Tensor, *, context: int = 128) -> float:
    """How many equally likely tokens the model hesitates between: ``exp`` of the mean loss in nats a token.

    Each text is cut into windows of ``context`` tokens that do not overlap. In a window every token but the first is
    predicted from those before it. A last window that is short counts as much as its tokens.

    Args:
        model: answers logits (texts, tokens, vocabulary), or an output with ``.logits``. It runs in eval mode without
            autograd; afterwards every module is in the mode that it was in.
        input_ids: (tokens,) or (texts, tokens) of one length, no padding, any integer dtype.
        context: tokens in a window, at least 2.

    Returns:
        The perplexity, a float, at least 1; ``math.inf`` where it is beyond float64.

    Raises:
        TypeError: ``input_ids`` is not an integer tensor.
        ValueError: fewer than 2 tokens, a third dimension, ``context`` below 2.

    Example:
        >>> class Even(nn.Module):
        ...     def forward(self, ids):
        ...         return torch.zeros(*ids.shape, 50)
        >>> round(perplexity(Even(), torch.arange(20)), 4)
        50.0

    About 10 lines, 15 minutes.
    Source: Jelinek et al. 1977; the windows are those of the GPTQ paper's evaluation.
    """
    model, input_ids = checked.model(model), checked.integer_ids("input_ids", input_ids, context)
    loss, count = torch.zeros((), dtype=torch.float64), 0
    windows = [window for text in input_ids for window in text.split(context) if len(window) > 1]
    with evaluating(model):
        for window in windows:
            logits = logits_of(model, window.unsqueeze(0))[0, :-1]
            loss += nn.functional.cross_entropy(logits.double(), window[1:], reduction="sum")
            count += len(window) - 1
    return float((loss / count).exp())


@exercise("12.4")
def mean_kld(logits: Tensor, reference_logits: Tensor) -> float:
    """How far a model's predictions have moved: ``KL(reference || model)``, the mean over tokens.

    Args:
        logits: of the changed model, (..., vocabulary), any floating dtype. Not modified.
        reference_logits: of the original model, same shape.

    Returns:
        Nats a token, a float: 0 when the predictions are equal, ``math.inf`` when the changed model calls impossible
        what the original does not. Computed in float64: large terms of both signs cancel.

    Raises:
        TypeError: one of them is not a floating-point tensor.
        ValueError: shapes differ or are empty; NaN.

    Example:
        >>> round(mean_kld(torch.tensor([0.0, 0.0]), torch.tensor([0.0, 1.0986123])), 4)
        0.1308

    About 4 lines, 10 minutes.
    Source: Kullback and Leibler 1951; llama.cpp, ``perplexity --kl-divergence``.
    """
    logits, reference_logits = (
        checked.floating("logits", logits),
        checked.floating("reference_logits", reference_logits),
    )
    checked.same_shape("logits", logits, "reference_logits", reference_logits)
    log_p, log_q = reference_logits.double().log_softmax(-1), logits.double().log_softmax(-1)
    terms = torch.where(log_p > -torch.inf, log_p.exp() * (log_p - log_q), 0.0)
    return float(terms.sum(-1).mean())
