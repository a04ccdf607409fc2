"""The one format that crosses the wall: what is sent arrives, and nothing else is taken."""

from __future__ import annotations

import contextlib
import json
import math
import pickle
import random
import socket
import threading
import time

import pytest
import torch

from labs_lib.grading import protocol
from labs_lib.grading.protocol import Closed, Late, ProtocolError

BASE = torch.arange(24.0).reshape(4, 6)


def message(header, data=b"", size=None):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return protocol.LENGTHS.pack(len(header), len(data) if size is None else size) + header + data


def received(data, **options):
    """The value that the other side makes of some bytes and the end of the stream."""
    ours, theirs = socket.socketpair()
    with theirs:
        sender = threading.Thread(target=_send, args=(ours, data))
        sender.start()
        try:
            return protocol.receive(theirs, time.monotonic() + 10, **options)["value"]
        finally:
            theirs.close()
            sender.join()


def _send(sock, data):
    with sock, contextlib.suppress(OSError):  # the reader may have had enough
        sock.sendall(data)


def same(one, other):
    """The same value in the same form, NaN and the sign of zero included."""
    if isinstance(one, torch.Tensor):
        bits = [tensor.detach().contiguous().flatten().view(torch.uint8) for tensor in (one, other)]
        return (one.dtype, one.shape, one.requires_grad) == (other.dtype, other.shape, other.requires_grad) and (
            torch.equal(*bits)
        )
    if isinstance(one, (tuple, list)):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, float):
        return type(other) is float and one.hex() == other.hex()
    return type(one) is type(other) and one == other


