"""What a report starts from: pool, people, the last round and the labels that are given out by it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from labeling.export import CERTIFIED, GivenLabels, given_labels, round_routes
from labeling.pool import Pool, load_pool
from labeling.pool.people import People, read_people
from labeling.project import Project
from labeling.store import Round, manifest, rounds
from labeling.types import ABSTAIN, Bools, Codes


@dataclass(frozen=True)
class Present:
    """The state of a project of n items.

    Attributes
    ----------
    project : Project
    pool : Pool
    people : People
    latest : Round or None
        The last round.
    given : GivenLabels or None
        What is given out by it.
    machine : array of int8, shape (n,)
        The scorer's labels; -1 where the last round had no such item.
    """

    project: Project = field(repr=False)
    pool: Pool = field(repr=False)
    people: People = field(repr=False)
    latest: Round | None
    given: GivenLabels | None = field(repr=False)
    machine: Codes = field(repr=False)

    @property
    def accepted(self) -> Bools:
        """Mask, shape (n,): items whose machine label is accepted under a certificate."""
        sources = self.given.sources if self.given else [None] * len(self.pool)
        return np.fromiter((s == CERTIFIED for s in sources), dtype=bool, count=len(self.pool))

    @property
    def in_review(self) -> Bools:
        """Mask, shape (n,): items that wait for somebody's answer, in whatever lane."""
        people = self.people
        waiting = (people.open_review, people.open_audit, people.open_repeats, people.open_doubles)
        return self.among(frozenset(task.digest for tasks in waiting for task in tasks))

    @property
    def answered(self) -> Bools:
        """Mask, shape (n,): items that people gave a label, auditors included."""
        gold = self.people.gold.values()
        return self.among(frozenset(g.digest for g in gold if g.label is not None))

    def among(self, digests: frozenset[str]) -> Bools:
        """Mask, shape (n,): items whose content digest is in a set."""
        return np.fromiter((d in digests for d in self.pool.items.digests), dtype=bool, count=len(self.pool))

    def rows(self, mask: Bools) -> int:
        """Count the rows that hold some items."""
        return int(mask[self.pool.items.row_item].sum())


def read_present(project: Project) -> Present:
    """Read the state of a project; functions vote on what they have not seen.

    Raises
    ------
    InputError
        Of the data or the functions.
    """
    pool = load_pool(project, tells_refused=False)
    with project.store.read() as tx:
        people, latest = read_people(tx, project.schema), rounds.latest(tx)
    given = None
    if latest is not None:
        given = given_labels(project, pool, latest, round_routes(project, latest, pool.items.digests))
    return Present(project, pool, people, latest, given, machine_labels(project, pool, latest))


def machine_labels(project: Project, pool: Pool, latest: Round | None) -> Codes:
    """Give the labels of the last round's scorer, shape (n,); -1 of items that it did not score."""
    index, codes = project.schema.index, np.full(len(pool), ABSTAIN, dtype=np.int8)
    if latest is None:
        return codes
    with project.store.read() as tx:
        entry = manifest.find(tx, "scores", latest.scorer)
    if entry is None:
        return codes
    table = project.artifacts.read(entry)
    named = dict(zip(table["digest"].to_pylist(), table["label"].to_pylist(), strict=True))
    for i, digest in enumerate(pool.items.digests):
        codes[i] = index.get(named.get(digest, ""), ABSTAIN)
    return codes
