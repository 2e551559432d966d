"""What is looked at of a project's state: its artifacts, releases, jobs, lease and disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from labeling.errors import QuorumError
from labeling.project import Project
from labeling.storage import Use, storage_use
from labeling.store import ManifestEntry, jobs, manifest, promotions, releases

LEAST_FREE_BYTES = 1 << 30
GIGABYTE = 1_000_000_000
YOUNG_SECONDS = 60.0
MADE_ONCE = ("accepted", "release", "release_votes", "release_answers", "scores", "routes")
"""Kinds that no run brings back as they were."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool
    detail: str
    remedy: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


def attempt(what: str, look: Callable[[], str], remedy: str) -> Finding:
    """Look at one thing; an error becomes a finding."""
    try:
        return Finding(what, True, look())
    except QuorumError as error:
        return Finding(what, False, str(error), remedy)


def examine_state(project: Project) -> list[Finding]:
    """Look at all that is kept of a project; nothing is repaired."""
    return [_artifacts(project), _storage(project), _release(project), _job(project), _disk(project)]


def _artifacts(project: Project) -> Finding:
    with project.store.read() as tx:
        entries = manifest.entries(tx)
    looks = [(e.kind, attempt(e.path, partial(_rows_of, project, e), "")) for e in _one_each(entries)]
    broken = [(kind, found) for kind, found in looks if not found.ok]
    if not broken:
        return Finding("artifacts", True, f"{len(looks)} are whole")
    lost = any(kind in MADE_ONCE for kind, _ in broken)
    remedy = "Restore a backup: no run brings these back." if lost else "Run `quorum run` again."
    return Finding("artifacts", False, "; ".join(found.detail for _, found in broken), remedy)


def _one_each(entries: list[ManifestEntry]) -> list[ManifestEntry]:
    return list({entry.path: entry for entry in entries}.values())


def _rows_of(project: Project, entry: ManifestEntry) -> str:
    return str(project.artifacts.read(entry).num_rows)


def _storage(project: Project) -> Finding:
    try:
        use = storage_use(project, young=YOUNG_SECONDS)
    except QuorumError as error:
        return Finding("storage", False, str(error), "Mend the file that is named.")
    limit = project.config.state.disk
    said = ", ".join(f"{kind} {_size(n)}" for kind, n in use.kinds.items()) or "nothing yet"
    allowed = "" if limit is None else f" of {limit:g} GB"
    detail = f"{_size(use.total)}{allowed}: {said}{_may_go(use)}"
    past = limit is not None and use.total > limit * GIGABYTE
    return Finding("storage", not past, detail, "Clean up, or raise state.disk.")


def _may_go(use: Use) -> str:
    parts = []
    if use.orphans:
        parts.append(
            f"`quorum clean` frees {_size(use.orphan_bytes)} that nothing names ({use.orphans:,} files)"
        )
    if use.old_bytes:
        parts.append(f"`quorum clean --old-versions` frees {_size(use.old_bytes)} of earlier versions")
    return "".join(f"; {part}" for part in parts)


def _size(n: int) -> str:
    return f"{n / 1e9:,.1f} GB" if n >= GIGABYTE else f"{n / 1e6:,.1f} MB"


def _release(project: Project) -> Finding:
    with project.store.read() as tx:
        last, current = releases.latest(tx), promotions.latest(tx)
    if last is None:
        return Finding("releases", True, "none yet")
    number = current.release if current else "none"
    behind = "" if number == last.number else f"; `quorum promote {last.number}` makes the last one current"
    return Finding("releases", True, f"{last.number}, the current one is {number}{behind}")


def _job(project: Project) -> Finding:
    with project.store.read() as tx:
        last = jobs.latest(tx)
    if last is None:
        return Finding("jobs", True, "none yet")
    said = f"the last one, {last.number}, ended {last.ended_at[:19]}: {last.status}"
    return Finding(
        "jobs", last.status != "held", said, "`quorum jobs --json` says why; then `quorum promote N`."
    )


def _disk(project: Project) -> Finding:
    config = project.config
    place = Path(config.artifacts) if "://" not in config.artifacts else config.root
    free = shutil.disk_usage(next(p for p in (place, *place.parents) if p.exists())).free
    enough = free >= LEAST_FREE_BYTES
    return Finding("disk", enough, f"{free / (1 << 30):.1f} GiB free", "Make room on the disk.")
