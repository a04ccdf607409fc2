"""Pointing the real clients at a hub: a new process by its environment, this one by hand."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:
    from .running import Hub

OURS = ("HF_", "HUGGINGFACE_", "HUGGING_FACE_", "TRANSFORMERS_OFFLINE", "TRANSFORMERS_CACHE")


def settings(endpoint: str, token: str | None) -> dict[str, str]:
    """The variables without which a client goes elsewhere.

    ``HF_ENDPOINT``: the hub. ``HF_HUB_DISABLE_XET``: large files by the LFS protocol. ``HF_TOKEN``: the hub's; any
    word where it has none, or the client would send the token of your account.
    """
    return {"HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1", "HF_TOKEN": token or "none"}


def environment(hub: Hub, home: Path | str | None = None, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """An environment for a process that shall use a hub. huggingface_hub reads it once, when it is imported.

    Args:
        home: the folder for the client's cache, the hub's own by default. Never the usual one: a cache does not
            remember which hub a model came from.
        base: what else the process shall see; its settings of huggingface_hub are left out.
    """
    kept = {name: value for name, value in base.items() if not name.startswith(OURS)}
    quiet = ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_PROGRESS_BARS", "HF_HUB_DISABLE_UPDATE_CHECK")
    return {
        **kept,
        **settings(hub.endpoint, hub.token),
        **dict.fromkeys(quiet, "1"),
        "HF_HOME": str(home or hub.home),
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


@contextmanager
def using(hub: Hub, home: Path | str | None = None) -> Iterator[Hub]:
    """Make this process's huggingface_hub and transformers use a hub for as long as the block lasts.

    The environment comes too late for a module that is imported already. So the values that it was read into are
    replaced as well; all of huggingface_hub looks them up when it needs them, save the few copies named below.
    """
    import huggingface_hub
    from huggingface_hub import constants, hf_api, utils

    ours = environment(hub, home)
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, ours, clear=True))
        for name, value in {
            "ENDPOINT": hub.endpoint,
            "HUGGINGFACE_CO_URL_TEMPLATE": hub.endpoint + "/{repo_id}/resolve/{revision}/{filename}",
            "HF_HUB_CACHE": os.path.join(ours["HF_HOME"], "hub"),
            "HF_HUB_DISABLE_XET": True,
            "HF_HUB_DISABLE_TELEMETRY": True,
            "HF_HUB_OFFLINE": False,
        }.items():
            stack.enter_context(mock.patch.object(constants, name, value))
        # create_repo, upload_folder and the others are methods of this one object, made at import.
        stack.enter_context(mock.patch.object(hf_api.api, "endpoint", hub.endpoint))
        _forget_client()
        stack.callback(_forget_client)
        if not utils.are_progress_bars_disabled():  # their times would differ at every run
            utils.disable_progress_bars()
            stack.callback(utils.enable_progress_bars)
        # An open connection remembers the proxies of its time.
        huggingface_hub.close_session()
        stack.callback(huggingface_hub.close_session)
        yield hub


def _forget_client() -> None:
    """transformers keeps one client, made at its first use, that remembers the hub of that time."""
    module = sys.modules.get("transformers.utils.hub")
    if module is not None and hasattr(module, "_hf_api"):
        vars(module)["_hf_api"] = None


@contextmanager
def lesson_hub(root: Path | str | None = None) -> Iterator[Hub]:
    """The hub that ``HF_ENDPOINT`` names, with your account; without it, a local one, and this process uses it."""
    from .running import Hub, local_hub

    named = os.environ.get("HF_ENDPOINT")
    if named:
        from huggingface_hub import constants, get_token

        yield Hub(named.rstrip("/"), get_token(), Path(constants.HF_HOME))
        return
    with local_hub(root) as hub, using(hub):
        yield hub
