"""The pool of a round: all items with their votes, features and known labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from labeling.apply import FunctionApplier, Limits
from labeling.config.suggest import did_you_mean
from labeling.errors import InputError
from labeling.items import Items, KnownLabels, gold_labels, recorded_votes
from labeling.lf.examples import Voter
from labeling.lf.loading import load_functions
from labeling.lf.vector import VectorFunction
from labeling.pool.dev import dev_split
from labeling.pool.features import pool_features as pool_features
from labeling.pool.prelabels import project_voters, take_prelabels
from labeling.pool.stored import stored_items
from labeling.project import Project
from labeling.store import voters
from labeling.types import ABSTAIN, Bools
from labeling.votes import VoteStore
from labeling.votes.applied import AppliedVotes, join_votes, take_recorded


@dataclass(frozen=True)
class Pool:
    """Items, their votes and what the config's gold column knows of them.

    Attributes
    ----------
    items : Items
        n unique contents.
    applied : AppliedVotes
        Votes of m voters.
    known : KnownLabels or None
        The gold column, whatever its use.
    slices : mask, shape (n,)
        Items in a critical slice.
    dev : mask, shape (n,)
        Items in the dev split.
    conflicts : mapping of str to int
        Items whose rows disagree, by recorded column.
    left_out : tuple of str
        A line for each language model that has no say yet.
    """

    items: Items
    applied: AppliedVotes
    known: KnownLabels | None = field(repr=False)
    slices: Bools = field(repr=False)
    dev: Bools = field(repr=False)
    conflicts: dict[str, int]
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def score_gold(self) -> npt.NDArray[np.int8]:
        """Known labels by item, shape (n,), -1 without: for reports and simulation."""
        return np.full(len(self), ABSTAIN, dtype=np.int8) if self.known is None else self.known.labels


def load_pool(
    project: Project,
    *,
    held_out: tuple[str, ...] = (),
    functions: Sequence[Voter] | None = None,
    tells_refused: bool = True,
) -> Pool:
    """Read the items and have everybody vote who has not yet.

    Parameters
    ----------
    project : Project
    held_out : tuple of str
        Columns of known labels beside those that the config names.
    functions : sequence of Voter, optional
        The project's functions, where they are loaded already.
    tells_refused : bool
        Whether voters that do not vote are told as progress; not where the result tells them.

    Raises
    ------
    InputError
        Of the data or the functions.
    """
    config = project.config
    items = stored_items(project, held_out=held_out)
    recorded = recorded_votes(items, config)
    codes = {name: column for name, column in recorded.codes.items() if name not in project.without}
    functions = project_functions(project) if functions is None else functions
    asked = project_voters(project, items.public_fields)
    check_names(project, [*(str(f.name) for f in functions), *codes, *asked.names])
    n, k = len(items), len(project.schema)
    votes, limits = VoteStore(project.artifacts), source_limits(project)
    applier = FunctionApplier(items, project.schema, project.store, votes, project.progress, limits)
    parts = [applier.apply(functions)] if functions else []
    _record_versions(project, parts)
    prelabels = take_prelabels(project, items, asked)
    if tells_refused:
        _tell_refused(project, parts, prelabels.left_out)
    applied = join_votes([*parts, take_recorded(codes, n, k), prelabels.applied], n, k)
    column = held_out[0] if held_out else (config.gold.column if config.gold else None)
    known = gold_labels(items, column, project.schema) if column else None
    conflicts = {name: count for name, count in recorded.conflicts.items() if count}
    slices, dev = critical_slices(project, items), dev_split(project, items)
    return Pool(items, applied, known, slices, dev, conflicts, prelabels.left_out)


def _tell_refused(project: Project, applied: Sequence[AppliedVotes], left_out: Sequence[str]) -> None:
    refused = [f"{run.name} does not vote: {run.refused}" for p in applied for run in p.runs if run.refused]
    for line in (*refused, *left_out):
        project.progress(line, 0, 0)


def _record_versions(project: Project, applied: Sequence[AppliedVotes]) -> None:
    versions = {run.name: run.fingerprint for part in applied for run in part.runs}
    with project.store.read() as tx:
        last = voters.latest(tx)
    if versions and (last is None or last.versions != versions):
        with project.store.write() as tx:
            voters.record_versions(tx, versions.items())


def seed_gold(project: Project, pool: Pool) -> npt.NDArray[np.int8]:
    """Known labels that the config gives to the loop, shape (n,), -1 without."""
    gold = project.config.gold
    if gold is None or gold.use != "seed":
        return np.full(len(pool), ABSTAIN, dtype=np.int8)
    return pool.score_gold


def never_audited(project: Project, pool: Pool) -> Bools:
    """Mask, shape (n,): items outside the audit from the start: known to the loop, or in the dev split."""
    return np.asarray((seed_gold(project, pool) != ABSTAIN) | pool.dev)


def project_functions(project: Project) -> list[Voter]:
    """Load the functions that the config names, in its order.

    Raises
    ------
    InputError
        A file does not run, or a builder votes for what is no class.
    """
    sources = [voter.functions for voter in project.config.voters if voter.functions]
    names = project.schema.names
    loaded = {source: _load(project, source) for source in sources}
    wrong = [
        said for source, functions in loaded.items() for said in _strange_classes(source, functions, names)
    ]
    if wrong:
        raise InputError(*wrong)
    found = [function for source in sources for function in loaded[source]]
    return [function for function in found if str(function.name) not in project.without]


def _load(project: Project, source: str) -> Sequence[Voter]:
    root, names = project.config.root, project.schema.names
    reader = project.readers.get(Path(source).suffix)
    if reader is not None:
        return reader((root / source).absolute(), names)
    return load_functions(source, root, names, lambda said: project.progress(said, 0, 0))


def _strange_classes(source: str, functions: Iterable[Voter], names: Sequence[str]) -> list[str]:
    """Say which builders vote for what is no class; Python functions tell only when they are called."""
    declared = ((f.name, c) for f in functions if isinstance(f, VectorFunction) for c in f.classes)
    return [
        f"{source}: {name!r} votes for {c!r}, expected one of {', '.join(names)}.{did_you_mean(c, names)}"
        for name, c in declared
        if c not in names
    ]


def source_limits(project: Project) -> dict[str, Limits]:
    """Give what the functions of each source may take, as the config has it."""
    return {v.functions: Limits(v.time_limit, v.max_fault_rate) for v in project.config.voters if v.functions}


def check_names(project: Project, voters: Iterable[str]) -> None:
    """Make sure that every voter, of whatever source, has a name of its own.

    Raises
    ------
    InputError
        Two have the same.
    """
    place = project.config.place("voters")
    twice = [name for name, times in Counter(voters).items() if times > 1]
    if twice:
        raise InputError(*(f"{place}: {name!r} is the name of two voters. Rename one." for name in twice))


def critical_slices(project: Project, items: Items) -> Bools:
    """Mask, shape (n,): items in a slice that people always see."""
    inside = np.zeros(len(items), dtype=bool)
    for chosen in project.config.slices.values():
        if chosen.critical:
            inside |= chosen.expression.mask(items.frame(chosen.expression.columns))
    return inside
