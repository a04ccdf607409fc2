"""A Hugging Face Hub on your own machine: the real clients push and pull without an account or a network.

    from labs_lib.zoo.local_hub import local_hub, using

    with local_hub() as hub, using(hub):
        model.push_to_hub("labs/tiny")
        AutoModelForCausalLM.from_pretrained("labs/tiny")

In a notebook, a block that spans cells is an ``ExitStack``: ``hub = stack.enter_context(lesson_hub())``, and
``stack.close()`` in the last cell. ``lesson_hub`` uses the Hub that ``HF_ENDPOINT`` names instead, where it is set.

``labs hub serve`` runs the same server for other terminals. The parts, from the disk to the client:

- ``names``: which names of repositories and files are allowed
- ``contents``: the bytes of files, kept under their hash
- ``snapshots``: immutable lists of files, and the one pointer that moves, ``main``
- ``reading``, ``writing``: the addresses that clients ask, over HTTP
- ``running``: the server, in this thread or beside it
- ``clients``: the settings that point a client here

The protocol is the one that huggingface_hub speaks (see its ``hf_api.py``, ``_commit_api.py`` and ``lfs.py``).
Importing this package loads neither the server's libraries nor the client's.
"""

from __future__ import annotations

from .clients import environment, lesson_hub, using
from .running import Hub, local_hub, serve

__all__ = ["Hub", "environment", "lesson_hub", "local_hub", "serve", "using"]
