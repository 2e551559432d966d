"""What all runs of a simulation share, in arrays and names alone, so that another process can take it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from labeling.certificates.units import Clusters
from labeling.config.sections import RoutingConfig
from labeling.simulation.arms import Arm
from labeling.simulation.habits import Habits
from labeling.types import (
    ABSTAIN,
    Bools,
    Codes,
    Floats,
    Ints,
    LabelSchema,
    Learner,
    VoteMatrix,
)


@dataclass(frozen=True)
class Plan:
    """How many answers there are.

    Parameters
    ----------
    labels : int
        In all, of both lanes.
    per_round : int
    audits : int
        How many of them go to the audit, in arms that have one.
    """

    labels: int
    per_round: int
    audits: int


@dataclass(frozen=True)
class Setting:
    """A pool of n items with what everybody needs who answers, learns or measures.

    Attributes
    ----------
    schema : LabelSchema
    routing : RoutingConfig
    plan : Plan
    habits : Habits
    digests : array of str, shape (n,)
    clusters : Clusters
        Of equal text.
    row_item : array of int, shape (n_rows,)
    gold, row_gold : array of int8, shape (n,) and (n_rows,)
        The truth of items and rows; -1 without. An item's rows may differ in it.
    dev, slices : mask, shape (n,)
        Items in the dev split, and in a critical slice.
    votes : VoteMatrix
    posterior : array, shape (n, k), or None
        What the label model makes of them without any label.
    features : array of float32, shape (n, d)
    new_learner, new_baseline : callable
    digest : str
        Of all that a run depends on but its arm and seed.
    """

    schema: LabelSchema
    routing: RoutingConfig
    plan: Plan
    habits: Habits
    digests: npt.NDArray[np.object_] = field(repr=False)
    clusters: Clusters = field(repr=False)
    row_item: Ints = field(repr=False)
    gold: Codes = field(repr=False)
    row_gold: Codes = field(repr=False)
    dev: Bools = field(repr=False)
    slices: Bools = field(repr=False)
    votes: VoteMatrix = field(repr=False)
    posterior: Floats | None = field(repr=False)
    features: npt.NDArray[np.float32] = field(repr=False)
    new_learner: Callable[..., Learner] = field(repr=False)
    new_baseline: Callable[..., Learner] = field(repr=False)
    digest: str

    def __len__(self) -> int:
        return len(self.digests)

    @property
    def known(self) -> Bools:
        """Mask, shape (n,): items whose truth is known."""
        return np.asarray(self.gold != ABSTAIN)

    def votes_of(self, arm: Arm) -> VoteMatrix:
        """Give the votes that an arm sees."""
        return self.votes if arm.votes else some_voters(self.votes, [])

    def learner(self, arm: Arm, seed: int) -> Learner:
        """Give a fresh learner of an arm; a strategy that there is not is an `InputError`."""
        if arm.baseline:
            return self.new_baseline(arm.baseline, len(self.schema), seed=seed)
        chosen = {} if arm.strategy is None else {"strategy": arm.strategy}
        return self.new_learner(seed=seed, **chosen)

    def started_learner(self, arm: Arm, seed: int) -> Learner:
        """Give a learner of an arm that has taken the pool."""
        learner = self.learner(arm, seed)
        learner.start(self.features, self.votes_of(arm), self.posterior if arm.votes else None)
        return learner


def some_voters(votes: VoteMatrix, voters: Sequence[str]) -> VoteMatrix:
    """Give the votes of some of the voters, in the order of the matrix."""
    kept = [j for j, name in enumerate(votes.voters) if name in voters]
    soft = {name: likelihood for name, likelihood in votes.soft.items() if name in voters}
    names = tuple(votes.voters[j] for j in kept)
    return VoteMatrix(votes.hard[:, kept], names, votes.n_classes, votes.classes, soft=soft)
