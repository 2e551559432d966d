"""Writing a backup while nobody else turns the loop."""

from __future__ import annotations

import io
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labeling.artifacts import sync_file
from labeling.backup.format import ABOUT, ARTIFACTS, STATE, About, file_digest
from labeling.backup.rows import copy_rows
from labeling.errors import QuorumError
from labeling.project import Project
from labeling.rounds.live import LEASE, LEASE_WAIT_SECONDS
from labeling.store import lease, manifest, open_store, state_digest
from labeling.store.clock import now


@dataclass(frozen=True)
class BackupReport:
    """What was written or restored."""

    file: str
    bytes: int
    artifacts: int
    rows: int
    state: str

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


def write_backup(project: Project, out: Path) -> BackupReport:
    """Write database and artifacts, as they are at one moment, into one file, which appears when it is whole.

    Raises
    ------
    Unavailable
        Another process turns the loop.
    QuorumError
        An artifact is missing or damaged: a backup without it could not be restored.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        lease.acquire(project.store, LEASE, wait=LEASE_WAIT_SECONDS),
        tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder,
    ):
        state, aside = Path(folder) / STATE, Path(folder) / out.name
        about = _copy_state(project, state)
        with tarfile.open(aside, "w") as tar:
            _add(tar, ABOUT, about.to_json())
            tar.add(state, STATE)
            for done, entry in enumerate(about.entries, 1):
                project.artifacts.read(entry)
                _add(tar, ARTIFACTS + entry.path, project.artifacts.data(entry))
                project.progress("copying artifacts", done, len(about.entries))
        sync_file(aside)
        aside.replace(out)
        sync_file(out.parent)
    return BackupReport(str(out), out.stat().st_size, len(about.entries), about.rows, about.state)


def _copy_state(project: Project, path: Path) -> About:
    copy = open_store(f"sqlite:///{path}")
    try:
        with project.store.read() as source, copy.write() as target:
            rows = copy_rows(source, target)
            entries, state = manifest.entries(source), state_digest(source)
            if state_digest(target) != state:
                raise QuorumError("backup: the copy of the database is not like it. Run `quorum doctor`.")
    finally:
        copy.close()
    return About(
        project=project.config.project,
        written_at=now(),
        state=state,
        database=file_digest(path),
        rows=rows,
        artifacts=tuple(asdict(entry) for entry in entries),
    )


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))
