"""What the server of judges' processes imports, once: each judge is a fork that finds all this in its memory."""

from __future__ import annotations

import gc

gc.disable()  # it would look at all of torch again and again, and leave holes that forks write into

from . import batch  # noqa: E402

batch.one_thread()  # before torch is there: it asks for its threads then

from . import judging  # noqa: E402

judging.prepare()
gc.freeze()  # a fork's collector would copy every page it looks at
gc.enable()
