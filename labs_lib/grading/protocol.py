"""What crosses the wall between the grader and the code of a submission: data, in one format, of limited size.

A message is two lengths, a JSON header, and the raw bytes of the tensors that the header describes. Nothing in it is
ever executed or unpickled, and no memory is set aside before the size that it claims is known to be allowed. The header
is an object: plain JSON, and under ``value`` the form of a value that may hold tensors.
"""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from typing import Any

import torch
from torch import Tensor

LENGTHS = struct.Struct("<II")  # of the header and of the tensors, in bytes
HEADER_AT_MOST = 4 * 2**20  # bytes
QUESTION_AT_MOST = 16 * 2**20  # bytes of all tensors of a message that the grader sends
ANSWER_AT_MOST = 2**20  # of one that it receives: a law that takes an answer apart needs a thousand times its memory
DEPTH_AT_MOST = 30
INT_BITS_AT_MOST = 4096  # Python takes quadratic time to print or read an int, and refuses the longest
ELEMENTS_AT_MOST = 2**40  # the sizes of an empty tensor may be large too
DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex64, torch.complex128),
        *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.uint32, torch.bool),
    )
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
AS_IT_IS = frozenset({type(None), bool, float, str})


class ProtocolError(ValueError):
    """A message that no honest worker sends: too long, malformed, or not what was asked for."""


class Late(TimeoutError):
    """No whole message before the deadline."""


class Closed(ConnectionError):
    """The other side is gone."""


def encode(value: Any = None, *, layouts: bool = False, **plain: Any) -> bytes:
    """One message. TypeError for what cannot be sent, or is too large.

    Args:
        value: numbers, text, dtypes, tensors, and tuples, lists and dicts of these.
        layouts: keep strides, so that a transposed tensor arrives transposed; and allow for the size of a question.
            Only the grader's side does that.
        plain: what JSON can hold as it is; a tuple arrives as a list.
    """
    tensors: list[Tensor] = []
    header = json.dumps({**plain, "value": _form(value, tensors, layouts, 0)}).encode()
    size = sum(tensor.nbytes for tensor in tensors)
    if len(header) > HEADER_AT_MOST or size > (QUESTION_AT_MOST if layouts else ANSWER_AT_MOST):
        raise TypeError(f"a value of {(len(header) + size) / 2**20:.0f} MB cannot be sent")
    return b"".join([LENGTHS.pack(len(header), size), header, *map(_bytes, tensors)])


def send(sock: socket.socket, value: Any = None, **plain: Any) -> None:
    """Write one message."""
    sock.sendall(encode(value, **plain))


def receive(sock: socket.socket, deadline: float | None = None, *, layouts: bool = False) -> dict[str, Any]:
    """Read one message: what ``encode`` was given, ``value`` among the rest.

    Args:
        layouts: accept strides, and the size of a question. Not from a worker: a stride of 0 turns one byte into a
            tensor of any size.

    Raises:
        Late: after ``deadline``, of ``time.monotonic``. Closed: at the end. ProtocolError: on nonsense.
    """
    length, size = LENGTHS.unpack(_exactly(sock, LENGTHS.size, deadline))
    if length > HEADER_AT_MOST or size > (QUESTION_AT_MOST if layouts else ANSWER_AT_MOST):
        raise ProtocolError(f"a message of {length} and {size} bytes")
    whole = _exactly(sock, length + size, deadline)
    try:
        header = json.loads(whole[:length])
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"a header that is not JSON ({type(error).__name__})") from None
    if type(header) is not dict:
        raise ProtocolError("a header that is no object")
    reader = _Reader(whole, length, layouts)
    header["value"] = reader.value(header.get("value"), 0)
    if reader.place != len(whole):
        raise ProtocolError(f"{len(whole) - reader.place} bytes belong to no tensor")
    return header


def _form(value: Any, tensors: list[Tensor], layouts: bool, depth: int) -> Any:
    """A value as JSON; its tensors are put beside it. A tuple is a JSON array, all else that JSON lacks has a name."""
    kind = type(value)
    if kind in AS_IT_IS:
        return value
    if kind is int:
        if value.bit_length() > INT_BITS_AT_MOST:
            raise TypeError(f"an int of {value.bit_length()} bits cannot be sent")
        return value
    if depth > DEPTH_AT_MOST:
        raise TypeError(f"what is nested more than {DEPTH_AT_MOST} deep cannot be sent")
    if isinstance(value, Tensor) and value.device.type == "cpu" and value.dtype in NAMES:
        return {"tensor": _tensor_form(value, tensors, layouts)}
    if isinstance(value, tuple):
        return [_form(item, tensors, layouts, depth + 1) for item in value]
    if isinstance(value, list):
        return {"list": [_form(item, tensors, layouts, depth + 1) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[_form(part, tensors, layouts, depth + 1) for part in pair] for pair in value.items()]}
    if isinstance(value, torch.dtype) and value in NAMES:
        return {"dtype": NAMES[value]}
    raise TypeError(f"a {kind.__name__} cannot be sent")


