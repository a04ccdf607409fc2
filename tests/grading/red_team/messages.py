"""Attacks on the protocol, from inside: the socket is found and used behind the worker's back."""

from __future__ import annotations

from . import Hostile

SOCKET = """
import gc, json, os, pickle, socket, struct, threading, time
from labs_lib.grading import protocol

sock = next(one for one in gc.get_objects() if type(one) is socket.socket and one.fileno() > 2)

def message(header, data=b"", size=None):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<II", len(header), len(data) if size is None else size) + header + data

FACTS = {"raised": None, "changed": [], "tracked": False, "printed": ""}

def reply(number, value=(0, 0)):
    return protocol.encode(value, number=number, **FACTS)

def forged(value, data=b"", size=None, **more):
    return message({"number": 1, **FACTS, "value": value, **more}, data, size)
"""


def sends(name: str, why: str, message: str) -> Hostile:
    """Sends this in place of an answer."""
    return Hostile(name, "crashed", why, SOCKET, body=f"sock.sendall({message})\nos._exit(0)")


CASES = (
    sends("nonsense", "the length it begins with is too large", "10_000 * b'x'"),
    sends("a header of 4 GB", "4 MB at most", "struct.pack('<II', 2**32 - 1, 0)"),
    sends("a header that is no JSON", "it is refused", "message(b'passed')"),
    sends("brackets without end", "it is refused", "message(1_000_000 * b'[')"),
    sends("a pickle", "nothing is unpickled", "message(pickle.dumps(eval))"),
    sends("a claim of 4 GB", "it is refused before anything is set aside", "forged(0, size=2**32 - 1)"),
    sends("bytes of no tensor", "they are refused", "forged([0, 0], b'more')"),
    sends(
        "a tensor without its bytes",
        "the bytes do not fit its shape",
        "forged({'tensor': ['float32', [2**39, 2**39], False]})",
    ),
    sends(
        "one byte shown a billion times",
        "a worker may send no strides",
        "forged({'tensor': ['int8', [2**30], False, [0]]}, b'x')",
    ),
    sends("a passed exercise", "only replies are read", "message({'state': 'passed', 'points': 5, 'value': None})"),
    sends("a reply that is no object", "it is refused", "message('passed')"),
    sends("changed arguments by number", "names are asked for", "forged([0, 0], changed=[1])"),
    sends("an exception without a kind", "it is refused", "forged(None, raised={'kinds': []})"),
    sends("half an answer", "it is waited for, and does not come", "reply(1)[:-3]"),
    Hostile(
        "replies in advance",
        "failed",
        "forged replies must be right too",
        SOCKET,
        body="sock.sendall(b''.join(map(reply, range(1, 200))))\ntime.sleep(30)",
    ),
    Hostile(
        "two answers",
        "crashed",
        "an answer has the number of its question",
        SOCKET,
        body="sock.sendall(reply(1))\nreturn 0, 0",
    ),
    Hostile(
        "an answer to another question",
        "crashed",
        "an answer has its number",
        SOCKET,
        body="sock.sendall(reply(10**6))\nreturn 0, 0",
    ),
    Hostile(
        "a thread that talks",
        "crashed",
        "what it says is in the way",
        SOCKET
        + "\nthreading.Thread(target=lambda: [sock.sendall(reply(7)) for _ in range(10_000)], daemon=True).start()",
    ),
    Hostile(
        "an answer after the deadline",
        "timeout",
        "nobody listens any more",
        SOCKET,
        body="time.sleep(6)\nreturn _right(bits, signed)",
        patient=True,
    ),
    Hostile(
        "an answer in drops",
        "timeout",
        "the deadline is for the whole",
        SOCKET,
        body="for byte in reply(1):\n    sock.sendall(bytes([byte]))\n    time.sleep(0.05)",
        patient=True,
    ),
    Hostile("a closed socket", "crashed", "no answer is no pass", SOCKET, body="sock.close()"),
    Hostile(
        "another file in the socket's place",
        "crashed",
        "no answer is no pass",
        SOCKET,
        body="os.dup2(0, sock.fileno())",
    ),
)
