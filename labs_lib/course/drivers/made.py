"""What a driver asks about a block of code that runs: the tensors that it makes, the settings that it leaves."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Made(TorchDispatchMode):
    """Notes the size of every new tensor that has memory of its own: ``with Made() as made: ...``.

    Views and results that are written into an argument are not new. What a library puts around memory of its own, as
    safetensors does with a mapped file, never passes here.

    Attributes:
        numbers: of the largest floating-point tensor, how many numbers it holds.
    """

    def __init__(self) -> None:
        super().__init__()
        self.numbers = 0

    def __torch_dispatch__(self, operator: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        answer = operator(*args, **(kwargs or {}))
        returns = operator._schema.returns
        if all(one.alias_info is None for one in returns):
            for tensor in tree_leaves(answer):
                if isinstance(tensor, Tensor) and tensor.device.type == "cpu" and tensor.is_floating_point():
                    self.numbers = max(self.numbers, tensor.numel())
        return answer


@contextlib.contextmanager
def forgiving() -> Iterator[None]:
    """Errors are forgiven, but for the one that says that nothing is written yet."""
    try:
        yield
    except NotImplementedError:
        raise
    except Exception:
        pass


def settings() -> tuple[str, str]:
    """The default dtype and the default device."""
    return str(torch.get_default_dtype()), str(torch.get_default_device())
