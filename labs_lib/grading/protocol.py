"""What crosses the wall between the grader and the code of a submission: data, in one format, of limited size.

A message is a length, a JSON header, and the raw bytes of the tensors that the header describes. Nothing in it is ever
executed or unpickled, and no memory is set aside before the size that it claims is known to be allowed.
"""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

LENGTH = struct.Struct("<I")
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


class ProtocolError(ValueError):
    """A message that no honest worker sends: too long, malformed, or not what was asked for."""


class Late(TimeoutError):
    """No whole message before the deadline."""


class Closed(ConnectionError):
    """The other side is gone."""


@dataclass
class Packed:
    """A value as JSON, with its tensors beside it."""

    body: Any
    tensors: list[Tensor] = field(default_factory=list)


def pack(value: Any, *, layouts: bool = False) -> Packed:
    """Take a value apart. TypeError for anything but numbers, text, tensors, and tuples, lists and dicts of these.

    Args:
        layouts: keep strides, so that a transposed tensor arrives transposed. Only the grader's side sends those.
    """
    packed = Packed(None)
    packed.body = _body(value, packed.tensors, layouts, 0)
    return packed


def _body(value: Any, tensors: list[Tensor], layouts: bool, depth: int) -> Any:
    if depth > DEPTH_AT_MOST:
        raise TypeError(f"what is nested more than {DEPTH_AT_MOST} deep cannot be sent")
    if type(value) is int and value.bit_length() > INT_BITS_AT_MOST:
        raise TypeError(f"an int of {value.bit_length()} bits cannot be sent")
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return {"float": value.hex()}
    if isinstance(value, (tuple, list)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_body(item, tensors, layouts, depth + 1) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[_body(part, tensors, layouts, depth + 1) for part in pair] for pair in value.items()]}
    if isinstance(value, torch.dtype) and str(value)[6:] in DTYPES:
        return {"dtype": str(value)[6:]}
    if isinstance(value, Tensor) and value.device.type == "cpu" and str(value.dtype)[6:] in DTYPES:
        return _tensor_body(value, tensors, layouts)
    raise TypeError(f"a {type(value).__name__} cannot be sent")


def _tensor_body(value: Tensor, tensors: list[Tensor], layouts: bool) -> Any:
    form: dict[str, Any] = {"dtype": str(value.dtype)[6:], "shape": list(value.shape), "grad": value.requires_grad}
    flat = value.detach()
    if layouts and not value.is_contiguous():
        form["stride"] = list(value.stride())
        flat = flat.as_strided((_span(value.shape, value.stride()),), (1,), value.storage_offset())
    tensors.append(flat.contiguous())
    return {"tensor": form}


def unpack(body: Any, data: memoryview, *, layouts: bool = False) -> Any:
    """Put a value together again. ProtocolError where the header and the bytes do not fit each other.

    Args:
        layouts: accept strides. Not from a worker: a stride of 0 turns one byte into a tensor of any size.
    """
    reader = _Reader(data, layouts)
    value = reader.value(body, 0)
    if reader.place != len(data):
        raise ProtocolError(f"{len(data) - reader.place} bytes belong to no tensor")
    return value


class _Reader:
    def __init__(self, data: memoryview, layouts: bool) -> None:
        self.data, self.layouts, self.place = data, layouts, 0

    def value(self, body: Any, depth: int) -> Any:
        if depth > DEPTH_AT_MOST:
            raise ProtocolError(f"nested more than {DEPTH_AT_MOST} deep")
        if body is None or type(body) in (bool, int, str):
            return body
        if not isinstance(body, dict) or len(body) != 1:
            raise ProtocolError(f"no value: {str(body)[:60]}")
        ((kind, inside),) = body.items()
        if kind == "float" and isinstance(inside, str):
            return _float(inside)
        if kind == "tuple" and isinstance(inside, list):
            return tuple(self.value(item, depth + 1) for item in inside)
        if kind == "list" and isinstance(inside, list):
            return [self.value(item, depth + 1) for item in inside]
        if kind == "dict" and isinstance(inside, list) and all(isinstance(p, list) and len(p) == 2 for p in inside):
            return {_key(self.value(key, depth + 1)): self.value(item, depth + 1) for key, item in inside}
        if kind == "dtype" and isinstance(inside, str) and inside in DTYPES:
            return DTYPES[inside]
        if kind == "tensor" and isinstance(inside, dict):
            return self.tensor(inside)
        raise ProtocolError(f"no value of kind {kind!r:.40}")

    def tensor(self, form: dict[str, Any]) -> Tensor:
        dtype = DTYPES.get(str(form.get("dtype")))
        shape: Any = form.get("shape")
        stride: Any = form.get("stride")
        fits = stride is None or (self.layouts and _sizes(stride) and len(stride) == len(shape or ()))
        if dtype is None or not _sizes(shape) or not fits:
            raise ProtocolError(f"no tensor: {str(form)[:60]}")
        count = math.prod(shape) if stride is None else _span(shape, stride)
        piece = self.data[self.place : self.place + count * dtype.itemsize]
        if len(piece) != count * dtype.itemsize:
            raise ProtocolError(f"a tensor of shape {str(shape)[:60]} has {len(piece)} bytes")
        self.place += len(piece)
        flat = torch.frombuffer(bytearray(piece), dtype=dtype) if piece else torch.empty(0, dtype=dtype)
        if dtype is torch.bool:
            flat = flat.view(torch.uint8) != 0  # a truth value of 2 would be neither true nor false
        value = flat.reshape(shape) if stride is None else flat.as_strided(shape, stride)
        return value.requires_grad_(form.get("grad") is True and dtype.is_floating_point)