VALUES = {
    "none": None,
    "truth": (True, False),
    "ints": (0, -1, 2**80, -(2**4000)),
    "floats": (0.0, -0.0, 0.1, math.inf, -math.inf, math.nan, 5e-324, 1.7976931348623157e308),
    "text": ("", "é\u2028\0", "\udcff", "\U0001f600"),
    "nested": ((), [], {}, ((1, [2.0, {"a": (None,)}]),), {1: "one", False: 2, "x": [{}]}),
    "a dtype": torch.bfloat16,
    "no elements": (torch.empty(0), torch.empty(3, 0, 2, dtype=torch.int8)),
    "no dimension": torch.tensor(3.5, dtype=torch.float64),
    "not a number": torch.tensor([math.nan, -0.0, math.inf]),
    "follows gradients": torch.ones(2, requires_grad=True),
    "many tensors": tuple(torch.full((size,), size) for size in range(20)),
    "complex": torch.tensor([1 + 2j]),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_what_is_sent_arrives(value):
    assert same(received(protocol.encode(value)), value)


@pytest.mark.parametrize("dtype", protocol.DTYPES.values(), ids=str)
def test_every_dtype_arrives_to_the_bit(dtype):
    values = torch.tensor([0, 1, 1, 0, 1]).to(dtype)
    assert same(received(protocol.encode(values)), values)


LAYOUTS = {
    "transposed": BASE.T,
    "every second column": BASE[:, ::2],
    "a piece": BASE[1:3, 2:4],
    "expanded": BASE[:, :1].expand(4, 5),
    "one value, shown often": torch.tensor(7.0).expand(3, 3),
    "permuted": torch.arange(24).reshape(2, 3, 4).permute(2, 0, 1),
    "backwards in memory": BASE.T[1:, 1:],
    "contiguous": BASE[2:],
}


@pytest.mark.parametrize("value", LAYOUTS.values(), ids=LAYOUTS)
def test_the_graders_side_sends_layouts(value):
    got = received(protocol.encode(value, layouts=True), layouts=True)
    assert torch.equal(got, value)
    assert got.stride() == value.stride()


@pytest.mark.parametrize("value", LAYOUTS.values(), ids=LAYOUTS)
def test_a_worker_sends_values_only(value):
    got = received(protocol.encode(value))
    assert torch.equal(got, value)
    assert got.is_contiguous()


def test_a_tensor_of_ours_can_be_written_to():
    got = received(protocol.encode((torch.ones(3), torch.ones(3))))
    got[0].add_(1)
    assert got[1].tolist() == [1, 1, 1]


def test_a_shape_arrives_as_a_tuple():
    assert received(protocol.encode(BASE.shape)) == (4, 6)


def deep(depth):
    value = 0
    for _ in range(depth):
        value = [value]
    return value


UNFIT = {
    "an object": object(),
    "a function": print,
    "bytes": b"data",
    "a set": {1},
    "a complex number": 1j,
    "a tensor elsewhere": torch.empty(2, device="meta"),
    "an int of 5,000 bits": 2**5000,
    "32 lists deep": deep(32),
    "more than 1 MB of tensors": torch.zeros(2**20 + 1, dtype=torch.int8),
    "more than 4 MB of text": 2**22 * "a",
    "inside": {"a": [object()]},
}


@pytest.mark.parametrize("value", UNFIT.values(), ids=UNFIT)
def test_what_cannot_be_sent_is_said_so(value):
    with pytest.raises(TypeError, match="cannot be sent"):
        protocol.encode(value)


def body(inside, data=b""):
    return message({"value": inside}, data)


def tensor(shape, dtype="float32", data=b"", stride=()):
    return body({"tensor": [dtype, shape, False, *stride]}, data)


MALFORMED = {
    "a header of 4 GB": protocol.LENGTHS.pack(2**32 - 1, 0),
    "a header that is too long": protocol.LENGTHS.pack(protocol.HEADER_AT_MOST + 1, 0),
    "tensors of 4 GB": protocol.LENGTHS.pack(2, 2**32 - 1),
    "tensors that are too large": protocol.LENGTHS.pack(2, protocol.ANSWER_AT_MOST + 1),
    "no JSON": message(b"\xff\x00"),
    "an empty header": message(b""),
    "a pickle": message(pickle.dumps([print])),
    "brackets": message(1_000_000 * b"["),
    "an int of 5,000 digits": message(b'{"value": ' + 5000 * b"9" + b"}"),
    "an int of 5,000 digits beside the value": message(b'{"number": ' + 5000 * b"9" + b"}"),
    "a list": message([1]),
    "text": message('"passed"'),
    "bytes of no tensor": message({"value": None}, b"abc"),
    "an object of nothing": body({}),
    "two kinds": body({"tuple": [], "list": []}),
    "an unknown kind": body({"object": []}),
    "a tuple of no list": body({"tuple": 5}),
    "a float by name": body({"float": "0x1p0"}),
    "a dict of no pairs": body({"dict": [[1]]}),
    "a key that is a list": body({"dict": [[{"list": []}, 1]]}),
    "a key that is a tensor": body({"dict": [[{"tensor": ["int8", [], False]}, 1]]}, b"x"),
    "a dtype that is none": body({"dtype": "float33"}),
    "nested too deeply": body(json.loads(32 * '{"list":[' + "0" + 32 * "]}")),
    "a tensor of an unknown dtype": tensor([1], "object", b"12345678"),
    "a tensor without a shape": body({"tensor": ["int8"]}, b"x"),
    "a tensor by name": body({"tensor": {"dtype": "int8", "shape": [1]}}, b"x"),
    "a tensor of too much": body({"tensor": ["int8", [1], False, None, None]}, b"x"),
    "a shape of text": tensor(["1"], "int8", b"x"),
    "a shape of truth": tensor([True], "int8", b"x"),
    "a shape of fractions": tensor([1.0], "int8", b"x"),
    "a shape below zero": tensor([-1], "int8", b"x"),
    "17 dimensions": tensor([1] * 17, "int8", b"x"),
    "fewer bytes than the shape": tensor([2], "float32", b"1234567"),
    "more bytes than the shape": tensor([1], "float32", b"12345678"),
    "a shape of 2**78": tensor([2**39, 2**39]),
    "an empty shape of 2**78": tensor([0, 2**39, 2**39]),
    "an empty shape of 2**700": tensor([0, 2**700]),
    "strides of a worker": tensor([1000], "int8", b"x", stride=[[0]]),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_is_refused(data):
    with pytest.raises(ProtocolError):
        received(data)


def test_a_truth_value_is_one_of_two():
    got = received(tensor([4], "bool", bytes([0, 1, 2, 255])))
    assert got.view(torch.uint8).tolist() == [0, 1, 1, 1]


def test_a_question_may_be_larger_than_an_answer():
    value = torch.zeros(2**20 * 4, dtype=torch.int8)
    data = protocol.encode(value, layouts=True)
    assert torch.equal(received(data, layouts=True), value)
    with pytest.raises(ProtocolError, match=r"a message of \d+ and 4194304 bytes"):
        received(data)


def test_half_a_message_ends_with_the_stream():
    whole = protocol.encode(BASE)
    for end in (0, 2, 4, 20, len(whole) - 1):
        with pytest.raises(Closed):
            received(whole[:end])


def test_a_message_that_does_not_come_is_late():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with pytest.raises(Late):
            protocol.receive(theirs, time.monotonic() + 0.01)
        ours.sendall(protocol.encode(BASE)[:30])
        with pytest.raises(Late):
            protocol.receive(theirs, time.monotonic() + 0.01)
        with pytest.raises(Late):
            protocol.receive(theirs, time.monotonic() - 1)


def test_messages_follow_each_other():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for value in VALUES.values():
            protocol.send(ours, value)
        for value in VALUES.values():
            assert same(protocol.receive(theirs)["value"], value)


def test_plain_fields_stand_beside_the_value():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        protocol.send(ours, BASE, number=3, names=("q", "scale"), said=None, deep={"a": [0.1, True]})
        got = protocol.receive(theirs)
    assert torch.equal(got.pop("value"), BASE)
    assert got == {"number": 3, "names": ["q", "scale"], "said": None, "deep": {"a": [0.1, True]}}


def test_a_message_without_a_value_has_none():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        protocol.send(ours, kind="stop")
        assert protocol.receive(theirs) == {"kind": "stop", "value": None}


def anything(dice, depth=0):
    """A value of any kind, made with a random generator."""
    kind = dice.randrange(9 if depth < 4 else 6)
    if kind == 0:
        return dice.choice([None, True, False, torch.int8])
    if kind == 1:
        return dice.randint(-(2**70), 2**70)
    if kind == 2:
        return dice.choice([dice.uniform(-1e3, 1e3), math.inf, -0.0])
    if kind == 3:
        return "".join(chr(dice.choice([0, 65, 233, 0xDC80, 0x1F600])) for _ in range(dice.randrange(5)))
    if kind in (4, 5):
        shape = [dice.randrange(4) for _ in range(dice.randrange(4))]
        dtype = dice.choice(list(protocol.DTYPES.values()))
        return torch.randint(0, 2, shape, generator=torch.Generator().manual_seed(dice.randrange(99))).to(dtype)
    items = [anything(dice, depth + 1) for _ in range(dice.randrange(4))]
    return [tuple(items), items, {str(key): item for key, item in enumerate(items)}][kind - 6]


def test_any_value_arrives():
    dice = random.Random(7)
    for _ in range(300):
        value = anything(dice)
        assert same(received(protocol.encode(value, layouts=True), layouts=True), value)


def test_a_damaged_message_is_a_value_or_an_error_of_the_protocol():
    """Bytes exchanged, inserted, removed: never another exception, never more memory than the message's own."""
    dice = random.Random(8)
    for _ in range(1500):
        data = bytearray(protocol.encode(anything(dice)))
        for _ in range(dice.randrange(1, 4)):
            place = dice.randrange(len(data))
            data[place : place + dice.randrange(3)] = dice.randbytes(dice.randrange(3)) or b"9"
        with contextlib.suppress(ProtocolError, Closed):
            received(bytes(data))