def _tensor_form(value: Tensor, tensors: list[Tensor], layouts: bool) -> list[Any]:
    """Dtype, shape, whether it follows gradients, and the strides where they are kept."""
    form = [NAMES[value.dtype], value.shape, value.requires_grad]
    flat = value.detach()
    if layouts and not value.is_contiguous():
        form.append(value.stride())
        flat = flat.as_strided((_span(value.shape, value.stride()),), (1,), value.storage_offset())
    tensors.append(flat)
    return form


def _bytes(tensor: Tensor) -> bytes:
    """Its elements, in the order of its shape. numpy has no bfloat16."""
    return (tensor.view(torch.int16) if tensor.dtype is torch.bfloat16 else tensor).numpy().tobytes()


class _Reader:
    """Puts a value together again. ProtocolError where the form and the bytes do not fit each other."""

    def __init__(self, whole: bytes, place: int, layouts: bool) -> None:
        self.whole, self.place, self.layouts = whole, place, layouts

    def value(self, form: Any, depth: int) -> Any:
        if type(form) in AS_IT_IS or type(form) is int:
            return form
        if depth > DEPTH_AT_MOST:
            raise ProtocolError(f"nested more than {DEPTH_AT_MOST} deep")
        if type(form) is list:
            return tuple([self.value(item, depth + 1) for item in form])
        if len(form) != 1:
            raise ProtocolError(f"no value: {str(form)[:60]}")
        ((kind, inside),) = form.items()
        if kind == "tensor" and type(inside) is list and len(inside) in (3, 4):
            return self.tensor(*inside)
        if kind == "list" and type(inside) is list:
            return [self.value(item, depth + 1) for item in inside]
        if kind == "dict" and type(inside) is list and all(type(pair) is list and len(pair) == 2 for pair in inside):
            return {_key(self.value(key, depth + 1)): self.value(item, depth + 1) for key, item in inside}
        if kind == "dtype" and type(inside) is str and inside in DTYPES:
            return DTYPES[inside]
        raise ProtocolError(f"no value of kind {kind!r:.40}")

    def tensor(self, name: Any, shape: Any, grad: Any, stride: Any = None) -> Tensor:
        dtype = DTYPES.get(str(name))
        fits = stride is None or (self.layouts and _sizes(stride) and len(stride) == len(shape or ()))
        if dtype is None or not _sizes(shape) or not fits:
            raise ProtocolError(f"no tensor: {str((name, shape, stride))[:60]}")
        count = math.prod(shape) if stride is None else _span(shape, stride)
        piece = self.whole[self.place : self.place + count * dtype.itemsize]
        if len(piece) != count * dtype.itemsize:
            raise ProtocolError(f"a tensor of shape {str(shape)[:60]} has {len(piece)} bytes")
        self.place += len(piece)
        flat = torch.frombuffer(bytearray(piece), dtype=dtype) if piece else torch.empty(0, dtype=dtype)
        if dtype is torch.bool:
            flat = flat.view(torch.uint8) != 0  # a truth value of 2 would be neither true nor false
        value = flat.reshape(shape) if stride is None else flat.as_strided(shape, stride)
        return value.requires_grad_() if grad is True and dtype.is_floating_point else value


def _exactly(sock: socket.socket, count: int, deadline: float | None) -> bytes:
    pieces: list[bytes] = []  # they grow with what has come, not with what was promised
    while count:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Late("no answer in time")
            sock.settimeout(left)
        try:
            piece = sock.recv(min(count, 2**20))
        except TimeoutError:
            raise Late("no answer in time") from None
        except OSError as error:
            raise Closed(str(error)) from None
        if not piece:
            raise Closed("the other side is gone")
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def _span(shape: Any, stride: Any) -> int:
    """Elements between the first and the last one that a layout touches, both included."""
    if 0 in shape:
        return 0
    return 1 + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))


def _sizes(sizes: Any) -> bool:
    whole = isinstance(sizes, list) and len(sizes) <= 16 and all(type(n) is int and n >= 0 for n in sizes)
    return whole and math.prod(max(n, 1) for n in sizes) <= ELEMENTS_AT_MOST


def _key(key: Any) -> Any:
    if type(key) not in (str, int, bool):
        raise ProtocolError("a key that is neither text nor a number")
    return key
