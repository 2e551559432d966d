"""Cleaning up: files that nothing names any more, and on request votes of earlier versions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from labeling.apply.verdicts import KIND as EXAMPLES
from labeling.apply.verdicts import Verdicts
from labeling.pool import project_functions
from labeling.pool.spaces import entries_of_other_spaces
from labeling.project import Project
from labeling.rounds.live import LEASE, LEASE_WAIT_SECONDS
from labeling.store import lease, manifest
from labeling.types import digest_of

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
        current = _current_keys(project) if old_versions else None
        with project.store.write() as tx:
            held.check(tx)
            columns = 0
            if current is not None:
                present = manifest.entries(tx)
                old = [e for e in present if _is_old(e, *current)]
                old += entries_of_other_spaces(present, project, project.new_space())
                manifest.remove(tx, old)
                columns = sum(entry.kind == "votes" for entry in old)
            # Nobody records while this transaction is open: what is garbage now stays garbage.
            garbage = project.artifacts.garbage(manifest.entries(tx))
            ripe = [path for path in garbage if _is_ripe(project, path)]
            freed = sum(map(project.artifacts.size, ripe))
            project.artifacts.remove(ripe)
    return Cleaning(len(ripe), freed, columns, len(garbage) - len(ripe))


def _current_keys(project: Project) -> tuple[frozenset[str], frozenset[str]]:
    """Give the versions of votes and the keys of examples that the present functions have."""
    functions, text_field = project_functions(project), project.config.items.text_field
    verdicts = Verdicts(project.store, project.artifacts, text_field)
    versions = frozenset(digest_of(f.fingerprint, text_field) for f in functions)
    return versions, frozenset(map(verdicts.key, functions))


def _is_old(entry: manifest.ManifestEntry, versions: frozenset[str], examples: frozenset[str]) -> bool:
    if entry.kind == "votes":
        return entry.key.rpartition("/")[2] not in versions
    return entry.kind == EXAMPLES and entry.key not in examples


def _is_ripe(project: Project, path: str) -> bool:
    return path.startswith(tuple(f"{kind}/" for kind in SAFE_KINDS)) or (
        project.artifacts.age(path) > GRACE_SECONDS
    )
