"""Any model of the Hugging Face Hub, by its id, where there is a network or where it was loaded before."""

from __future__ import annotations

import urllib.error
import urllib.request

from . import catalogue
from .catalogue import MissingModel, UnknownModel
from .loading import Loaded, read

TIMEOUT = 5  # seconds


def load_from_hub(name: str, revision: str | None = None) -> Loaded:
    """Load ``OWNER/MODEL``; without a network, from the cache.

    Raises:
        UnknownModel: the Hub has no such model, or it is private.
        MissingModel: the Hub is out of reach, and the model is not in the cache.
    """
    from huggingface_hub.errors import RepositoryNotFoundError

    offline = not reachable()
    try:
        return read(name, revision=revision or "main", local_files_only=offline)
    except OSError as error:
        kinds = {type(cause) for cause in _causes(error)}
        if RepositoryNotFoundError in kinds:
            raise UnknownModel(f"the Hub has no model {name!r}, or it is private and you are not logged in") from error
        if not offline:
            raise  # a model behind a form, a branch that does not exist, a full disk: transformers says what it is
        here = ", ".join(entry.name for entry in catalogue.ENTRIES)
        raise MissingModel(
            f"{name} is not in the cache, and the Hugging Face Hub is out of reach (without a network: {here})"
        ) from error


def reachable() -> bool:
    """Whether the Hub answers. transformers alone would try for half a minute before it reads its cache."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    try:
        with urllib.request.urlopen(urllib.request.Request(constants.ENDPOINT, method="HEAD"), timeout=TIMEOUT):
            return True
    except urllib.error.HTTPError:
        return True  # it answered
    except (OSError, ValueError):
        return False


def _causes(error: BaseException | None) -> list[BaseException]:
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
