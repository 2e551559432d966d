"""What an edit changed: votes that were gained, lost or flipped, and the labels that follow."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from labeling.development.bench import Bench, argmax_labels, check_voters, open_bench, weigh
from labeling.development.hits import hits
from labeling.development.moves import Change, Codes, MovedItem, describe_change
from labeling.development.versions import StoredVotes, VersionPair, edits, last_change, version_votes
from labeling.lf.examples import Voter
from labeling.pool import project_functions
from labeling.project import Project
from labeling.store import voters
from labeling.types import ABSTAIN, Bools, Ints, VoteMatrix

SHOWN_VERSION = 12
"""Characters of a fingerprint that tell versions apart."""


@dataclass(frozen=True)
class VoterChange:
    """One voter before and after; a version is None where the voter was not there."""

    name: str
    before: str | None
    after: str | None
    change: Change

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        versions = {"name": self.name, "before": self.before, "after": self.after}
        return versions | self.change.to_dict()


@dataclass(frozen=True)
class DiffReport:
    """What changed between two versions of some voters.

    Attributes
    ----------
    fresh : bool
        Whether this very run applied the change; else it was applied at ``applied_at`` (ISO 8601, UTC).
    compared, items : int
        Items on which both versions were applied, of all.
    voters : tuple of VoterChange
        Empty where nothing changed.
    labels : Change or None
        Of the label model's most probable class; None where nothing changed.
    """

    fresh: bool
    applied_at: str | None
    compared: int
    items: int
    voters: tuple[VoterChange, ...] = ()
    labels: Change | None = None
    remark: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "fresh": self.fresh,
            "applied_at": self.applied_at,
            "compared": self.compared,
            "items": self.items,
            "voters": [v.to_dict() for v in self.voters],
            "labels": self.labels.to_dict() if self.labels else None,
            "remark": self.remark,
        }


def compare_versions(project: Project, names: Collection[str] = (), limit: int = 5) -> DiffReport:
    """Apply what changed, and compare with the versions that were applied before.

    Parameters
    ----------
    names : collection of str
        Voters to compare with their own previous versions; if empty, all that the last application changed.
    limit : int
        Items shown of each kind of change.

    Raises
    ------
    InputError
        No voter has one of the names; or of the data or the functions.
    """
    earlier, functions = _last_application(project), project_functions(project)
    bench = open_bench(project, functions)
    latest = _last_application(project)
    present = {run.name: run.fingerprint for run in bench.pool.applied.runs}
    check_voters(names, present)
    pairs = edits(project, present, names) if names else last_change(project, present)
    fresh = latest is not None and (earlier is None or earlier.number != latest.number)
    applied_at = latest.applied_at if latest else None
    if not pairs:
        return DiffReport(fresh, applied_at, 0, len(bench.pool), remark=_nothing(names))
    return _compare(bench, {str(f.name): f for f in functions}, pairs, limit, fresh, applied_at)


def compare_edits(project: Project, present: Mapping[str, str]) -> tuple[DiffReport, ...]:
    """Compare each voter with its own previous version, edit by edit; no items are shown.

    Parameters
    ----------
    present : mapping of str to str
        Fingerprints of all voters by name.

    Raises
    ------
    InputError
        Of the data or the functions.
    """
    pairs = edits(project, present, present)
    if not pairs:
        return ()
    functions = project_functions(project)
    bench, named = open_bench(project, functions), {str(f.name): f for f in functions}
    return tuple(_compare(bench, named, [pair], 0, False, None) for pair in pairs)


def _last_application(project: Project) -> voters.Application | None:
    with project.store.read() as tx:
        return voters.latest(tx)


def _nothing(names: Collection[str]) -> str:
    if names:
        return f"nothing to compare: {', '.join(names)} was applied in one version only"
    return "nothing changed: the voters were applied in one version only"


def _compare(
    bench: Bench,
    functions: Mapping[str, Voter],
    pairs: Sequence[VersionPair],
    limit: int,
    fresh: bool,
    applied_at: str | None,
) -> DiffReport:
    stored = {pair.name: version_votes(bench, pair.before) for pair in pairs if pair.before}
    rows = np.flatnonzero(_known(stored, len(bench.pool)))
    past, present = _matrices(bench, pairs, stored, rows)

    def change(before: Codes, after: Codes, function: Voter | None = None) -> Change:
        show = partial(_show, bench, rows, function, after)
        return describe_change(before, after, bench.gold[rows], bench.name, show, limit)

    return DiffReport(
        fresh=fresh,
        applied_at=applied_at,
        compared=len(rows),
        items=len(bench.pool),
        voters=tuple(
            VoterChange(
                pair.name,
                _shortened(pair.before),
                _shortened(pair.after),
                change(
                    _column(past, pair.name),
                    _column(present, pair.name),
                    functions.get(pair.name),
                ),
            )
            for pair in pairs
        ),
        labels=change(_labels(bench, past), _labels(bench, present)),
        remark=None if len(rows) else "the votes of the version before are not stored any more",
    )


def _show(bench: Bench, rows: Ints, function: Voter | None, codes: Codes, i: int) -> MovedItem:
    items, item = bench.pool.items, int(rows[i])
    text = items.texts[item]
    matched = hits(function, text) if codes[i] != ABSTAIN else ()
    return MovedItem(items.row_of_item(item), text, bench.name(bench.gold[item]), matched)


def _shortened(version: str | None) -> str | None:
    return version[:SHOWN_VERSION] if version else None


def _known(stored: Mapping[str, StoredVotes], n: int) -> Bools:
    known = np.ones(n, dtype=bool)
    for votes in stored.values():
        known &= votes.known
    return known


def _matrices(
    bench: Bench, pairs: Sequence[VersionPair], stored: Mapping[str, StoredVotes], rows: Ints
) -> tuple[VoteMatrix, VoteMatrix]:
    """Give the votes before and after on some items, each with the voters that were there."""
    present = VoteMatrix(bench.votes.hard[rows], bench.votes.voters, bench.votes.n_classes)
    added = {pair.name for pair in pairs if pair.before is None}
    gone = [pair.name for pair in pairs if pair.after is None]
    voters_before = [*(v for v in present.voters if v not in added), *gone]
    past = np.empty((len(rows), len(voters_before)), dtype=np.int8)
    for j, voter in enumerate(voters_before):
        past[:, j] = stored[voter].codes[rows] if voter in stored else _column(present, voter)
    return VoteMatrix(past, tuple(voters_before), present.n_classes), present


def _column(votes: VoteMatrix, name: str) -> Codes:
    if name not in votes.voters:
        return np.full(len(votes), ABSTAIN, dtype=np.int8)
    return votes.hard[:, votes.voters.index(name)]


def _labels(bench: Bench, votes: VoteMatrix) -> Codes:
    model = weigh(bench.project, votes)
    if model is None:
        return np.full(len(votes), ABSTAIN, dtype=np.int8)
    return argmax_labels(model.posterior_of(votes), votes)
