"""The file of a backup: a tar of a table of contents, a SQLite database and the artifacts."""

from __future__ import annotations

import hashlib
import json
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from labeling.errors import InputError
from labeling.store import ManifestEntry

FORMAT = 1
ABOUT, STATE, ARTIFACTS = "backup.json", "state.db", "artifacts/"


@dataclass(frozen=True)
class About:
    """What a backup says of itself.

    Attributes
    ----------
    project : str
    written_at : str
        ISO 8601 in UTC.
    state : str
        ``state_digest`` of the database.
    database : str
        SHA-256 of the database's file.
    rows : int
        Rows of all tables.
    artifacts : tuple of mapping
        Entries of the manifest.
    format : int
    """

    project: str
    written_at: str
    state: str
    database: str
    rows: int
    artifacts: tuple[dict[str, Any], ...]
    format: int = FORMAT

    @property
    def entries(self) -> list[ManifestEntry]:
        """The entries of the manifest, one for each file."""
        return list({entry["path"]: ManifestEntry(**entry) for entry in self.artifacts}.values())

    def to_json(self) -> bytes:
        """Write it down."""
        return json.dumps(asdict(self)).encode()


def file_digest(path: Path) -> str:
    """Give the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_backup(file: Path) -> tuple[tarfile.TarFile, About]:
    """Open a backup and read what it says of itself.

    Raises
    ------
    InputError
        The file is missing, is no backup, is cut off, or is of a later format.
    """
    try:
        tar = tarfile.open(file)  # noqa: SIM115
    except (OSError, tarfile.TarError) as error:
        raise InputError(
            f"{file}: cannot be read as a backup: {error}. Name a file of `quorum backup`."
        ) from None
    try:
        with member(tar, ABOUT) as found:
            told = json.loads(found.read())
        if told["format"] > FORMAT:
            raise InputError(
                f"{file}: is of format {told['format']}. Install the newer Quorum that wrote it."
            )
        return tar, About(**told | {"artifacts": tuple(told["artifacts"])})
    except (KeyError, TypeError, ValueError, tarfile.TarError, EOFError, OSError) as error:
        tar.close()
        raise InputError(f"{file}: is no whole backup ({error}). Name a file of `quorum backup`.") from None
    except InputError:
        tar.close()
        raise


def member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    """Open a member of a backup.

    Raises
    ------
    KeyError
        There is none of that name.
    """
    found = tar.extractfile(name)
    if found is None:
        raise KeyError(f"{name} is no file")
    return found
