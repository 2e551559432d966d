"""Votes of versions that were applied before, as the store still has them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labeling.development.bench import Bench
from labeling.project import Project
from labeling.store import voters
from labeling.types import Bools
from labeling.votes import VoteStore
from labeling.votes.alignment import stored_votes


@dataclass(frozen=True)
class VersionPair:
    """One voter before and after: fingerprints, None where it was not there."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class StoredVotes:
    """Votes of one version on n items; ``known`` tells on which of them it was applied, both shape (n,)."""

    codes: npt.NDArray[np.int8]
    known: Bools


def last_change(project: Project, present: Mapping[str, str]) -> list[VersionPair]:
    """Give the voters that differ between the last application and the one before it.

    Parameters
    ----------
    present : mapping of str to str
        Fingerprints of all voters by name, recorded columns included.
    """
    with project.store.read() as tx:
        last = voters.latest(tx)
        earlier = None if last is None else voters.application(tx, last.number - 1)
    if last is None or earlier is None:
        return []
    names = [*(n for n in present if n in last.versions), *(earlier.versions.keys() - last.versions.keys())]
    pairs = [VersionPair(name, earlier.versions.get(name), last.versions.get(name)) for name in names]
    return [pair for pair in pairs if pair.before != pair.after]


def edits(project: Project, present: Mapping[str, str], names: Collection[str]) -> list[VersionPair]:
    """Give the named voters that were applied in another version before.

    Parameters
    ----------
    present : mapping of str to str
        Fingerprints of all voters by name.
    """
    with project.store.read() as tx:
        pairs = [
            VersionPair(n, voters.previous_version(tx, n, present[n]), present[n])
            for n in present
            if n in names
        ]
    return [pair for pair in pairs if pair.before is not None]


def version_votes(bench: Bench, fingerprint: str) -> StoredVotes:
    """Read the votes of one version on the items of the pool."""
    project, digests = bench.project, bench.pool.items.digest_column
    return StoredVotes(
        *stored_votes(project.store, VoteStore(project.artifacts), digests, fingerprint, project.schema)
    )
