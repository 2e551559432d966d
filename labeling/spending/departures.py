"""Which calls left this process: noted right before they do, in a file that outlives a kill."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

BOOT = Path("/proc/sys/kernel/random/boot_id")
"""A text that is another one after each start of the machine; Linux has it."""


class Departures:
    """Notes the ids of calls as they leave; a context, which closes the file.

    A note is in the memory of the machine, not on its disk: flushing it would take as long as a call. So it
    outlives the process, and after a crash of the machine nobody knows.

    Parameters
    ----------
    path : Path or None
        The file, written anew; None notes nothing.
    first : int
        The first id that this process may give to a call.
    """

    def __init__(self, path: Path | None, first: int) -> None:
        self._file = -1
        if path is not None:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
            os.write(self._file, f"{_boot()} {first}\n".encode())

    def note(self, call: int) -> None:
        """Note that a call leaves now."""
        if self._file >= 0:
            os.write(self._file, b"%d\n" % call)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file >= 0:
            os.close(self._file)


def stayed(path: Path | None, calls: list[int]) -> list[int]:
    """Give those of some intended calls that are known never to have left the process that ended.

    None are known where there is no file, where it is of another start of the machine, or where the calls are
    older than the process that wrote it.
    """
    try:
        head, _, notes = path.read_text("ascii").partition("\n") if path else ("", "", "")
        boot, first = head.rsplit(" ", 1)
        left = {int(note) for note in notes.split()}
        return [call for call in calls if call >= int(first) and call not in left] if boot == _boot() else []
    except (OSError, ValueError):
        return []


def _boot() -> str:
    """Give the text of this start of the machine; one that no file has where nobody tells."""
    try:
        return BOOT.read_text("ascii").strip()
    except OSError:
        return f"unknown to {os.getpid()}"
