"""The bundled text: six novels by Jane Austen, 4 million characters, public domain (see ``files/ORIGIN.md``)."""

from __future__ import annotations

import functools
import lzma
import re
from pathlib import Path

FILE = Path(__file__).with_name("files") / "austen.txt.xz"
BLOCK = 50_000  # characters; one block in twenty is kept for validation
HELD_OUT = 10  # its place among the twenty


@functools.cache
def novels() -> str:
    """The whole text, one paragraph a line: the line breaks inside a paragraph say nothing about language."""
    raw = lzma.decompress(FILE.read_bytes()).decode("utf-8")
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", raw))
    return "\n".join(paragraph for paragraph in paragraphs if paragraph)


def training_text() -> str:
    """Nineteen blocks of every twenty."""
    return "".join(block for number, block in enumerate(_blocks()) if number % 20 != HELD_OUT)


def validation_text() -> str:
    """The blocks that no checkpoint of tiny-lm has seen: about 200,000 characters from several novels."""
    return "".join(block for number, block in enumerate(_blocks()) if number % 20 == HELD_OUT)


@functools.cache
def _blocks() -> list[str]:
    """The text in pieces of about ``BLOCK`` characters that end where a paragraph ends."""
    blocks, start = [], 0
    text = novels()
    while start < len(text):
        end = text.find("\n", start + BLOCK) + 1 or len(text)
        blocks.append(text[start:end])
        start = end
    return blocks
