"""Cleaning up: files that nothing names any more, and on request votes of earlier versions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from labeling.apply.verdicts import KIND as EXAMPLES
from labeling.project import Project
from labeling.rounds.live import LEASE, LEASE_WAIT_SECONDS
from labeling.storage import CurrentVersions
from labeling.store import lease, manifest

SAFE_KINDS = ("votes", "block", EXAMPLES)
"""Kinds whose writers look whether a file is still there when they record it."""

GRACE_SECONDS = 60.0
"""A younger file of another kind may be about to be recorded."""


@dataclass(frozen=True)
class Cleaning:
    """What a clean-up freed.

    Attributes
    ----------
    files, bytes : int
        Removed.
    columns : int
        Columns of votes that were given up, of earlier versions of functions.
    young : int
        Files that nothing names and that are too young to be removed.
    """

    files: int
    bytes: int
    columns: int
    young: int

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


def clean(project: Project, *, old_versions: bool = False) -> Cleaning:
    """Remove the files that no row of the manifest names.

    Parameters
    ----------
    project : Project
    old_versions : bool
        Give up votes, and verdicts on examples, of versions that no function of the project has now, and
        features that the config does not ask for now.

    Raises
    ------
    Unavailable
        Another process turns the loop.
    """
    with lease.acquire(project.store, LEASE, wait=LEASE_WAIT_SECONDS) as held:
        current = CurrentVersions.of(project) if old_versions else None
        with project.store.write() as tx:
            held.check(tx)
            columns = 0
            if current is not None:
                present = manifest.entries(tx)
                old = current.old(project, present)
                manifest.remove(tx, old)
                columns = sum(entry.kind == "votes" for entry in old)
            # Nobody records while this transaction is open: what is garbage now stays garbage.
            garbage = project.artifacts.garbage(manifest.entries(tx))
            ripe = [path for path in garbage if _is_ripe(project, path)]
            freed = sum(map(project.artifacts.size, ripe))
            project.artifacts.remove(ripe)
    return Cleaning(len(ripe), freed, columns, len(garbage) - len(ripe))


def _is_ripe(project: Project, path: str) -> bool:
    return path.startswith(tuple(f"{kind}/" for kind in SAFE_KINDS)) or (
        project.artifacts.age(path) > GRACE_SECONDS
    )
