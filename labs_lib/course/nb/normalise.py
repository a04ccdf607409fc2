"""The one form in which a notebook is stored: the same cells and outputs always give the same bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

LIVE_WIDGETS = ("application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json")
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}
KEPT_METADATA = ("labs", "title", "authors")  # of a notebook, beside those above
DROPPED_METADATA = ("ExecuteTime", "collapsed", "editable", "execution", "scrolled", "trusted")  # of cells
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_TEXT = (b"tEXt", b"zTXt", b"iTXt", b"tIME")  # matplotlib writes its version there


def normalised(text: str) -> str:
    """The stored form of a notebook's text."""
    return dumps(loads(text))


def load(path: Path) -> NotebookNode:
    """Read a notebook's file; see ``loads``."""
    return loads(path.read_text(encoding="utf-8"))


def loads(text: str) -> NotebookNode:
    """Read a notebook of format 4. A cell without an id of its own gets one, made from its source."""
    raw = json.loads(text)
    if not isinstance(raw, dict) or raw.get("nbformat") != 4 or "cells" not in raw:
        raise ValueError("not a notebook of format 4")
    raw["nbformat_minor"] = 5
    taken: set[str] = set()
    for cell in raw["cells"]:
        if not cell.get("id") or cell["id"] in taken:
            cell["id"] = _new_id(cell, taken)
        taken.add(cell["id"])
    return nbformat.reads(json.dumps(raw), as_version=4)


def dumps(book: NotebookNode) -> str:
    """The stored form of a notebook: the text of the file, one newline at its end."""
    book = nbformat.from_dict(book)  # a copy: the caller's notebook stays as it is
    kept = {name: book.metadata[name] for name in KEPT_METADATA if name in book.metadata}
    book.metadata = nbformat.from_dict({**kept, **NOTEBOOK_METADATA})
    for cell in book.cells:
        for name in DROPPED_METADATA:
            cell.metadata.pop(name, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if cell.cell_type == "code":
            cell.outputs = _merged([_output(output) for output in cell.outputs])
    nbformat.validate(book)
    return nbformat.writes(book, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def forget_outputs(book: NotebookNode) -> None:
    """Take out, in place, whatever a run has left."""
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _new_id(cell: dict[str, Any], taken: set[str]) -> str:
    source = "".join(cell["source"])
    attempt = 0
    while True:
        digest = hashlib.sha256(f"{cell['cell_type']}\n{source}\n{attempt}".encode()).hexdigest()[:8]
        if digest not in taken:
            return digest
        attempt += 1


def _output(output: NotebookNode) -> NotebookNode:
    for kind in LIVE_WIDGETS:  # their model ids are random, and without a kernel they are a blank
        output.get("data", {}).pop(kind, None)
    picture = output.get("data", {}).get("image/png")
    if picture is not None:
        output.data["image/png"] = _plain_png(picture)
    return output


def _merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join what one stream wrote in several pieces: where they are cut is a matter of timing."""
    merged: list[NotebookNode] = []
    for output in outputs:
        stream = output.get("name")  # only streams have one
        if merged and stream is not None and merged[-1].get("name") == stream:
            merged[-1].text += output.text
        else:
            merged.append(output)
    return merged


def _plain_png(encoded: str) -> str:
    """A PNG in base64 without its text chunks: a new version of matplotlib by itself changes nothing."""
    try:
        data = base64.b64decode(encoded)
    except binascii.Error:
        return encoded
    if not data.startswith(PNG_SIGNATURE):
        return encoded
    kept, position = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while position < len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        chunk = data[position : position + length + 12]  # length, name, content, checksum
        if chunk[4:8] not in PNG_TEXT:
            kept.append(chunk)
        position += length + 12
    return base64.b64encode(b"".join(kept)).decode("ascii")
