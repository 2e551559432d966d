"""Text files as a stream of whole lines, with the place of what is no text."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from labeling.errors import InputError


def text_blocks(pieces: Iterable[bytes], name: str) -> Iterator[tuple[int, str]]:
    """Give blocks of whole lines, each with the number (from 1) of its first line.

    Raises
    ------
    InputError
        A byte that is not of UTF-8, or NUL.
    """
    offset, line = 0, 1
    for block in _whole_lines(pieces):
        yield line, _decoded(block, offset, line, name)
        offset += len(block)
        line += block.count(b"\n")


def _whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut pieces anew, after the last end of a line in each."""
    kept: list[bytes] = []
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if end:
            yield b"".join([*kept, piece[:end]])
            kept = []
        kept.append(piece[end:])
    if any(kept):
        yield b"".join(kept)


def _decoded(block: bytes, offset: int, line: int, name: str) -> str:
    skipped = 0
    if offset == 0:
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise InputError(f"{name}: expected UTF-8, got UTF-16. Save the file as UTF-8.")
        skipped = len(codecs.BOM_UTF8) if block.startswith(codecs.BOM_UTF8) else 0

    def at(i: int) -> str:
        number = line + block.count(b"\n", 0, i)
        return f"{name}:{number} byte {offset + i}"

    nul = block.find(b"\0")
    if nul >= 0:
        raise InputError(f"{at(nul)}: expected text, got a NUL byte. Take it out.")
    try:
        return block[skipped:].decode("utf-8")
    except UnicodeDecodeError as error:
        start = error.start + skipped
        raise InputError(
            f"{at(start)}: expected UTF-8, got byte 0x{block[start]:02x}. Save the file as UTF-8."
        ) from None