def encode(value: Any, *, layouts: bool = False) -> bytes:
    """One message. TypeError for what cannot be sent, or is too large.

    Args:
        layouts: it goes from the grader to a worker.
    """
    packed = pack(value, layouts=layouts)
    parts = [bytes(tensor.flatten().view(torch.uint8).numpy()) if tensor.numel() else b"" for tensor in packed.tensors]
    data = b"".join(parts)
    header = json.dumps({"body": packed.body, "bytes": len(data)}).encode()
    if len(header) > HEADER_AT_MOST or len(data) > (QUESTION_AT_MOST if layouts else ANSWER_AT_MOST):
        raise TypeError(f"a value of {(len(header) + len(data)) / 2**20:.0f} MB cannot be sent")
    return LENGTH.pack(len(header)) + header + data


def send(sock: socket.socket, value: Any, *, layouts: bool = False) -> None:
    """Write one message."""
    sock.sendall(encode(value, layouts=layouts))


def receive(sock: socket.socket, deadline: float | None = None, *, layouts: bool = False) -> Any:
    """Read one message.

    Raises:
        Late: after ``deadline``, of ``time.monotonic``. Closed: at the end. ProtocolError: on nonsense.
    """
    (length,) = LENGTH.unpack(_exactly(sock, LENGTH.size, deadline))
    if length > HEADER_AT_MOST:
        raise ProtocolError(f"a header of {length} bytes")
    try:
        header = json.loads(bytes(_exactly(sock, length, deadline)))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"a header that is not JSON ({type(error).__name__})") from None
    size = header.get("bytes") if isinstance(header, dict) else None
    if type(size) is not int or not 0 <= size <= (QUESTION_AT_MOST if layouts else ANSWER_AT_MOST):
        raise ProtocolError(f"a message of {str(size)[:40]} bytes")
    return unpack(header.get("body"), memoryview(_exactly(sock, size, deadline)), layouts=layouts)


def _exactly(sock: socket.socket, count: int, deadline: float | None) -> bytearray:
    buffer = bytearray()  # grows with what has come, not with what was promised
    while len(buffer) < count:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Late("no answer in time")
            sock.settimeout(left)
        try:
            piece = sock.recv(min(count - len(buffer), 2**20))
        except TimeoutError:
            raise Late("no answer in time") from None
        except OSError as error:
            raise Closed(str(error)) from None
        if not piece:
            raise Closed("the other side is gone")
        buffer += piece
    return buffer


def _span(shape: Any, stride: Any) -> int:
    """Elements between the first and the last one that a layout touches, both included."""
    if 0 in shape:
        return 0
    return 1 + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))


def _sizes(sizes: Any) -> bool:
    whole = isinstance(sizes, list) and len(sizes) <= 16 and all(type(n) is int and n >= 0 for n in sizes)
    return whole and math.prod(max(n, 1) for n in sizes) <= ELEMENTS_AT_MOST


def _float(text: str) -> float:
    try:
        return float.fromhex(text)
    except (ValueError, OverflowError):
        raise ProtocolError(f"no number: {text[:40]!r}") from None


def _key(key: Any) -> Any:
    if type(key) not in (str, int, bool):
        raise ProtocolError("a key that is neither text nor a number")
    return key
