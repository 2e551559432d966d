"""Which calls left this process: noted right before they do, in memory that outlives a kill."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from labeling.types import digest_of

MEMORY = Path("/dev/shm")
"""Files in the machine's memory, which a process leaves behind and the machine does not; Linux has it."""


def notes_of(database: Path | None) -> Path | None:
    """Give the file for the calls of a database; None where there is no memory to share, or no file."""
    if database is None or not MEMORY.is_dir():
        return None
    return MEMORY / f"quorum-{os.getuid()}-{digest_of('calls', str(database.resolve()))[:16]}"


class Departures:
    """Notes the ids of calls as they leave; a context, after which all calls are settled and no note is kept.

    A disk would take as long for a note as a call. So notes are gone after a crash of the machine, and
    nobody knows what left.

    Parameters
    ----------
    path : Path or None
        The file, written anew; None notes nothing.
    first : int
        The first id that this process may give to a call.
    """

    def __init__(self, path: Path | None, first: int) -> None:
        self._path, self._file = path, -1
        if path is not None:
            path.unlink(missing_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            os.write(self._file, b"%d\n" % first)

    def note(self, call: int) -> None:
        """Note that a call leaves now."""
        if self._file >= 0:
            os.write(self._file, b"%d\n" % call)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is not None:
            os.close(self._file)
            self._path.unlink(missing_ok=True)


def stayed(path: Path | None, calls: list[int]) -> list[int]:
    """Give those of some intended calls that are known never to have left the process that ended.

    None are known where there are no notes, or somebody else's, or where the calls are older than the process
    that took them.
    """
    try:
        if path is None or path.lstat().st_uid != os.getuid():
            return []
        first, *left = map(int, path.read_text("ascii").split())
    except (OSError, ValueError):
        return []
    return [call for call in calls if call >= first and call not in set(left)]
