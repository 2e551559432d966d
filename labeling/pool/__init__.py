"""The pool of a round: all items with their votes, features and known labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from labeling.apply import FunctionApplier
from labeling.errors import InputError
from labeling.items import Items, KnownLabels, gold_labels, read_items, recorded_votes
from labeling.lf import LabelingFunction
from labeling.lf.loading import load_functions
from labeling.project import Project
from labeling.store import manifest
from labeling.types import ABSTAIN, Bools, Learner, digest_of
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
    conflicts : mapping of str to int
        Items whose rows disagree, by recorded column.
    """

    items: Items
    applied: AppliedVotes
    known: KnownLabels | None = field(repr=False)
    slices: Bools = field(repr=False)
    conflicts: dict[str, int]

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def score_gold(self) -> npt.NDArray[np.int8]:
        """Known labels by item, shape (n,), -1 without: for reports and simulation."""
        return np.full(len(self), ABSTAIN, dtype=np.int8) if self.known is None else self.known.labels


def load_pool(project: Project, *, held_out: tuple[str, ...] = ()) -> Pool:
    """Read the items and have everybody vote who has not yet.

    Raises
    ------
    InputError
        Of the data or the functions.
    """
    config = project.config
    items = read_items(config, held_out=held_out)
    recorded = recorded_votes(items, config)
    functions = project_functions(project)
    check_names(project, [*(f.name for f in functions), *recorded.codes])
    n, k = len(items), len(project.schema)
    applier = FunctionApplier(
        items, project.schema, project.store, VoteStore(project.artifacts), project.progress
    )
    parts = [applier.apply(functions)] if functions else []
    applied = join_votes([*parts, take_recorded(recorded.codes, n, k)], n, k)
    column = held_out[0] if held_out else (config.gold.column if config.gold else None)
    known = gold_labels(items, column, project.schema) if column else None
    conflicts = {name: count for name, count in recorded.conflicts.items() if count}
    return Pool(items, applied, known, critical_slices(project, items), conflicts)


def seed_gold(project: Project, pool: Pool) -> npt.NDArray[np.int8]:
    """Known labels that the config gives to the loop, shape (n,), -1 without."""
    gold = project.config.gold
    if gold is None or gold.use != "seed":
        return np.full(len(pool), ABSTAIN, dtype=np.int8)
    return pool.score_gold


def project_functions(project: Project) -> list[LabelingFunction]:
    """Load the Python functions that the config names, in its order."""
    sources = [voter.functions for voter in project.config.voters if voter.functions]
    names = project.schema.names
    return [f for source in sources for f in load_functions(source, project.config.root, names)]


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
            inside |= chosen.expression.mask(items.fields)
    return inside


def pool_features(project: Project, items: Items, learner: Learner) -> npt.NDArray[np.float32]:
    """Give the features of all items, shape (n, d): read where they were extracted before, else extracted."""
    key = digest_of(learner.feature_space_id, items.text_field, items.digests.tolist())
    with project.store.read() as tx:
        entry = manifest.find(tx, "features", key)
    if entry is not None:
        return project.artifacts.read_array(entry)
    project.progress("features", 0, len(items))
    features = learner.features(items.texts)
    project.progress("features", len(items), len(items))
    entry = project.artifacts.write_array("features", features, key=key)
    with project.store.write() as tx:
        manifest.record(tx, entry)
    return features
