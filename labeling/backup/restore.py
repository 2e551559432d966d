"""Restoring a backup into an empty project: every file is checked before anything is written."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path

from labeling.artifacts import data_digest
from labeling.backup.format import ARTIFACTS, STATE, About, file_digest, member, open_backup
from labeling.backup.rows import copy_rows, row_count
from labeling.backup.write import BackupReport
from labeling.errors import InputError
from labeling.project import Project
from labeling.rounds.live import LEASE
from labeling.store import ManifestEntry, Store, lease, open_store, state_digest


def restore(project: Project, file: Path) -> BackupReport:
    """Put database and artifacts back; the database comes last, in one transaction.

    Raises
    ------
    InputError
        The file is no whole backup, or is one of another project; or this project holds something already.
    Unavailable
        A newer program wrote it.
    """
    tar, about = open_backup(file)
    with tar, lease.acquire(project.store, LEASE) as held:
        _check_target(project, about, file)
        for entry in about.entries:
            _artifact(tar, entry, file)
        with tempfile.TemporaryDirectory() as folder:
            copy = _state(tar, Path(folder), about, file)
            try:
                for done, entry in enumerate(about.entries, 1):
                    project.artifacts.put(entry, _artifact(tar, entry, file))
                    project.progress("restoring artifacts", done, len(about.entries))
                with copy.read() as source, project.store.write() as target:
                    held.check(target)
                    rows = copy_rows(source, target)
                    if state_digest(target) != state_digest(source):
                        raise InputError(f"{file}: its database did not arrive whole. Nothing was restored.")
            finally:
                copy.close()
    return BackupReport(str(file), file.stat().st_size, len(about.entries), rows, about.state)


def _check_target(project: Project, about: About, file: Path) -> None:
    if about.project != project.config.project:
        raise InputError(
            f"{file}: is a backup of {about.project!r}, the config is of {project.config.project!r}. "
            "Name the config that the backup is of."
        )
    with project.store.read() as tx:
        present = row_count(tx)
    if present:
        raise InputError(
            f"{project.store.place}: holds {present:,} rows already, and a backup is restored into nothing. "
            "Move it away, or point state.url at another database."
        )


def _artifact(tar: tarfile.TarFile, entry: ManifestEntry, file: Path) -> bytes:
    """Read the file of an entry and make sure that it is the one that was written."""
    try:
        with member(tar, ARTIFACTS + entry.path) as found:
            data = found.read()
        if data_digest(data) == entry.digest:
            return data
        what = "has another content"
    except (KeyError, OSError, ValueError, tarfile.TarError, EOFError) as error:
        what = f"cannot be read ({error})"
    raise InputError(f"{file}: {entry.path} in it {what}. Nothing was restored; take another backup.")


def _state(tar: tarfile.TarFile, folder: Path, about: About, file: Path) -> Store:
    path, what = folder / STATE, "has another content"
    try:
        with member(tar, STATE) as found, path.open("wb") as out:
            shutil.copyfileobj(found, out)
    except (KeyError, OSError, tarfile.TarError, EOFError) as error:
        what = f"cannot be read ({error})"
    if not path.exists() or file_digest(path) != about.database:
        raise InputError(f"{file}: the database in it {what}. Nothing was restored; take another backup.")
    return open_store(f"sqlite:///{path}")
