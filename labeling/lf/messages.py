"""Messages between processes: a JSON header and bytes, each with its length before it."""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO, NamedTuple

LENGTHS = struct.Struct(">QQ")


class Message(NamedTuple):
    """What one process tells another."""

    header: dict[str, Any]
    body: bytes | memoryview = b""


def write_message(file: BinaryIO, message: Message) -> None:
    """Write a message and see it off."""
    header = json.dumps(message.header).encode()
    file.write(LENGTHS.pack(len(header), len(message.body)))
    file.write(header)
    file.write(message.body)
    file.flush()


def read_message(file: BinaryIO) -> Message | None:
    """Read a message; None where the other side has ended, within a message or before one."""
    lengths = file.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    header_size, body_size = LENGTHS.unpack(lengths)
    header, body = file.read(header_size), file.read(body_size)
    if len(header) + len(body) < header_size + body_size:
        return None
    return Message(json.loads(header), body)
